"""Table of the source files the report was made from."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from csr.cut import NOT_PRINTED
from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("Dataset", "left", 1.0),
    Column("File", "left", 2.2),
    Column("Records", "right", 0.8),
    Column("Variables", "right", 0.8),
    Column("sha256", "left", 3.4),
)

UNTOLD = "Not shown: with the records in the cut it would tell of deaths after the cut-off."


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per source file, with its digest."""
    table = table_of(COLUMNS, adam["sources"])
    untold = (adam["sources"]["rows"] == NOT_PRINTED).any()
    return replace(table, notes=(UNTOLD,)) if untold else table


DISPLAY = Display(
    name="sources",
    kind="table",
    section="16.1",
    order=40,
    title="Source data",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads("sources", "dataset", "file", "rows", "columns", "sha256"),
    draw=draw,
    footnotes=(),
    source="manifest.json",
)
