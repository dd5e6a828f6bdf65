"""Two proportions: the exact test that they are equal, and their difference with its interval."""

from __future__ import annotations

import numpy as np
from scipy.stats import fisher_exact

from csr.stats.binomial import proportion_interval


def fisher_p(x1: int, n1: int, x2: int, n2: int) -> float:
    """How surprising x1 of n1 against x2 of n2 would be if both had the same rate: two-sided p.

    NaN where nobody of both groups, or everybody, has the event, or a group is empty: then no
    table is possible but the one observed. Source: Fisher's exact test, the sum of the tables that
    are no more probable than the one observed (SAS FREQ, R `fisher.test`). Raises ValueError unless
    0 ≤ x ≤ n.
    """
    _check(x1, n1, x2, n2)
    if not n1 or not n2 or x1 + x2 in (0, n1 + n2):
        return np.nan
    return float(fisher_exact([[x1, n1 - x1], [x2, n2 - x2]])[1])


def risk_difference(
    x1: int, n1: int, x2: int, n2: int, conf_level: float = 0.95
) -> tuple[float, float, float]:
    """By how much x1 of n1 exceeds x2 of n2, as proportions: (difference, low, high).

    All NaN where a group is empty. Source: Newcombe 1998, method 10 (from the Wilson limits of
    each, no continuity correction). Raises ValueError unless 0 ≤ x ≤ n.
    """
    _check(x1, n1, x2, n2)
    if not n1 or not n2:
        return np.nan, np.nan, np.nan
    p1, p2 = x1 / n1, x2 / n2
    low1, high1 = proportion_interval(x1, n1, conf_level, "wilson")
    low2, high2 = proportion_interval(x2, n2, conf_level, "wilson")
    below = np.hypot(p1 - low1, high2 - p2)
    above = np.hypot(high1 - p1, p2 - low2)
    return p1 - p2, float(p1 - p2 - below), float(p1 - p2 + above)


def _check(x1: int, n1: int, x2: int, n2: int) -> None:
    for x, n in ((x1, n1), (x2, n2)):
        if not 0 <= x <= n:
            raise ValueError(f"x, n: {x} of {n}; 0 ≤ x ≤ n is allowed")
