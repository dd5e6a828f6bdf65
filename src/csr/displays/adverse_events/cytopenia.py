"""Table: prolonged cytopenia."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    count_line,
    group_columns,
    heading_line,
)
from csr.endpoints.adverse_events.cytopenia import ANY, AT_ALL, CYTOPENIA, TERMS, categories
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per cytopenia: at all, and not recovered by each day."""
    found = Lookup.of(results, CYTOPENIA.name)
    columns = group_columns(params, found, ANY, AT_ALL)
    lines: list[Line] = []
    for term in (ANY, *TERMS.values()):
        lines.append(heading_line(term, columns))
        for category in categories(params):
            lines.append(count_line(params, found, category, term, category, indent=1))
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


DISPLAY = Display(
    name="cytopenia",
    kind="table",
    section="14.3.1",
    order=190,
    title="Prolonged cytopenia after the first infusion",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(CYTOPENIA,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "By laboratory values and CTCAE v5.0. Not recovered: the last result up to that day, "
        "within the days before it params allow, is of grade 3 or 4. Without results after a "
        "second infusion.",
    ),
    source="ADLB",
)
