"""Figure: overall survival from a landmark by response."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.efficacy.survival_by_response import NAME, OTHER, RESPONDER, SURVIVAL_BY_RESPONSE
from csr.params import Level, Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """Two curves from the landmark, with the numbers at risk."""
    levels = tuple(Level(value=name, label=name) for name in (RESPONDER, OTHER))
    since = f"the landmark, day {params.conventions.response_landmark_days}"
    drawn = draw_survival_curve(results, params, NAME, "Overall survival", since, levels)
    found = Lookup.of(results, NAME)
    if any(found.value("N", level.value, None) for level in levels):
        return drawn
    return replace(drawn, notes=(f"Nobody was alive and followed at {since}.",))


DISPLAY = Display(
    name="survival-by-response",
    kind="figure",
    section="14.2",
    order=75,
    title="Overall survival by response, from a landmark",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(SURVIVAL_BY_RESPONSE,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Subjects alive and followed at the landmark, by whether a confirmed response was known "
        "then. Counting from the landmark keeps the time before a response from favouring "
        "responders (immortal time). Exploratory.",
    ),
    source="ADTTE, ADRS",
)
