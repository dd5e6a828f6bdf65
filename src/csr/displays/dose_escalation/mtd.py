"""Table of the maximum tolerated dose: estimates, what the rule says, the recommendation."""

from __future__ import annotations

import pandas as pd

from csr.displays.dose_escalation.escalation_decisions import last_word
from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import LABEL_WIDTH, Level, Lookup
from csr.endpoints.dose_escalation.dlt import DLT, DLT_SUMMARY, EVALUABLE, rules_of
from csr.endpoints.dose_escalation.mtd import MTD
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_percent

NAMES = {"3+3": "3+3", "boin": "BOIN"}
ESTIMATES = (
    ("shrunken", "DLT rate before pooling, (x + 0.05)/(n + 0.1), %"),
    ("isotonic", "DLT rate by isotonic regression, %"),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A column per dose; below, a line for each thing that can be said of the MTD."""
    found, rules = Lookup.of(results, MTD.name), rules_of(params)
    columns = (
        Column("", "left", LABEL_WIDTH + 1),
        *(Column(dose.label) for dose in rules.doses),
    )
    lines = [_counts(found, rules)]
    for stat, label in ESTIMATES:
        cells = [
            fmt_percent(found.value(stat, dose, None), params.conventions.percent_decimals)
            if found.value("n", dose, EVALUABLE)
            else "–"
            for dose in rules.values
        ]
        lines.append(Line((label, *cells)))
    lines += [_marked(found, rules, stat, label) for stat, label in _conclusions(found, rules)]
    lines.append(_recommended(rules))
    notes = () if rules.closed is None else (last_word(rules.closed),)
    return Table(columns, tuple(lines), notes=notes)


def _counts(found: Lookup, rules: DoseEscalation) -> Line:
    cells = [
        f"{fmt_count(found.value('n', dose, DLT))} / {fmt_count(found.value('n', dose, EVALUABLE))}"
        for dose in rules.values
    ]
    return Line(("DLT / DLT-evaluable", *cells))


def _conclusions(found: Lookup, rules: DoseEscalation) -> list[tuple[str, str]]:
    target = fmt_percent(100 * rules.target, 0)
    return [
        ("maximum_administered", "Maximum administered dose"),
        ("mtd", f"MTD by {NAMES[rules.rule]}"),
        ("mtd_isotonic", f"Dose whose isotonic rate is nearest to {target}%"),
    ]


def _marked(found: Lookup, rules: DoseEscalation, stat: str, label: str) -> Line:
    """A mark under the dose, or the reason why there is none beside the label."""
    level: Level = None
    place = found.value(stat, level, None)
    reason = found.reason(stat, level, None)
    marks = ["×" if place == i + 1 else "" for i in range(len(rules.doses))]
    return Line((f"{label}: {reason}" if reason else label, *marks), heading=stat == "mtd")


def _recommended(rules: DoseEscalation) -> Line:
    own = rules.recommended
    if own is None:
        return Line(("Recommended dose: none stated", *[""] * len(rules.doses)))
    marks = ["×" if dose == own.dose else "" for dose in rules.values]
    return Line((f"Recommended dose. {own.rationale}", *marks))


DISPLAY = Display(
    name="mtd",
    kind="table",
    section="14.3.0",
    order=60,
    title="Maximum tolerated dose",
    population="",
    audience=frozenset({"open", "closed"}),
    analyses=(MTD, DLT_SUMMARY),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "3+3: the MTD is the highest dose with at the most one DLT among six or more evaluable; "
        "where the rule would escalate beyond the highest planned dose, it is not reached. "
        "Isotonic regression (BOIN's weights) always gives a dose, whether or not the MTD was "
        "reached. The recommended dose and its rationale are stated in the params.",
    ),
    source="ADSL, ADAE",
)
