"""Table of the displays the library has and this report has not, and why."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("Display", "left", 1.5),
    Column("Why not", "left", 4.0),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per display that is left out."""
    return table_of(COLUMNS, adam["left_out"])


DISPLAY = Display(
    name="displays-left-out",
    kind="table",
    section="16.1",
    order=60,
    title="Displays not in this report",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads("left_out", "display", "why"),
    draw=draw,
    footnotes=(),
    source="params and data",
)
