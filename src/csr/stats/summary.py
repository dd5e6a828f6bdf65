"""Summaries of a number: mean, SD, quantiles, and their geometric counterparts (METHODS §6, §8).

NaN is a missing value: it is left out, and `n` counts what is left in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t

from csr.stats.follow_up import Floats, check_conf_level

# n·p this close to a whole number is that number: 0.07·100 is 7, not 7.000000000000001.
WHOLE = 1e-9
# (a, b) of the continuous kinds: position a + p(n + 1 − a − b).
PLOTTING = {4: (0, 1), 5: (0.5, 0.5), 6: (0, 0), 7: (1, 1), 8: (1 / 3, 1 / 3), 9: (3 / 8, 3 / 8)}


@dataclass(frozen=True)
class Summary:
    """Of n values: mean, SD (n − 1), CV %, median and quartiles (of one kind), minimum, maximum."""

    n: int
    mean: float
    sd: float
    cv_pct: float
    median: float
    q1: float
    q3: float
    min: float
    max: float


@dataclass(frozen=True)
class GeometricSummary:
    """Of the n positive values: geometric mean, its interval, geometric SD and geometric CV %."""

    n: int
    mean: float
    low: float
    high: float
    sd: float
    cv_pct: float


def quantile(values: ArrayLike, p: float, kind: int = 2) -> float:
    """Below which value a share `p` of the values lies.

    `kind` is the type of Hyndman and Fan 1996, 1 to 9, as in R `quantile(type=)`; 2 averages where
    n·p is whole (SAS PCTLDEF=5), 7 is the default of R and numpy. Missing values are left out;
    NaN where none are left. Raises ValueError for p outside 0 to 1 or another kind.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"p: {p}; a share of 0 to 1 is allowed")
    if kind not in (1, 2, 3, *PLOTTING):
        raise ValueError(f"kind: {kind}; the types 1 to 9 of Hyndman and Fan are allowed")
    ordered = np.sort(_known(values))
    if ordered.size == 0:
        return np.nan
    whole, weight = _position(ordered.size, p, kind)
    below, above = np.clip([whole - 1, whole], 0, ordered.size - 1)
    if weight in (0, 1):
        return float(ordered[above if weight else below])
    return float((1 - weight) * ordered[below] + weight * ordered[above])


def describe(values: ArrayLike, kind: int = 2) -> Summary:
    """The usual line of a table of a number: n, mean, SD, CV %, median, quartiles, min, max.

    Without values all are NaN but n = 0; SD and CV % need two values; CV % (100·SD/mean) is NaN
    where the mean is 0.
    """
    known = _known(values)
    n = known.size
    mean = float(known.mean()) if n else np.nan
    sd = float(known.std(ddof=1)) if n > 1 else np.nan
    q1, median, q3 = (quantile(known, p, kind) for p in (0.25, 0.5, 0.75))
    return Summary(
        n=n,
        mean=mean,
        sd=sd,
        cv_pct=100 * sd / mean if mean else np.nan,
        median=median,
        q1=q1,
        q3=q3,
        min=float(known.min()) if n else np.nan,
        max=float(known.max()) if n else np.nan,
    )


def describe_geometric(values: ArrayLike, conf_level: float = 0.95) -> GeometricSummary:
    """The centre and spread of positive values on the log scale (Cmax, AUC).

    Geometric mean exp(mean ln x) with its t interval, geometric SD exp(s), geometric CV %
    100·√(exp(s²) − 1), s² the sample variance of ln x. Values of 0 or less have no logarithm: they
    are left out, and `n` says how many are in (METHODS §6). All NaN without a positive value; all
    but the mean with one.
    """
    check_conf_level(conf_level)
    known = _known(values)
    logs = np.log(known[known > 0])
    n = logs.size
    centre = float(logs.mean()) if n else np.nan
    s = float(logs.std(ddof=1)) if n > 1 else np.nan
    half = float(t.ppf((1 + conf_level) / 2, n - 1)) * s / np.sqrt(n) if n > 1 else np.nan
    return GeometricSummary(
        n=n,
        mean=float(np.exp(centre)),
        low=float(np.exp(centre - half)),
        high=float(np.exp(centre + half)),
        sd=float(np.exp(s)),
        cv_pct=float(100 * np.sqrt(np.expm1(s**2))),
    )


def _known(values: ArrayLike) -> Floats:
    array = np.asarray(values, dtype=float).ravel()
    return array[~np.isnan(array)]


def _position(n: int, p: float, kind: int) -> tuple[int, float]:
    """The value is (1 − weight)·x[whole] + weight·x[whole + 1], counted from 1."""
    if kind in PLOTTING:
        a, b = PLOTTING[kind]
        position = a + p * (n + 1 - a - b)
    else:
        position = n * p - (0.5 if kind == 3 else 0)
    whole = int(np.floor(position + WHOLE))
    rest = position - whole
    if rest < WHOLE:
        rest = 0.0
    if kind in PLOTTING:
        return whole, rest
    at_whole = {1: 0.0, 2: 0.5, 3: float(whole % 2)}[kind]
    return whole, 1.0 if rest else at_whole
