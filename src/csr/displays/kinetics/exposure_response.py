"""Figure: progression-free survival from day 28, above and below the median peak."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Figure
from csr.endpoints.kinetics.exposure_response import ABOVE, BELOW, EXPOSURE_PFS, PFS_NAME
from csr.params import Level, Params
from csr.results import Adam, Needs

PEAK = "CMAX"


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """Two curves from the landmark, by Cmax of the first infusion."""
    levels = tuple(Level(value=name, label=f"Cmax {name.lower()}") for name in (ABOVE, BELOW))
    own = results[(results["analysis"] == PFS_NAME) & (results["level2"] == PEAK)]
    # The drawing knows curves by group and place on the curve: the exposure is taken out between.
    keep = own.assign(group2=own["group3"], level2=own["level3"], group3=None, level3=None)
    label = "Progression-free survival"
    return draw_survival_curve(keep, params, PFS_NAME, label, "day 28", levels)


DISPLAY = Display(
    name="exposure-response",
    kind="figure",
    section="14.4",
    order=120,
    title="Progression-free survival from day 28 by peak exposure",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(EXPOSURE_PFS,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Subjects event-free and followed at day 28, above and at or below the median Cmax of the "
        "first infusion; a peak later than day 28 is left out. Exploratory.",
    ),
    source="ADPP, ADTTE",
)
