"""Table: treatment-emergent adverse events by class, term and maximum grade."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.ae_term_table import FIRST, grade_columns, grade_lines, term_order
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import Lookup, group_columns
from csr.endpoints.adverse_events.adverse_events import ANY
from csr.endpoints.adverse_events.ae_by_grade import AE_BY_SOC_PT_GRADE
from csr.endpoints.adverse_events.ae_by_term import AE_BY_SOC_PT
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Under each class and term, the grades that occurred, each subject at the maximum."""
    found = Lookup.of(results, AE_BY_SOC_PT_GRADE.name)
    totals = Lookup.of(results, AE_BY_SOC_PT.name)
    columns = grade_columns(group_columns(params, totals, None, None, first=FIRST), params)
    lines = grade_lines(found, params, "Any TEAE", ANY, ANY)
    for soc, terms in term_order(totals, params):
        lines += grade_lines(found, params, soc, soc, ANY)
        for pt in terms:
            lines += grade_lines(found, params, pt, soc, pt, indent=1)
    return noted(Table(columns, tuple(lines)), adam, params)


DISPLAY = Display(
    name="ae-by-soc-pt-grade",
    kind="table",
    section="14.3.1",
    order=30,
    title=(
        "Treatment-emergent adverse events by system organ class, preferred term and maximum grade"
    ),
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_BY_SOC_PT, AE_BY_SOC_PT_GRADE),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "A subject counts once in each class and once in each term, at the maximum grade or "
        "severity. Levels at which no subject stands are not shown.",
    ),
    source="Listing 16.2.7",
)
