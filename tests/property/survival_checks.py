"""Independent re-derivations of restricted means, log-rank and Gehan tests and Cox models.

Plain loops over the event times; the Cox estimate by a scalar search of the partial likelihood,
its standard error by a numerical second derivative. The test of proportional hazards is only
reduced from its rows (its values are checked against R in tests/reference).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import chi2, norm

from csr.params import Params
from csr.results import Output, trace
from csr.stats.cox import schoenfeld_test

STATS = {
    *("rmean", "rmean_lcl", "rmean_ucl", "tau", "logrank_p", "gehan_p"),
    *("hr", "hr_lcl", "hr_ucl", "ph_p"),
}
FITTED: dict[int, tuple[float, float]] = {}


def is_known_comparison(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    return line["analysis"].endswith("-comparison") and line["stat"] in STATS


def of_comparison(output: Output, line: pd.Series, params: Params) -> float:
    """The number from rows alone."""
    stat = line["stat"]
    every = output.rows[output.rows["role"] == "counted"]
    groups = every[every["TRTA"].isin(params.treatment.values)]
    if stat in ("tau", "rmean", "rmean_lcl", "rmean_ucl"):
        tau = min(own["value"].max() for _, own in groups.groupby("TRTA"))
        return tau if stat == "tau" else mean_to(trace(output.rows, line), tau, stat)
    if stat in ("logrank_p", "gehan_p") and line["level1"] is None:
        return weighted_test(groups, stat == "gehan_p")
    pair = groups[groups["TRTA"].isin([line["level1"], params.treatment.reference])]
    arm = (pair["TRTA"] == line["level1"]).astype(float).to_numpy()
    if stat == "logrank_p":
        return weighted_test(pair, by_risk=False)
    if stat == "ph_p":
        return float(schoenfeld_test(pair["value"], pair["event"], arm).p[0])
    beta, se = fitted(pair, arm)
    shift = {"hr": 0.0, "hr_lcl": -1.0, "hr_ucl": 1.0}[stat]
    return math.exp(beta + shift * norm.ppf(0.975) * se)


def mean_to(own: pd.DataFrame, tau: float, stat: str) -> float:
    """The area under the curve to tau, its variance by the areas left of each event."""
    times = sorted(t for t in own.loc[own["event"] == 1, "value"].unique() if t < tau)
    level, last, area = 1.0, 0.0, 0.0
    pieces = []
    for time in times:
        area += level * (time - last)
        risk = (own["value"] >= time).sum()
        died = ((own["value"] == time) & (own["event"] == 1)).sum()
        pieces.append((area, risk, died))
        level, last = level * (1 - died / risk), time
    total = area + level * (tau - last)
    if stat == "rmean":
        return total
    variance = sum((total - a) ** 2 * d / (n * (n - d)) for a, n, d in pieces if n > d)
    sign = 1 if stat == "rmean_ucl" else -1
    return total + sign * norm.ppf(0.975) * math.sqrt(variance)


def weighted_test(own: pd.DataFrame, by_risk: bool) -> float:
    """Observed minus expected events of each group, weighted by 1 or the number at risk."""
    names = sorted(own["TRTA"].unique())
    k = len(names)
    difference, covariance, expected = np.zeros(k), np.zeros((k, k)), np.zeros(k)
    for time in sorted(own.loc[own["event"] == 1, "value"].unique()):
        here = own[own["value"] >= time]
        died = here[(here["value"] == time) & (here["event"] == 1)]
        n, d = len(here), len(died)
        weight = n if by_risk else 1
        share = np.array([(here["TRTA"] == g).sum() / n for g in names])
        seen = np.array([(died["TRTA"] == g).sum() for g in names])
        expected += d * share
        difference += weight * (seen - d * share)
        if n > 1:
            spread = np.diag(share) - np.outer(share, share)
            covariance += weight**2 * d * (n - d) / (n - 1) * spread
    left = np.flatnonzero(expected > 0)[1:]  # groups never at risk at an event tell nothing
    part = np.linalg.inv(covariance[np.ix_(left, left)])
    statistic = float(difference[left] @ part @ difference[left])
    return float(chi2.sf(statistic, left.size))


def fitted(pair: pd.DataFrame, arm: np.ndarray) -> tuple[float, float]:
    """log hazard ratio and its standard error, ties by Efron; worked out once for each pair."""
    key = hash((tuple(pair["value"]), tuple(pair["event"]), tuple(arm)))
    if key not in FITTED:
        time, event = pair["value"].to_numpy(), pair["event"].to_numpy()
        terms = []
        for t in np.unique(time[event == 1]):
            died = arm[(time == t) & (event == 1)]
            risk = arm[time >= t]
            terms.append(((risk == 1).sum(), (risk == 0).sum(), died.sum(), died.size))

        def slope(beta: float) -> float:
            w, total = math.exp(beta), 0.0
            for n1, n0, d1, d in terms:
                total += d1
                for i in range(d):
                    one, none = w * (n1 - i / d * d1), n0 - i / d * (d - d1)
                    total -= one / (one + none)
            return total

        best = brentq(slope, -20, 20, xtol=1e-14, rtol=1e-14)
        w, information = math.exp(best), 0.0
        for n1, n0, d1, d in terms:
            for i in range(d):
                one, none = w * (n1 - i / d * d1), n0 - i / d * (d - d1)
                information += one * none / (one + none) ** 2
        FITTED[key] = (float(best), 1 / math.sqrt(information))
    return FITTED[key]
