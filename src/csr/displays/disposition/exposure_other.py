"""Table: exposure to lymphodepletion and other components."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.exposure_table import draw_exposure
from csr.endpoints.disposition.exposure import EXPOSURE_OTHER
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Who received it, then each measure: n, mean (SD), median and range."""
    return draw_exposure(results, params, EXPOSURE_OTHER.name)


DISPLAY = Display(
    name="exposure-other",
    kind="table",
    section="14.1",
    order=110,
    title="Exposure to lymphodepletion and other components",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(EXPOSURE_OTHER,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Administrations and total dose of each drug, per subject who received it: dose × "
        "administrations a day × days, by EXDOSFRQ. Subjects of whom they can't be told, for want "
        "of a frequency, a date or one unit, are not in them.",
    ),
    source="ADEX",
)
