"""Independent re-derivations of what adverse events have beyond counts: rates, incidence, tests.

Nothing is shared with csr.stats: gamma quantiles for Poisson limits, a plain loop over the days
for Aalen-Johansen, hypergeometric sums for Fisher's test, Newcombe's method 10 from its formula.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import gamma, hypergeom, norm

from csr.params import Params
from csr.results import Output, trace

ANALYSES = {"ae-exposure-adjusted", "cumulative-incidence", "ae-comparison"}
STATS = {
    *("events", "years", "rate", "rate_lcl", "rate_ucl"),
    *("competing", "incidence", "incidence_lcl", "incidence_ucl", "n_risk"),
    "undated",
    *("p", "difference", "difference_lcl", "difference_ucl"),
}
JACKKNIFED: dict[int, dict[float, tuple[float, float]]] = {}


def is_known(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    return line["analysis"] in ANALYSES and line["stat"] in STATS


def of_adverse_events(output: Output, line: pd.Series, params: Params) -> float:
    """The number from its traced rows alone."""
    own, stat = trace(output.rows, line), line["stat"]
    if line["analysis"] == "ae-comparison":
        return of_comparison(output, line, params)
    if stat == "undated":
        return float(len(own))
    if line["analysis"] == "cumulative-incidence":
        if stat in ("events", "competing"):
            return float((own["event"] == (1 if stat == "events" else 2)).sum())
        time = float(line["level3"])
        if stat.startswith("incidence_"):
            return incidence_limit(own, time, stat, params)
        return (
            aalen_johansen(own, time)
            if stat == "incidence"
            else float((own["value"] >= time).sum())
        )
    return of_rate(own["event"].sum(), own["value"].sum(), stat, params.conventions.conf_level)


def of_rate(events: float, years: float, stat: str, level: float) -> float:
    """Garwood's limits are quantiles of gamma distributions with the events as their shape."""
    tail = (1 - level) / 2
    if stat == "rate_lcl":
        return 100 * (gamma.ppf(tail, events) if events else 0.0) / years
    if stat == "rate_ucl":
        return 100 * gamma.ppf(1 - tail, events + 1) / years
    return float(
        {"events": events, "years": years, "rate": 100 * events / years if years else 0}[stat]
    )


def aalen_johansen(own: pd.DataFrame, until: float) -> float:
    """The sum over the days of S(before) × events of the outcome / at risk, in percent."""
    free, incidence = 1.0, 0.0
    for day in sorted(set(own.loc[own["value"] <= until, "value"])):
        at_risk = (own["value"] >= day).sum()
        today = own.loc[own["value"] == day, "event"]
        incidence += free * (today == 1).sum() / at_risk
        free *= 1 - (today > 0).sum() / at_risk
    return 100 * float(incidence)


def jackknifed(own: pd.DataFrame) -> dict[float, tuple[float, float]]:
    """Day → incidence and its standard error by the infinitesimal jackknife: the sum over the
    subjects of the squared change of the incidence with their weight, by complex steps."""
    value, event = own["value"].to_numpy(), own["event"].to_numpy()
    key = hash((tuple(value), tuple(event)))
    if key in JACKKNIFED:
        return JACKKNIFED[key]
    step, found = 1e-30, {}
    free = np.ones(len(own), dtype=complex)
    incidence = np.zeros(len(own), dtype=complex)
    for day in sorted(set(value)):
        here = value == day
        risk = (value >= day).sum() + 1j * step * (value >= day)
        failed = (here & (event == 1)).sum() + 1j * step * (here & (event == 1))
        gone = (here & (event > 0)).sum() + 1j * step * (here & (event > 0))
        incidence = incidence + free * failed / risk
        free = free * (1 - gone / risk)
        se = math.sqrt(float(((incidence.imag / step) ** 2).sum()))
        found[float(day)] = float(incidence.real[0]), se
    JACKKNIFED[key] = found
    return found


def incidence_limit(own: pd.DataFrame, time: float, stat: str, params: Params) -> float:
    """Log-log limits."""
    assert params.conventions.km_interval == "log-log"
    share, se = jackknifed(own)[time]
    factor = norm.ppf((1 + params.conventions.conf_level) / 2) * se / (share * -math.log(share))
    sign = 1 if stat.endswith("lcl") else -1
    return float(100 * share ** math.exp(sign * factor))


def of_comparison(output: Output, line: pd.Series, params: Params) -> float:
    x1, n1 = counts(output, line)
    reference = line.copy()
    reference["level1"] = params.treatment.reference
    x2, n2 = counts(output, reference)
    if line["stat"] == "p":
        drawn = hypergeom(n1 + n2, x1 + x2, n1)
        seen = drawn.pmf(x1)
        return float(sum(p for p in map(drawn.pmf, range(x1 + x2 + 1)) if p <= seen * (1 + 1e-7)))
    low1, high1 = wilson(x1, n1, params.conventions.conf_level)
    low2, high2 = wilson(x2, n2, params.conventions.conf_level)
    gap, p1, p2 = x1 / n1 - x2 / n2, x1 / n1, x2 / n2
    return (
        100
        * {
            "difference": gap,
            "difference_lcl": gap - math.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2),
            "difference_ucl": gap + math.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2),
        }[line["stat"]]
    )


def counts(output: Output, line: pd.Series) -> tuple[int, int]:
    as_size = line.copy()
    as_size["stat"] = "N"
    return (
        trace(output.rows, line)["USUBJID"].nunique(),
        trace(output.rows, as_size)["USUBJID"].nunique(),
    )


def wilson(x: int, n: int, level: float) -> tuple[float, float]:
    """The roots of (p − x/n)² = z² p(1 − p)/n."""
    z2 = norm.ppf(1 - (1 - level) / 2) ** 2
    a, b, c = 1 + z2 / n, -(2 * x / n + z2 / n), (x / n) ** 2
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    low, high = (-b - root) / (2 * a), (-b + root) / (2 * a)
    return (0.0 if x == 0 else low), (1.0 if x == n else high)
