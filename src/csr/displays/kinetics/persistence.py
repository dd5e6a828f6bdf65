"""Figure: Kaplan-Meier curves of persistence of the transgene."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.kinetics.persistence import NAME, PERSISTENCE
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A step curve per group with the numbers at risk."""
    return draw_survival_curve(
        results, params, NAME, "Persistence of the transgene", since="first infusion"
    )


DISPLAY = Display(
    name="persistence",
    kind="figure",
    section="14.4",
    order=90,
    title="Persistence of the transgene: Kaplan-Meier estimate",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(PERSISTENCE,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Subjects with a quantifiable sample after the first infusion. Event: first sample below "
        "the limit of quantification after the peak (of kinetics.undetectable in a row); others "
        "censored at the last sample of the first infusion's profile (also at death and before a "
        "further infusion).",
    ),
    source="ADPP",
)
