"""Table: treatment-emergent adverse events leading to death."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.ae_term_table import draw_terms
from csr.endpoints.adverse_events.ae_by_term import AE_FATAL
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Any such event, then each class with its terms: subjects (%)."""
    return draw_terms(results, params, AE_FATAL.name, "Any fatal TEAE")


DISPLAY = Display(
    name="ae-fatal",
    kind="table",
    section="14.3.2",
    order=50,
    title="Treatment-emergent adverse events leading to death",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_FATAL,),
    needs=Needs(),
    draw=draw,
    footnotes=("A subject counts once in each class and once in each term.",),
    source="Listing 16.2.7",
)
