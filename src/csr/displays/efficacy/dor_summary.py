"""Table: duration of response."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.survival_table import draw_survival_table
from csr.endpoints.efficacy.survival_comparison import COMPARISONS
from csr.endpoints.efficacy.time_to_event import DOR_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Events, quartiles and rates of duration of response (confirmed responders)."""
    return draw_survival_table(results, params, "dor")


DISPLAY = Display(
    name="dor-summary",
    kind="table",
    section="14.2",
    order=35,
    title="Duration of response",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(DOR_ANALYSIS, COMPARISONS["dor"]),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "Subjects with a confirmed response; from the first CR or PR, not the confirming scan.",
        "NE: not estimable (the curve does not fall that far, or follow-up ends before).",
        "CI: confidence interval. At risk: subjects with a time of at least that long.",
    ),
    source="Listing 16.2.6",
)
