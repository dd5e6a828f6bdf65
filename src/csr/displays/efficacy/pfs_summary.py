"""Table: progression-free survival."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.survival_table import draw_survival_table
from csr.endpoints.efficacy.survival_comparison import COMPARISONS
from csr.endpoints.efficacy.time_to_event import PFS_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Events, quartiles and rates of progression-free survival."""
    return draw_survival_table(results, params, "pfs")


DISPLAY = Display(
    name="pfs-summary",
    kind="table",
    section="14.2",
    order=30,
    title="Progression-free survival",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(PFS_ANALYSIS, COMPARISONS["pfs"]),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "NE: not estimable (the curve does not fall that far, or follow-up ends before).",
        "CI: confidence interval. At risk: subjects with a time of at least that long.",
    ),
    source="Listing 16.2.6",
)
