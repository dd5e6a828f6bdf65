"""Table: kinetic parameters of each infusion."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.kinetics_table import (
    COLUMNS,
    decimals,
    groups_shown,
    heading,
    summary_line,
    values_at,
)
from csr.displays.tables.layout import Lookup
from csr.endpoints.kinetics.kinetics_summary import (
    KINETICS_PARAMETERS,
    NAMED,
    PARAMETERS,
    parameter_names,
)
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per infusion and parameter, a line per group."""
    found = Lookup.of(results, PARAMETERS)
    names = parameter_names(adam)
    lines: list[Line] = []
    for infusion in found.levels_at(1):
        lines.append(heading(f"Infusion {infusion}"))
        for code in found.levels_at(2):
            shown = groups_shown(found, params, infusion, code)
            if not shown:
                continue
            places = decimals(values_at(results, PARAMETERS, "level3", code))
            lines.append(heading(names[code], indent=1))
            lines += [summary_line(found, lb, (g, infusion, code), places, 2) for g, lb in shown]
    return Table(COLUMNS, tuple(lines), landscape=True)


DISPLAY = Display(
    name="kinetics-parameters",
    kind="table",
    section="14.4",
    order=20,
    title="Cellular kinetic parameters by infusion",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(KINETICS_PARAMETERS,),
    needs=NAMED,
    draw=draw,
    footnotes=(
        "n: subjects with the parameter; n>0: those of the geometric mean and CV. A profile all "
        "below the limit of quantification has Cmax and areas of 0. Times and the half-life are "
        "described by median and range. NE: not estimable.",
    ),
    source="ADPP",
)
