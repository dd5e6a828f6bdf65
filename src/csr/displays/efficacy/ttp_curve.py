"""Figure: Kaplan-Meier curves of time to progression."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.time_to_event import TTP, TTP_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """The curves of time to progression."""
    return draw_survival_curve(results, params, TTP.name, TTP.param, TTP.since)


DISPLAY = Display(
    name="ttp",
    kind="figure",
    section="14.2",
    order=45,
    title="Kaplan-Meier curves of time to progression",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(TTP_ANALYSIS,),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "Vertical marks: censored subjects. Groups differ in colour and in line style.",
        "Death without progression is censored at the last adequate assessment.",
    ),
    source="Listing 16.2.6",
)
