"""Figure: overall and progression-free survival from apheresis."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.apheresis_survival import APHERESIS_SURVIVAL, ENDPOINTS, NAME
from csr.params import Level, Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A curve per endpoint, all groups pooled."""
    levels = tuple(Level(value=name, label=name) for name in ENDPOINTS.values())
    return draw_survival_curve(results, params, NAME, "Subjects without event", "apheresis", levels)


DISPLAY = Display(
    name="apheresis-survival-figure",
    kind="figure",
    section="14.2",
    order=77,
    title="Overall and progression-free survival from apheresis: Kaplan-Meier",
    population="apheresed",
    audience=frozenset({"closed"}),
    analyses=(APHERESIS_SURVIVAL,),
    needs=Needs(),
    draw=draw,
    footnotes=("Everyone who was apheresed, infused or not; groups pooled.",),
    source="ADTTE",
)
