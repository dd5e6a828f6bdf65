"""Table: outcome and times of manufacturing, and the quality of the product."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.exposure_table import draw_exposure
from csr.endpoints.disposition.manufacturing import MANUFACTURING_TIMES
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Subjects by outcome, then a block of moments per time and measure of quality."""
    return draw_exposure(results, params, MANUFACTURING_TIMES.name)


DISPLAY = Display(
    name="manufacturing-times",
    kind="table",
    section="14.1",
    order=94,
    title="Manufacturing of the product: outcome, times and quality",
    population="apheresed",
    audience=frozenset({"open", "closed"}),
    analyses=(MANUFACTURING_TIMES,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Times in days, of subjects who reached their end by the data cut-off; viability and "
        "transduction of the first infusion. Not released: no release and no failure on record.",
        "Apheresis: the last one begun up to the release of the product.",
    ),
    source="ADMFG",
)
