"""Table: intercurrent events of progression-free survival."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.layout import PORTRAIT_COLUMNS, Lookup, count_line, group_columns
from csr.endpoints.efficacy.intercurrent_events import INTERCURRENT_EVENTS, ITEMS, NAME
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per kind of event."""
    found = Lookup.of(results, NAME)
    shown = [item for item in ITEMS if found.value("n", None, item) is not None]
    columns = group_columns(params, found, *shown[:1])
    lines = tuple(count_line(params, found, item, item) for item in shown)
    return Table(columns, lines, landscape=len(columns) > PORTRAIT_COLUMNS)


DISPLAY = Display(
    name="intercurrent-events",
    kind="table",
    section="14.2",
    order=33,
    title="Intercurrent events of progression-free survival",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(INTERCURRENT_EVENTS,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "A subject may have several. Before progression: on or before the end of PFS, or at any "
        "time where PFS is censored.",
    ),
    source="Listing 16.2.6",
)
