"""Independent re-derivations of delayed events per person-year: plain sums, chi-square limits."""

from __future__ import annotations

import pandas as pd
from scipy.stats import chi2

from csr.params import Params
from csr.results import Output, trace

STATS = {"undated", "events", "years", "rate", "rate_lcl", "rate_ucl"}


def is_known_rate(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    return line["analysis"] in ("delayed-ae", "delayed-ae-entered") and line["stat"] in STATS


def of_rates(output: Output, line: pd.Series, params: Params) -> float:
    """Events, person-years and Garwood's interval from the traced rows."""
    own = trace(output.rows, line)
    if line["stat"] == "undated":
        return float(len(own))
    n, years = float(own["event"].sum()), float(own["value"].sum())
    tail = (1 - params.conventions.conf_level) / 2
    found = {"events": n, "years": years}
    if line["stat"] in found:
        return found[line["stat"]]
    low = chi2.ppf(tail, 2 * n) / 2 if n else 0.0
    count = {"rate": n, "rate_lcl": low, "rate_ucl": chi2.ppf(1 - tail, 2 * n + 2) / 2}
    return float(100 * count[line["stat"]] / years)
