"""Table: time to response in confirmed responders."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import PORTRAIT_COLUMNS, Lookup, group_columns, group_levels
from csr.endpoints.efficacy.time_to_response import TTR_ANALYSIS
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_number

FROM = "From the first dose to the first CR or PR,"


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Responders, and the median, quartiles and range of their times."""
    found = Lookup.of(results, TTR_ANALYSIS.name)
    columns = group_columns(params, found)
    groups = group_levels(params)
    anyone = params.endpoints.unconfirmed_responders
    who = "Responders" if anyone else "Confirmed responders"
    counts = Line((who, *[fmt_count(found.value("n", g)) for g in groups]))
    lines = [counts]
    for label, stats in (
        ("Median (months)", ("median",)),
        ("25th, 75th percentile", ("q1", "q3")),
        ("Min, max", ("min", "max")),
        ("Mean", ("mean",)),
    ):
        cells = [", ".join(_said(found, stat, g) for stat in stats) for g in groups]
        lines.append(Line((label, *cells), indent=1))
    note = f"{FROM} in {'responders, confirmed or not' if anyone else 'confirmed responders only'}."
    wide = len(columns) > PORTRAIT_COLUMNS
    return Table(columns, tuple(lines), landscape=wide, notes=(note,))


def _said(found: Lookup, stat: str, group: str | None) -> str:
    return fmt_number(found.value(stat, group), 1)


DISPLAY = Display(
    name="ttr-summary",
    kind="table",
    section="14.2",
    order=47,
    title="Time to response",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(TTR_ANALYSIS,),
    needs=Needs(),
    draw=draw,
    source="Listing 16.2.6",
)
