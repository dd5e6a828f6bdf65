"""Table of what the checks of the data found."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Table
from csr.displays.tables.layout import table_of
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("Severity", "left", 0.9),
    Column("Where", "left", 1.5),
    Column("Check", "left", 1.4),
    Column("What", "left", 5.0),
    Column("Rows", "right", 0.7),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per finding, errors first; the rows themselves are in meta/findings.csv."""
    return table_of(COLUMNS, adam["findings"])


DISPLAY = Display(
    name="data-findings",
    kind="table",
    section="16.1",
    order=20,
    title="Findings in the data",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads("findings", "severity", "where", "check", "what", "rows"),
    draw=draw,
    footnotes=(
        "The rows of each finding, with their keys, are in meta/findings.csv of the build folder.",
    ),
    source="checks of the data",
)
