"""Table of the programs that made the report."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("Program", "left", 2.0),
    Column("Version", "left", 3.0),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per program."""
    return table_of(COLUMNS, adam["versions"])


DISPLAY = Display(
    name="versions",
    kind="table",
    section="16.1",
    order=50,
    title="Program versions",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads("versions", "program", "version"),
    draw=draw,
    footnotes=(),
    source="manifest.json",
)
