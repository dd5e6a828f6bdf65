"""Table: how many subjects have a narrative, and why."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.layout import PORTRAIT_COLUMNS, Lookup, count_line, group_columns
from csr.endpoints.narratives.narratives import ANY, NARRATIVES
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per reason."""
    found = Lookup.of(results, NARRATIVES.name)
    columns = group_columns(params, found, ANY)
    reasons = found.levels_at(1)
    lines = [count_line(params, found, r, r, indent=int(r != ANY)) for r in reasons]
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


DISPLAY = Display(
    name="narrative-subjects",
    kind="table",
    section="14.3.3",
    order=10,
    title="Subjects with a narrative",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(NARRATIVES,),
    needs=Needs(),
    draw=draw,
    footnotes=("A subject may have a narrative for several reasons.",),
    source="ADSL, ADAE",
)
