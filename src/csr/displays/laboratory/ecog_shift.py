"""Table: shift of the ECOG performance status."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.layout import Lookup
from csr.displays.tables.shift_table import draw_shift
from csr.endpoints.laboratory.measurements import ECOG, ECOG_SHIFT
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Baseline down, the worst after it across."""
    return draw_shift(Lookup.of(results, ECOG_SHIFT.name), params, ECOG, "Status", {})


DISPLAY = Display(
    name="ecog-shift",
    kind="table",
    section="14.3.5",
    order=40,
    title="ECOG performance status at baseline against the worst after it",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(ECOG_SHIFT,),
    needs=Needs(),
    draw=draw,
    footnotes=("Pooled over the groups; those by group are in the results.",),
    source="ADECOG",
)
