"""Two proportions: the exact test that they are equal, their difference and their odds ratio.

Checked against R 4.2.2 and published tables (tests/reference/test_two_proportions.py).
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from scipy.stats import fisher_exact, norm

from csr.stats.binomial import proportion_interval
from csr.stats.follow_up import check_conf_level

DifferenceMethod = Literal["newcombe", "wald"]


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
    x1: int,
    n1: int,
    x2: int,
    n2: int,
    conf_level: float = 0.95,
    method: DifferenceMethod = "newcombe",
) -> tuple[float, float, float]:
    """By how much x1 of n1 exceeds x2 of n2, as proportions: (difference, low, high).

    All NaN where a group is empty. Sources: newcombe, Newcombe 1998, method 10 (from the Wilson
    limits of each, no continuity correction; SAS FREQ `RISKDIFF(CL=NEWCOMBE)`); wald, the normal
    limits d ± z·√Σp(1−p)/n within −1 to 1 (SAS FREQ `CL=WALD`, R `prop.test(correct=FALSE)`), NaN
    where both shares are 0 or 1, since they would have no width. Raises ValueError unless
    0 ≤ x ≤ n.
    """
    _check(x1, n1, x2, n2)
    check_conf_level(conf_level)
    if not n1 or not n2:
        return np.nan, np.nan, np.nan
    p1, p2 = x1 / n1, x2 / n2
    if method == "wald":
        return _wald(p1, n1, p2, n2, conf_level)
    if method != "newcombe":
        raise ValueError(f"method: '{method}'; newcombe, wald are allowed")
    low1, high1 = proportion_interval(x1, n1, conf_level, "wilson")
    low2, high2 = proportion_interval(x2, n2, conf_level, "wilson")
    below = np.hypot(p1 - low1, high2 - p2)
    above = np.hypot(high1 - p1, p2 - low2)
    return p1 - p2, float(p1 - p2 - below), float(p1 - p2 + above)


def odds_ratio(
    x1: int, n1: int, x2: int, n2: int, conf_level: float = 0.95
) -> tuple[float, float, float]:
    """The odds of x1 of n1 over those of x2 of n2: (ratio, low, high).

    Limits exp(ln OR ± z·√(1/a + 1/b + 1/c + 1/d)). All NaN where a group is empty or one of the
    four counts is 0: no half is added to it. Source: Woolf 1955; SAS FREQ `RELRISK`, R
    `glm(binomial)`. Raises ValueError unless 0 ≤ x ≤ n.
    """
    _check(x1, n1, x2, n2)
    check_conf_level(conf_level)
    cells = (x1, n1 - x1, x2, n2 - x2)
    if not all(cells):
        return np.nan, np.nan, np.nan
    ratio = x1 * (n2 - x2) / ((n1 - x1) * x2)
    spread = float(np.exp(norm.ppf((1 + conf_level) / 2) * np.sqrt(sum(1 / n for n in cells))))
    return ratio, ratio / spread, ratio * spread


def _wald(p1: float, n1: int, p2: float, n2: int, conf_level: float) -> tuple[float, float, float]:
    variance = p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2
    if variance == 0:
        return p1 - p2, np.nan, np.nan
    half = float(norm.ppf((1 + conf_level) / 2) * np.sqrt(variance))
    return p1 - p2, max(p1 - p2 - half, -1.0), min(p1 - p2 + half, 1.0)


def _check(x1: int, n1: int, x2: int, n2: int) -> None:
    for x, n in ((x1, n1), (x2, n2)):
        if not 0 <= x <= n:
            raise ValueError(f"x, n: {x} of {n}; 0 ≤ x ≤ n is allowed")
