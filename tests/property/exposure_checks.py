"""Independent re-derivations of exposure and response: ranks, logistic regression, PFS by half."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.optimize import root
from scipy.stats import norm
from scipy.stats import t as student
from tests.property.kinetics_checks import of_ranks, ranks, squares
from tests.property.survival_checks import fitted, weighted_test

from csr.params import Params
from csr.results import Output, trace

RESPONSE, PFS = "exposure-response", "exposure-response-pfs"
STATS = {
    RESPONSE: {"wilcoxon_p", "spearman", "spearman_p", "or", "or_lcl", "or_ucl", "or_p", "geomean"},
    PFS: {"logrank_p", "hr", "hr_lcl", "hr_ucl"},
}
FIRST = {"CR or PR": "Yes", "Positive": "Yes", "Other or none": "No", "Negative": "No"}


def is_known_exposure(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    return line["stat"] in STATS.get(line["analysis"], ())


def of_exposure(output: Output, line: pd.Series, params: Params) -> float:
    """The number from its traced rows."""
    own, stat = trace(output.rows, line), line["stat"]
    if line["analysis"] == PFS:
        return of_halves(own, stat)
    if stat == "geomean":
        above = [float(v) for v in own["value"] if v > 0]
        return math.prod(v ** (1 / len(above)) for v in above)
    if stat == "wilcoxon_p":
        return of_ranks(own.assign(LEVEL=own["LEVEL"].map(FIRST)), stat)
    if stat.startswith("spearman"):
        return of_pairs(own, stat)
    return of_odds(own[own["value"] > 0], stat)


def of_halves(own: pd.DataFrame, stat: str) -> float:
    """The log-rank test and the Cox model of the two halves."""
    if stat == "logrank_p":
        return weighted_test(own.assign(TRTA=own["LEVEL"]), by_risk=False)
    above = (own["LEVEL"] == "Above the median").astype(float).to_numpy()
    beta, se = fitted(own, above)
    shift = {"hr": 0.0, "hr_lcl": -1.0, "hr_ucl": 1.0}[stat]
    return math.exp(beta + shift * norm.ppf(0.975) * se)


def of_pairs(own: pd.DataFrame, stat: str) -> float:
    """Pearson's formula of the ranks."""
    x = ranks([float(v) for v in own["value"]])
    y = ranks([float(v) for v in own["BURDEN"]])
    mx, my = sum(x) / len(x), sum(y) / len(y)
    over = math.fsum((a - mx) * (b - my) for a, b in zip(x, y, strict=True))
    rho = over / math.sqrt(squares(x) * squares(y))
    if stat == "spearman":
        return rho
    t = rho * math.sqrt((len(x) - 2) / (1 - rho**2))
    return float(2 * student.sf(abs(t), len(x) - 2))


def of_odds(own: pd.DataFrame, stat: str) -> float:
    """The root of the score equations, the variance from the information at it."""
    x = np.log10(own["value"].to_numpy())
    y = (own["LEVEL"] == "CR or PR").to_numpy().astype(float)

    def score(beta: np.ndarray) -> np.ndarray:
        left = y - 1 / (1 + np.exp(-(beta[0] + beta[1] * (x - x.mean()))))
        return np.array([left.sum(), (left * (x - x.mean())).sum()])

    best = root(score, np.zeros(2), tol=1e-13).x
    p = 1 / (1 + np.exp(-(best[0] + best[1] * (x - x.mean()))))
    w = p * (1 - p)
    away = x - (w * x).sum() / w.sum()
    se = 1 / math.sqrt((w * away**2).sum())
    if stat == "or_p":
        return float(2 * norm.sf(abs(best[1] / se)))
    shift = {"or": 0.0, "or_lcl": -1.0, "or_ucl": 1.0}[stat]
    return math.exp(best[1] + shift * norm.ppf(0.975) * se)
