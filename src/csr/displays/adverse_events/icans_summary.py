"""Table: immune effector cell-associated neurotoxicity syndrome."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.toxicity_table import FOOTNOTES, draw_toxicity, toxicity_needs
from csr.endpoints.adverse_events.cell_toxicity import BY_INFUSION, ICANS, SUMMARIES
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Grades, treatment, onset and duration of ICANS."""
    return draw_toxicity(results, adam, params, ICANS)


DISPLAY = Display(
    name="icans-summary",
    kind="table",
    section="14.3.1",
    order=160,
    title="Immune effector cell-associated neurotoxicity syndrome",
    population="safety",
    audience=frozenset({"open", "closed", "public"}),
    analyses=(SUMMARIES[ICANS], BY_INFUSION[ICANS]),
    needs=toxicity_needs,
    draw=draw,
    footnotes=FOOTNOTES,
    source="ADCE",
)
