"""Figure: overall survival in subgroups, a forest plot."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.forest import Estimate, Forest, draw_forest, lines_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.efficacy.response_subgroups import ALL
from csr.endpoints.efficacy.survival_subgroups import SURVIVAL_SUBGROUPS, landmark_of
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """The rate at one landmark, with its interval, and events of subjects."""
    found = Lookup.of(results, SURVIVAL_SUBGROUPS["os"].name)
    at = f"{landmark_of(params):g}"

    def estimate(variable: str, level: str) -> Estimate:
        rate, low, high = (found.value(s, variable, level, at) for s in ("surv", "lcl", "ucl"))
        events, n = (fmt_count(found.value(s, variable, level, None)) for s in ("events", "n"))
        return Estimate(rate, low, high, f"{events}/{n}")

    axis = f"Overall survival at {at} months (%)"
    decimals = params.conventions.percent_decimals
    forest = Forest(lines_of(found, ALL), estimate, ALL, axis, "Events/n", decimals)
    words = f"Forest plot of overall survival at {at} months in subgroups."
    return Figure(draw_forest(forest), words)


DISPLAY = Display(
    name="os-subgroups",
    kind="figure",
    section="14.2",
    order=55,
    title="Overall survival in subgroups",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(SURVIVAL_SUBGROUPS["os"],),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "Kaplan-Meier rate with its confidence interval. Dotted: all subjects. NE: not estimable. "
        "Subgroups are exploratory.",
    ),
    source="Listing 16.2.6",
)
