"""Figure: Kaplan-Meier curves of duration of disease control."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.time_to_event import DDC, DDC_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """The curves of duration of disease control."""
    return draw_survival_curve(results, params, DDC.name, DDC.param, DDC.since)


DISPLAY = Display(
    name="ddc",
    kind="figure",
    section="14.2",
    order=40,
    title="Kaplan-Meier curves of duration of disease control",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(DDC_ANALYSIS,),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "Vertical marks: censored subjects. Groups differ in colour and in line style.",
        "Subjects with disease control as best response; from the first assessment that shows it.",
    ),
    source="Listing 16.2.6",
)
