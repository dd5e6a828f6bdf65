"""Proportions and rates: response rates, DLT rates, events per person-time, with intervals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import beta, chi2, norm

from csr.stats.follow_up import check_conf_level

Method = Literal["clopper-pearson", "wilson", "jeffreys"]


@dataclass(frozen=True)
class Posterior:
    """What is believed of a proportion after x of n: mean, equal-tailed interval, P(p > p0)."""

    mean: float
    low: float
    high: float
    prob_above: float


def proportion_interval(
    x: int, n: int, conf_level: float = 0.95, method: Method = "clopper-pearson"
) -> tuple[float, float]:
    """Between which proportions the truth lies when x of n subjects responded: (low, high).

    low is exactly 0 for x = 0 and high exactly 1 for x = n, whatever the method; both NaN for
    n = 0. Raises ValueError unless 0 ≤ x ≤ n. Sources: Clopper and Pearson 1934 (exact, R
    `binom.test`); Wilson 1927 (no continuity correction, R `prop.test(correct=FALSE)`); Jeffreys:
    equal-tailed Beta(½+x, ½+n−x) with those two edges, as Brown, Cai and DasGupta 2001 §4.3 give.
    """
    _check_counts(x, n)
    check_conf_level(conf_level)
    if n == 0:
        return np.nan, np.nan
    tail = (1 - conf_level) / 2
    match method:
        case "clopper-pearson":
            low = float(beta.ppf(tail, x, n - x + 1)) if x else 0.0
            high = float(beta.isf(tail, x + 1, n - x)) if x < n else 1.0
        case "wilson":
            low, high = _wilson(x, n, float(norm.isf(tail)))
        case "jeffreys":
            low = float(beta.ppf(tail, x + 0.5, n - x + 0.5))
            high = float(beta.isf(tail, x + 0.5, n - x + 0.5))
        case _:
            raise ValueError(f"method: '{method}'; clopper-pearson, wilson, jeffreys are allowed")
    return 0.0 if x == 0 else low, 1.0 if x == n else high


def proportion_upper_bound(x: int, n: int, conf_level: float = 0.95) -> float:
    """The proportion that x of n exclude from above: the one-sided exact (Clopper-Pearson) bound.

    1 for x = n, NaN for n = 0. Raises ValueError unless 0 ≤ x ≤ n.
    """
    _check_counts(x, n)
    check_conf_level(conf_level)
    if n == 0:
        return np.nan
    return float(beta.ppf(conf_level, x + 1, n - x)) if x < n else 1.0


def beta_posterior(
    x: int, n: int, a: float, b: float, p0: float, conf_level: float = 0.95
) -> Posterior:
    """What x of n say of a proportion whose prior is Beta(a, b): the posterior Beta(a+x, b+n−x).

    a = b = 1 is the uniform prior, a = b = ½ Jeffreys'. `prob_above` is P(p > p0), on which
    stopping rules stand (METHODS §2). n = 0 gives the prior itself. Raises ValueError unless
    0 ≤ x ≤ n, a and b are positive and p0 lies in 0 to 1.
    """
    _check_counts(x, n)
    check_conf_level(conf_level)
    if not (a > 0 and b > 0):
        raise ValueError(f"a, b: {a}, {b}; positive numbers are allowed")
    if not 0 <= p0 <= 1:
        raise ValueError(f"p0: {p0}; a proportion of 0 to 1 is allowed")
    tail = (1 - conf_level) / 2
    after = beta(a + x, b + n - x)
    return Posterior(
        mean=(a + x) / (a + b + n),
        low=float(after.ppf(tail)),
        high=float(after.isf(tail)),
        prob_above=float(after.sf(p0)),
    )


def poisson_rate_interval(
    events: int, person_time: float, conf_level: float = 0.95, per: float = 100.0
) -> tuple[float, float, float]:
    """Events per `per` units of person-time, with the exact interval: (rate, low, high).

    low is 0 without events; all NaN without person-time. Source: Garwood 1936,
    ½χ²(α/2; 2x) and ½χ²(1−α/2; 2x+2) (METHODS §5). Raises ValueError for negative input.
    """
    check_conf_level(conf_level)
    if events < 0 or not person_time >= 0:
        raise ValueError(f"events, person_time: {events}, {person_time}; 0 or more are allowed")
    if person_time == 0:
        return np.nan, np.nan, np.nan
    tail = (1 - conf_level) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(chi2.isf(tail, 2 * events + 2)) / 2
    return events / person_time * per, low / person_time * per, high / person_time * per


def _wilson(x: int, n: int, z: float) -> tuple[float, float]:
    p = x / n
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return float(centre - half), float(centre + half)


def _check_counts(x: int, n: int) -> None:
    if not 0 <= x <= n:
        raise ValueError(f"x, n: {x} of {n}; 0 ≤ x ≤ n is allowed")
