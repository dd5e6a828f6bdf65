"""Table: cytokine release syndrome."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.toxicity_table import FOOTNOTES, draw_toxicity, toxicity_needs
from csr.endpoints.adverse_events.cell_toxicity import BY_INFUSION, CRS, SUMMARIES
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Grades, treatment, onset and duration of CRS."""
    return draw_toxicity(results, adam, params, CRS)


DISPLAY = Display(
    name="crs-summary",
    kind="table",
    section="14.3.1",
    order=150,
    title="Cytokine release syndrome",
    population="safety",
    audience=frozenset({"open", "closed", "public"}),
    analyses=(SUMMARIES[CRS], BY_INFUSION[CRS]),
    needs=toxicity_needs,
    draw=draw,
    footnotes=FOOTNOTES,
    source="ADCE",
)
