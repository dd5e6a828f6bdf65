"""Table: treatment-emergent adverse events leading to discontinuation of treatment."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.ae_term_table import NOT_TOLD, draw_terms
from csr.endpoints.adverse_events.ae_by_term import AE_DISCONTINUATION
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Any such event, then each class with its terms: subjects (%)."""
    return draw_terms(
        results, params, AE_DISCONTINUATION.name, "Any TEAE leading to discontinuation"
    )


DISPLAY = Display(
    name="ae-discontinuation",
    kind="table",
    section="14.3.1",
    order=70,
    title="Treatment-emergent adverse events leading to discontinuation of treatment",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_DISCONTINUATION,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "A subject counts once in each class and once in each term.",
        NOT_TOLD,
    ),
    source="Listing 16.2.7",
)
