"""Table: the reported grade of CRS and ICANS against the grade from components."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, heading_line
from csr.endpoints.adverse_events.cell_toxicity import CRS, ICANS
from csr.endpoints.adverse_events.toxicity_grades import CRS_COMPONENTS, LEVELS, NONE
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count

SPANNER = "Grade from components (episodes)"
COLUMNS = (
    Column("Grade as reported", "left", 2.0),
    *(Column("None" if g == NONE else f"Grade {g}", spanner=SPANNER) for g in LEVELS),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A row per reported grade, a column per grade from components."""
    found = Lookup.of(results, CRS_COMPONENTS.name)
    lines: list[Line] = []
    for syndrome in (CRS, ICANS):
        own = [_line(found, syndrome, reported) for reported in LEVELS]
        shown = [line for line in own if any(cell != "0" for cell in line.cells[1:])]
        if shown:
            lines += [heading_line(syndrome, COLUMNS), *shown]
    return Table(COLUMNS, tuple(lines), landscape=True)


def _line(found: Lookup, syndrome: str, reported: str) -> Line:
    counts = (found.value("events", syndrome, reported, c) for c in LEVELS)
    label = "None" if reported == NONE else f"Grade {reported}"
    return Line((label, *(fmt_count(n) for n in counts)), indent=1)


DISPLAY = Display(
    name="crs-components",
    kind="table",
    section="14.3.1",
    order=180,
    title="CRS and ICANS: reported grade against the grade from components",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(CRS_COMPONENTS,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Components graded by ASTCT 2019 (Lee 2019). None: a component was not recorded, and the "
        "others do not give the grade. Differences are listed as findings in section 16.1.",
    ),
    source="ADCE",
)
