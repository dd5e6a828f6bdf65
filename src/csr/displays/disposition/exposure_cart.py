"""Table: exposure to the study treatment."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.exposure_table import draw_exposure
from csr.endpoints.disposition.exposure import EXPOSURE_CART, PERCENT_OF_PLAN
from csr.params import Params
from csr.results import Adam, Needs

NOTE = (
    "Percent of plan: the first infusion against the dose planned for it, where none is on record "
    "against that of the dose level."
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Who received it, then each measure: n, mean (SD), median and range."""
    table = draw_exposure(results, params, EXPOSURE_CART.name)
    planned = (results["level2"] == PERCENT_OF_PLAN).any()
    return replace(table, notes=(NOTE,) if planned else ())


DISPLAY = Display(
    name="exposure-cart",
    kind="table",
    section="14.1",
    order=100,
    title="Exposure to the study treatment",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(EXPOSURE_CART,),
    needs=Needs(),
    draw=draw,
    source="ADEX",
)
