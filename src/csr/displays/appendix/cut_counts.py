"""Table of what the data cut kept of each domain."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("Domain", "left", 0.9),
    Column("Rule", "left", 3.4),
    Column("Before", "right", 0.8),
    Column("After", "right", 0.8),
    Column("Removed", "right", 0.8),
    Column("Modified", "right", 0.8),
    Column("Undatable", "right", 0.9),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per domain, with the rule it was cut by."""
    return table_of(COLUMNS, adam["cut_counts"])


DISPLAY = Display(
    name="cut-counts",
    kind="table",
    section="16.1",
    order=15,
    title="The data cut: records before and after",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads(
        "cut_counts",
        *("domain", "rule", "rows_before", "rows_after"),
        *("removed", "modified", "undatable"),
    ),
    draw=draw,
    footnotes=(
        "Modified: records kept, of which a value was taken back. Undatable: without a date; kept.",
        "Not shown: counts that would tell of deaths after the cut-off (of subjects, of records "
        "that say that a subject died, and of records about records). Fatal events are in no count "
        "of modified records.",
    ),
    source="data cut",
)
