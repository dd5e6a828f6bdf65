"""Table: vital signs and their changes from baseline by visit."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.by_visit_table import FOOTNOTE, draw_by_visit
from csr.displays.tables.layout import Lookup
from csr.endpoints.laboratory.measurements import VITALS
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per vital sign, a line per visit."""
    return draw_by_visit(Lookup.of(results, VITALS.name), params)


DISPLAY = Display(
    name="vitals-by-visit",
    kind="table",
    section="14.3.5",
    order=10,
    title="Vital signs by visit",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(VITALS,),
    needs=Needs(),
    draw=draw,
    footnotes=(FOOTNOTE,),
    source="ADVS",
)
