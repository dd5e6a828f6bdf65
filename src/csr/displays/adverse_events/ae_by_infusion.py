"""Table: adverse events by the infusion before them and by period."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.ae_strata_table import plain_columns, stratum_lines
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import Lookup
from csr.endpoints.adverse_events.ae_strata import AE_BY_INFUSION, AE_BY_PERIOD
from csr.params import Params
from csr.results import Adam, Needs, reads_either


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per number of infusion, then one per period."""
    infusions = Lookup.of(results, AE_BY_INFUSION.name)
    periods = Lookup.of(results, AE_BY_PERIOD.name)
    lines: list[Line] = []
    for number in infusions.levels_at(1):
        label = f"After infusion {number}" if number != "0" else "Before the first infusion"
        lines += stratum_lines(infusions, params, number, label)
    for period in periods.levels_at(1):
        lines += stratum_lines(periods, params, period, f"Period: {period.lower()}")
    return noted(Table(plain_columns(params), tuple(lines)), adam, params)


def needs(params: Params) -> Needs:
    """The infusion or the period of each event."""
    return noted_needs(params) + reads_either("adae", ["AINFN"], ["APERIOD", "APERIODC"])


DISPLAY = Display(
    name="ae-by-infusion",
    kind="table",
    section="14.3.1",
    order=50,
    title="Adverse events by infusion and by period",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(
        AE_BY_INFUSION,
        AE_BY_PERIOD,
    ),
    needs=needs,
    draw=draw,
    footnotes=(
        "By infusion: treatment-emergent events by the latest infusion before their start; N: "
        "subjects of the safety analysis set with that infusion.",
        "By period: all adverse events by their start, treatment-emergent or not; an event without "
        "a start date has no period. N: subjects who were observed to the first day of the period, "
        "or have an event in it. Day 0 is the day of the first infusion. NE: not estimable (of a "
        "subject no last day of observation is known).",
    ),
    source="Listing 16.2.7",
)
