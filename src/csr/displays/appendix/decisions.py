"""Table of the decisions people took, with the value each replaced."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("Subject", "left", 1.3),
    Column("Item", "left", 0.8),
    Column("Decided", "left", 0.9),
    Column("Before", "left", 0.9),
    Column("Reason", "left", 3.0),
    Column("By", "left", 1.1),
    Column("Date", "left", 1.0),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per decision, in the order of the decisions file."""
    return table_of(COLUMNS, adam["decisions"])


DISPLAY = Display(
    name="decisions",
    kind="table",
    section="16.1",
    order=30,
    title="Decisions applied",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads("decisions", "subject", "item", "value", "before", "reason", "who", "date"),
    draw=draw,
    footnotes=(),
    source="decisions file",
)
