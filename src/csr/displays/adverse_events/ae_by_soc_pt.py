"""Table: treatment-emergent adverse events by system organ class and preferred term."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.ae_term_table import draw_terms
from csr.endpoints.adverse_events.ae_by_term import AE_BY_SOC_PT
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Any such event, then each class with its terms: subjects (%)."""
    return draw_terms(results, params, AE_BY_SOC_PT.name, "Any TEAE")


DISPLAY = Display(
    name="ae-by-soc-pt",
    kind="table",
    section="14.3.1",
    order=20,
    title="Treatment-emergent adverse events by system organ class and preferred term",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_BY_SOC_PT,),
    needs=Needs(),
    draw=draw,
    footnotes=("A subject counts once in each class and once in each term.",),
    source="Listing 16.2.7",
)
