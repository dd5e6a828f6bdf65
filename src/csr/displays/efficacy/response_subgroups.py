"""Figure: objective response rate in subgroups, a forest plot."""

from __future__ import annotations

import pandas as pd

from csr.displays.figures.forest import Estimate, Forest, draw_forest, lines_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.efficacy.response_subgroups import ALL, NAME, RESPONSE_SUBGROUPS
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A line per level of each subgroup: rate, interval, and responders of subjects."""
    found = Lookup.of(results, NAME)

    def estimate(variable: str, level: str) -> Estimate:
        rate, low, high = (found.value(s, variable, level) for s in ("pct", "lcl", "ucl"))
        n, total = (fmt_count(found.value(s, variable, level)) for s in ("n", "N"))
        return Estimate(rate, low, high, f"{n}/{total}")

    decimals = params.conventions.percent_decimals
    axis = "Objective response rate (%)"
    forest = Forest(lines_of(found, ALL), estimate, ALL, axis, "n/N", decimals)
    return Figure(draw_forest(forest), _words(found, params))


def _words(found: Lookup, params: Params) -> str:
    rate = fmt_percent(found.value("pct", ALL, ALL) or 0, params.conventions.percent_decimals)
    return f"Forest plot of the objective response rate in subgroups; {rate} % of all subjects."


DISPLAY = Display(
    name="response-subgroups",
    kind="figure",
    section="14.2",
    order=15,
    title="Objective response rate in subgroups",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(RESPONSE_SUBGROUPS,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Confirmed responses; efficacy-evaluable set where the study has one. Lines: confidence "
        "interval of the rate. Dotted: all subjects. Subgroups are exploratory.",
    ),
    source="Listing 16.2.6",
)
