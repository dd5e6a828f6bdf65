"""Independent re-derivations of what compares arms: rates of response, and Gray's test.

Rates by their counts in the traced rows, Wilson limits by their quadratic, Fisher's p by summing
hypergeometric probabilities. Gray's test is only reduced from its rows (its values are checked
against R in tests/reference).
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from scipy.stats import hypergeom, norm

from csr.params import Params
from csr.results import Output, trace
from csr.stats.gray import compare_incidence

RATES = {
    *("difference", "difference_lcl", "difference_ucl", "wald_lcl", "wald_ucl"),
    *("or", "or_lcl", "or_ucl", "fisher_p"),
}


def is_known_arm(line: pd.Series) -> bool:
    """Whether this module derives the number."""
    rates = line["analysis"].startswith("response-") and line["stat"] in RATES
    return rates or line["stat"] == "gray_p"


def of_arms(output: Output, line: pd.Series, params: Params) -> float:
    """The number from rows alone."""
    if line["stat"] == "gray_p":
        return gray(output, line, params)
    own = counts(output, line, line["level1"])
    other = counts(output, line, params.treatment.reference)
    return rates(*own, *other, norm.ppf((1 + params.conventions.conf_level) / 2))[line["stat"]]


def counts(output: Output, line: pd.Series, arm: str | None) -> tuple[int, int]:
    """Subjects with the item, and all, of an arm."""
    there = line.copy()
    there["level1"] = arm
    found = []
    for stat in ("n", "N"):
        there["stat"] = stat
        found.append(trace(output.rows, there)["USUBJID"].nunique())
    return found[0], found[1]


def wilson(x: int, n: int, z: float) -> tuple[float, float]:
    """The roots of (p − x/n)² = z² p(1 − p)/n."""
    a, b, c = 1 + z * z / n, -(2 * x / n + z * z / n), (x / n) ** 2
    root = math.sqrt(max(b * b - 4 * a * c, 0.0))
    low, high = (-b - root) / (2 * a), (-b + root) / (2 * a)
    return (0.0 if x == 0 else low), (1.0 if x == n else high)


def rates(x1: int, n1: int, x2: int, n2: int, z: float) -> dict[str, float]:
    """All that is told of two rates."""
    p1, p2 = x1 / n1, x2 / n2
    (low1, high1), (low2, high2) = wilson(x1, n1, z), wilson(x2, n2, z)
    gap = p1 - p2
    half = z * math.sqrt(p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2)
    drawn = hypergeom(n1 + n2, x1 + x2, n1)
    possible = np.arange(max(0, x1 + x2 - n2), min(n1, x1 + x2) + 1)
    chances = drawn.pmf(possible)
    found = {
        "difference": 100 * gap,
        "difference_lcl": 100 * (gap - math.sqrt((p1 - low1) ** 2 + (high2 - p2) ** 2)),
        "difference_ucl": 100 * (gap + math.sqrt((high1 - p1) ** 2 + (p2 - low2) ** 2)),
        "wald_lcl": 100 * max(gap - half, -1),
        "wald_ucl": 100 * min(gap + half, 1),
        "fisher_p": min(float(chances[chances <= drawn.pmf(x1) * (1 + 1e-7)].sum()), 1.0),
    }
    if min(x1, n1 - x1, x2, n2 - x2) > 0:
        log_ratio = math.log(x1) - math.log(n1 - x1) - math.log(x2) + math.log(n2 - x2)
        spread = z * math.sqrt(1 / x1 + 1 / (n1 - x1) + 1 / x2 + 1 / (n2 - x2))
        shifts = {"or": 0.0, "or_lcl": -spread, "or_ucl": spread}
        found |= {stat: math.exp(log_ratio + shift) for stat, shift in shifts.items()}
    return found


def gray(output: Output, line: pd.Series, params: Params) -> float:
    """From the rows of the groups compared; a result that is pooled compares all."""
    every = line.copy()
    every["level1"], every["stat"] = None, "events"
    own = trace(output.rows, every)
    own = own[own["TRTA"].isin(params.treatment.values)]
    if line["level1"] is not None:
        own = own[own["TRTA"].isin([line["level1"], params.treatment.reference])]
    return compare_incidence(own["value"], own["event"].astype(int), own["TRTA"]).p
