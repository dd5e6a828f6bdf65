"""Table: treatment-emergent adverse events, severe or grade ≥ 3."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.ae_term_table import NOT_TOLD, draw_terms
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.endpoints.adverse_events.ae_by_term import AE_GRADE3PLUS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Any such event, then each class with its terms: subjects (%)."""
    return noted(
        draw_terms(results, params, AE_GRADE3PLUS.name, "Any severe or grade ≥ 3 TEAE"),
        adam,
        params,
    )


DISPLAY = Display(
    name="ae-grade3plus",
    kind="table",
    section="14.3.1",
    order=60,
    title="Treatment-emergent adverse events, severe or grade ≥ 3",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_GRADE3PLUS,),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "A subject counts once in each class and once in each term.",
        NOT_TOLD,
    ),
    source="Listing 16.2.7",
)
