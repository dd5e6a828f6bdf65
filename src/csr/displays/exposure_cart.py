"""Table: exposure to the study treatment."""

from __future__ import annotations

import pandas as pd

from csr.displays.exposure_table import draw_exposure
from csr.displays.model import Display, Table
from csr.endpoints.exposure import EXPOSURE_CART
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Who received it, then each measure: n, mean (SD), median and range."""
    return draw_exposure(results, params, EXPOSURE_CART.name)


DISPLAY = Display(
    name="exposure-cart",
    kind="table",
    section="14.1",
    order=100,
    title="Exposure to the study treatment",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(EXPOSURE_CART,),
    datasets=(
        "adsl",
        "adex",
    ),
    draw=draw,
    footnotes=(
        "Percent of plan: the first infusion against the planned dose of the level received.",
    ),
    source="ADEX",
)
