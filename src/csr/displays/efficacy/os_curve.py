"""Figure: Kaplan-Meier curves of overall survival."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.time_to_event import OS_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """The curves of overall survival."""
    return draw_survival_curve(results, params, "os", "Overall survival")


DISPLAY = Display(
    name="os",
    kind="figure",
    section="14.2",
    order=50,
    title="Kaplan-Meier curves of overall survival",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(OS_ANALYSIS,),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=("Vertical marks: censored subjects. Groups differ in colour and in line style.",),
    source="Listing 16.2.6",
)
