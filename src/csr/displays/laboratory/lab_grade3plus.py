"""Table: laboratory results of grade 3 or 4 after baseline."""

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
from csr.endpoints.laboratory.laboratory import LAB_SEVERE, LIFE_THREATENING, NOT_GRADABLE, SEVERE
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Any term, then each: grade 3 or more, and grade 4 of those."""
    found = Lookup.of(results, LAB_SEVERE.name)
    columns = group_columns(params, found, None, SEVERE)
    terms: list[str | None] = [None, *found.levels_at(1)]
    lines: list[Line] = []
    for term in terms:
        lines.append(heading_line(term or "Any laboratory term", columns))
        for category in (SEVERE, LIFE_THREATENING, NOT_GRADABLE):
            if category == NOT_GRADABLE and not found.value("n", None, term, category):
                continue
            lines.append(count_line(params, found, category, term, category, indent=1))
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


DISPLAY = Display(
    name="lab-grade3plus",
    kind="table",
    section="14.3.4",
    order=20,
    title="Laboratory results of grade 3 or more after baseline",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(LAB_SEVERE,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "CTCAE v5.0 by value, whether reported as an adverse event or not. A result that is known "
        "as < or > a number only has the grade it has at least.",
        "Can't be graded: the unit, a limit, the baseline or the value is missing, or the record "
        "is at odds with itself; the reason is in ADLB (ATOXREAL, ATOXREAH).",
    ),
    source="ADLB",
)
