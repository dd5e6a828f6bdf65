"""Table of what the data cut took back in the records it kept."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("Domain", "left", 0.9),
    Column("Rule", "left", 2.4),
    Column("Variable", "left", 1.2),
    Column("Values", "right", 0.8),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per domain, rule and variable."""
    return table_of(COLUMNS, adam["cut_resets"])


DISPLAY = Display(
    name="cut-resets",
    kind="table",
    section="16.1",
    order=16,
    title="The data cut: what was taken back",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads("cut_resets", "domain", "reset", "column", "cells"),
    draw=draw,
    footnotes=(
        "What became known after the data cut-off is taken back to what was so on that day.",
        "What was taken back for a death after the cut-off is not shown.",
    ),
    source="data cut",
)
