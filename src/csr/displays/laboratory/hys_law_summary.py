"""Table: subjects by peaks of aminotransferases and bilirubin."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.layout import PORTRAIT_COLUMNS, Lookup, count_line, group_columns
from csr.endpoints.laboratory.hys_law import ABOVE, CANDIDATE, HYS_LAW
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per criterion."""
    found = Lookup.of(results, HYS_LAW.name)
    columns = group_columns(params, found, CANDIDATE)
    lines = tuple(count_line(params, found, name, name) for name in (*ABOVE, CANDIDATE))
    return Table(columns, lines, landscape=len(columns) > PORTRAIT_COLUMNS)


DISPLAY = Display(
    name="hys-law-summary",
    kind="table",
    section="14.3.4",
    order=55,
    title="Aminotransferases and bilirubin after baseline",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(HYS_LAW,),
    needs=Needs(),
    draw=draw,
    footnotes=("Peaks after baseline, whenever each was.",),
    source="ADLB",
)
