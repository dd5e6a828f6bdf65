"""Table of the monitored events against their stopping boundaries."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import Lookup
from csr.endpoints.dose_escalation.dlt import rules_of
from csr.endpoints.dose_escalation.stopping import STOPPING
from csr.params import Params
from csr.params.dose_escalation import StoppingRule
from csr.results import Adam
from csr.rounding import fmt_count, fmt_n_percent, fmt_number, fmt_percent

COLUMNS = (
    Column("Event", "left", 2.6),
    Column("Stop when\nP(rate > p0) > τ", "left", 1.5),
    Column("Subjects", "center", 0.8),
    Column("With event\nn (%)", "center", 1.0),
    Column("P(rate > p0)", "center", 1.0),
    Column("Stops at\nn ≥", "center", 0.8),
    Column("State", "left", 1.6),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per stopping rule; a boundary that is reached is set bold."""
    found = Lookup.of(results, STOPPING.name)
    lines = tuple(_line(found, rule, params) for rule in rules_of(params).stopping)
    return noted(Table(COLUMNS, lines), adam, params)


def _line(found: Lookup, rule: StoppingRule, params: Params) -> Line:
    n, share = found.value("n", rule.label), found.value("pct", rule.label)
    boundary, crossed = found.value("boundary", rule.label), found.value("crossed", rule.label)
    none = found.reason("boundary", rule.label)
    cells = (
        rule.label,
        f"p0 {fmt_percent(100 * rule.p0, 0)}%, τ {fmt_number(rule.tau, 2)}, "
        f"Beta({rule.a:g}, {rule.b:g})",
        fmt_count(found.value("N", rule.label)),
        fmt_n_percent(n, share, params.conventions.percent_decimals),
        fmt_number(found.value("prob_above", rule.label), 4),
        "–" if none else fmt_count(boundary),
        "Boundary reached: stop" if crossed else "Below the boundary",
    )
    return Line(cells, heading=bool(crossed))


DISPLAY = Display(
    name="stopping-boundaries",
    kind="table",
    section="14.3.0",
    order=70,
    title="Monitored events against their stopping boundaries",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(STOPPING,),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "DLT: among the DLT-evaluable. Other events: the first of each subject of the safety set; "
        "a subject whose window is still open counts only with an event. –: no count of events "
        "stops with so few subjects.",
    ),
    source="ADSL, ADAE",
)
