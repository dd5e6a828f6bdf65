"""Table: duration of disease control."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.survival_table import draw_survival_table
from csr.endpoints.efficacy.survival_comparison import COMPARISONS
from csr.endpoints.efficacy.time_to_event import DDC_ANALYSIS
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Events, quartiles and rates of duration of disease control."""
    return draw_survival_table(results, params, "ddc")


DISPLAY = Display(
    name="ddc-summary",
    kind="table",
    section="14.2",
    order=40,
    title="Duration of disease control",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(DDC_ANALYSIS, COMPARISONS["ddc"]),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "Subjects with disease control as best response; from the first assessment that shows it.",
        "NE: not estimable (the curve does not fall that far, or follow-up ends before).",
        "CI: confidence interval. At risk: subjects with a time of at least that long.",
    ),
    source="Listing 16.2.6",
)
