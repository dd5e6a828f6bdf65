"""Table of the source files the report was made from."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Dataset", "left", 1.0),
    Column("File", "left", 2.2),
    Column("Records", "right", 0.8),
    Column("Variables", "right", 0.8),
    Column("sha256", "left", 3.4),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per source file, with its digest."""
    return table_of(COLUMNS, adam["sources"])


DISPLAY = Display(
    name="sources",
    kind="table",
    section="16.1",
    order=40,
    title="Source data",
    population="",
    audience=frozenset({"open", "closed"}),
    datasets=("sources",),
    draw=draw,
    footnotes=(),
    source="manifest.json",
)
