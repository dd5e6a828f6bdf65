"""Figure: Kaplan-Meier curves of progression-free survival."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.time_to_event import PFS_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """The curves of progression-free survival."""
    return draw_survival_curve(results, params, "pfs", "Progression-free survival")


DISPLAY = Display(
    name="pfs",
    kind="figure",
    section="14.2",
    order=30,
    title="Kaplan-Meier curves of progression-free survival",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(PFS_ANALYSIS,),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=("Vertical marks: censored subjects. Groups differ in colour and in line style.",),
    source="Listing 16.2.6",
)
