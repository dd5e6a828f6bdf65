"""Table: laboratory values and changes from baseline by visit."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.by_visit_table import FOOTNOTE, draw_by_visit
from csr.displays.tables.layout import Lookup
from csr.endpoints.laboratory.laboratory import LAB_BY_VISIT
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per test that params name, a line per visit."""
    return draw_by_visit(Lookup.of(results, LAB_BY_VISIT.name), params)


DISPLAY = Display(
    name="lab-by-visit",
    kind="table",
    section="14.3.4",
    order=30,
    title="Laboratory values by visit",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(LAB_BY_VISIT,),
    needs=Needs(),
    draw=draw,
    footnotes=(FOOTNOTE,),
    source="ADLB",
)
