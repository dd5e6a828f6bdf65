"""Figure: Kaplan-Meier curves of duration of response."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.time_to_event import DOR, DOR_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """The curves of duration of response (confirmed responders)."""
    return draw_survival_curve(results, params, DOR.name, DOR.param, DOR.since)


DISPLAY = Display(
    name="dor",
    kind="figure",
    section="14.2",
    order=35,
    title="Kaplan-Meier curves of duration of response",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(DOR_ANALYSIS,),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "Vertical marks: censored subjects. Groups differ in colour and in line style.",
        "Subjects with a confirmed response; from the first CR or PR, not the confirming scan.",
    ),
    source="Listing 16.2.6",
)
