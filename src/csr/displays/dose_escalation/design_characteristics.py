"""Table of the operating characteristics of 3+3 and BOIN in the scenarios of the params."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.dose_escalation.design_characteristics import (
    ALL,
    DESIGN_CHARACTERISTICS,
    DLTS,
    NONE,
    OVER,
    RULES,
    SELECTED,
    TREATED,
)
from csr.endpoints.dose_escalation.dlt import rules_of
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation
from csr.results import Adam, Needs
from csr.rounding import fmt_number, fmt_percent

NAMES = {"3+3": "3+3", "boin": "BOIN"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Under each scenario with its true rates, what each rule selects and how it treats."""
    rules = rules_of(params)
    found = Lookup.of(results, DESIGN_CHARACTERISTICS.name)
    labels = [dose.label for dose in rules.doses]
    columns = (
        Column("", "left", 3.4),
        *(Column(label, spanner="Selected as MTD, %") for label in [*labels, NONE]),
        *(Column(label, spanner="Mean subjects treated") for label in [*labels, ALL]),
        Column("Mean\nDLTs"),
        Column("% treated\nabove target"),
    )
    lines: list[Line] = []
    for scenario, truth in _scenarios(rules):
        rates = ", ".join(f"{fmt_percent(100 * p, 0)}%" for p in truth)
        blank = [""] * (len(columns) - 1)
        lines.append(Line((f"{scenario}: {rates}", *blank), heading=True))
        lines += [_line(found, rule, scenario, labels) for rule in RULES]
    return Table(columns, tuple(lines), landscape=True)


def _scenarios(rules: DoseEscalation) -> list[tuple[str, tuple[float, ...]]]:
    return list(rules.simulation.scenarios.items()) if rules.simulation else []


def _line(found: Lookup, rule: str, scenario: str, labels: list[str]) -> Line:
    def value(dose: str, quantity: str) -> str:
        return fmt_number(found.value("mean", rule, scenario, dose, quantity), 1)

    cells = (
        *(value(dose, SELECTED) for dose in [*labels, NONE]),
        *(value(dose, TREATED) for dose in [*labels, ALL]),
        value(ALL, DLTS),
        value(ALL, OVER),
    )
    return Line((NAMES[rule], *cells), indent=1)


DISPLAY = Display(
    name="design-characteristics",
    kind="table",
    section="14.3.0",
    order=80,
    title="Operating characteristics of 3+3 and BOIN, simulated",
    population="",
    audience=frozenset({"open", "closed"}),
    analyses=(DESIGN_CHARACTERISTICS,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Simulated trials from the seed of the params; every subject is evaluable. Beside each "
        "scenario stand the true DLT rates of the doses. 3+3 selects the dose it settles on, also "
        "where that is the highest and the MTD is not reached.",
    ),
    source="params",
)
