"""Do groups differ in when they have the event? The log-rank test and its weighted relatives.

Checked against R 4.2.2, survival 3.5-3 `survdiff` (tests/reference/test_compare_r.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2

from csr.stats.follow_up import Floats, Ints, check_codes, check_labels, check_times

Weight = Literal["log-rank", "peto-peto", "gehan-breslow", "tarone-ware"]

ONE_GROUP = "fewer than two groups at risk when events occurred"
NO_INFORMATION = "no event while two groups were at risk"


@dataclass(frozen=True)
class Comparison:
    """A chi-square test of equal survival in all groups; NaN with a `reason` if not possible."""

    chi_square: float
    df: int
    p: float
    reason: str = ""


def compare_groups(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    weight: Weight = "log-rank",
    strata: ArrayLike | None = None,
) -> Comparison:
    """Whether two or more groups have the event at the same rate over time.

    `time` and `event` (1 event, 0 censored) as in `kaplan_meier`; `group` and, for a stratified
    test, `strata` hold one label per subject. At each event time the events of a group are set
    against those expected, weighted by 1 (log-rank), the pooled survival just before (Peto-Peto,
    R rho = 1), the number at risk n (Gehan-Breslow) or √n (Tarone-Ware); all within strata. Groups
    never at risk at an event are left out of the degrees of freedom. NaN with a reason where fewer
    than two remain. Raises ValueError for wrong input. Sources: Mantel 1966; Harrington and Fleming
    1982; Gehan 1965; Tarone and Ware 1977.
    """
    times = check_times(time)
    events = check_codes(event, times.size)
    groups = check_labels("group", group, times.size)
    layers = (
        check_labels("strata", strata, times.size) if strata is not None else np.zeros_like(groups)
    )
    k = int(groups.max(initial=0)) + 1
    difference, expected, covariance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for layer in np.unique(layers):
        inside = layers == layer
        parts = _stratum(times[inside], events[inside], groups[inside], k, weight)
        difference, expected, covariance = (
            total + part
            for total, part in zip((difference, expected, covariance), parts, strict=True)
        )
    return chi_square_of(difference, covariance, expected > 0)


def chi_square_of(difference: Floats, covariance: Floats, present: np.ndarray) -> Comparison:
    """The chi-square of observed minus expected, of the groups `present`, less one."""
    kept = np.flatnonzero(present)[1:]
    if kept.size == 0:
        return Comparison(np.nan, 0, np.nan, ONE_GROUP)
    information = covariance[np.ix_(kept, kept)]
    if np.linalg.matrix_rank(information, hermitian=True) < kept.size:
        return Comparison(np.nan, int(kept.size), np.nan, NO_INFORMATION)
    chi_square = float(difference[kept] @ np.linalg.solve(information, difference[kept]))
    return Comparison(chi_square, int(kept.size), float(chi2.sf(chi_square, kept.size)))


def _stratum(
    times: Floats, events: Ints, groups: Ints, k: int, weight: Weight
) -> tuple[Floats, Floats, Floats]:
    """Observed minus expected and expected events of each group, weighted, and the covariance."""
    had_event = events == 1
    distinct, place = np.unique(times[had_event], return_inverse=True)
    observed = np.zeros((distinct.size, k))
    np.add.at(observed, (place, groups[had_event]), 1)
    at_risk = np.zeros((distinct.size, k))
    for g in range(k):
        own = np.sort(times[groups == g])
        at_risk[:, g] = own.size - np.searchsorted(own, distinct)
    n, d = at_risk.sum(axis=1), observed.sum(axis=1)
    before = np.concatenate([[1.0], np.cumprod((n - d) / n)])[:-1]
    w = _weights(weight, n, before)
    share = at_risk / n[:, None]
    expected = share * d[:, None]
    scale = np.divide(w**2 * d * (n - d), n - 1, out=np.zeros(n.size), where=n > 1)
    covariance = np.diag(scale @ share) - (share * scale[:, None]).T @ share
    return w @ (observed - expected), w @ expected, covariance


def _weights(weight: Weight, at_risk: Floats, survival_before: Floats) -> Floats:
    match weight:
        case "log-rank":
            return np.ones(at_risk.size)
        case "peto-peto":
            return survival_before
        case "gehan-breslow":
            return at_risk
        case "tarone-ware":
            return np.sqrt(at_risk)
    raise ValueError(
        f"weight: '{weight}'; log-rank, peto-peto, gehan-breslow, tarone-ware are allowed"
    )
