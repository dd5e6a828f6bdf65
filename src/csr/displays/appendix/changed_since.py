"""Table of what changed since the earlier cut that params name (`cut.since`)."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.params import Params
from csr.results import Adam, reads

COLUMNS = (
    Column("What", "left", 3.4),
    Column("Earlier cut", "right", 1.1),
    Column("This cut", "right", 1.1),
    Column("Cause", "left", 1.8),
    Column("Subjects", "left", 3.2),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Records, headline numbers of all subjects, corrected values; headings are in bold."""
    lines = []
    for cells in adam["changed_since"].itertuples(index=False, name=None):
        heading = not any(cells[1:])
        lines.append(Line(cells, indent=0 if heading else 1, heading=heading))
    return Table(COLUMNS, tuple(lines), landscape=True)


DISPLAY = Display(
    name="changed-since",
    kind="table",
    section="16.1",
    order=5,
    title="Changed since the earlier data cut",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads("changed_since", "what", "before", "now", "cause", "subjects"),
    draw=draw,
    footnotes=(
        "Numbers of subjects, events and medians over all groups that differ from the report of "
        "the earlier cut; every changed number is listed by csr diff.",
        "New data: records added, or carried on after the earlier cut-off. Corrected data: what "
        "stood in the earlier cut was wrong, or was removed. Convention: params differ.",
    ),
    source="the earlier build, compared",
)
