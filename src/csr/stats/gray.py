"""Do groups differ in the cumulative incidence of a cause, where other causes compete? Gray's test.

Checked against R 4.2.2, cmprsk 2.2-11 `cuminc` (tests/reference/test_gray_r.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from csr.stats.compare import Comparison, chi_square_of
from csr.stats.follow_up import Floats, Ints, check_codes, check_labels, check_times


@dataclass(frozen=True, eq=False)
class _Stratum:
    """One stratum at its distinct times with events (rows), by group (columns).

    `own` and `other` are the events of the cause and of the others, `at_risk` the subjects.
    """

    own: Floats
    other: Floats
    at_risk: Floats


def compare_incidence(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    of: int = 1,
    strata: ArrayLike | None = None,
) -> Comparison:
    """Whether two or more groups have the same cumulative incidence of cause `of` over time.

    `time` and `cause` as in `cumulative_incidence`; `group` and `strata` one label per subject, as
    in `compare_groups`. Each group's events of the cause are set against those expected if all had
    one subdistribution hazard, subjects with another event counting on in the risk set. NaN with a
    reason where fewer than two groups are at risk. Raises ValueError for wrong input. Source: Gray
    1988 (rho = 0), with the multinomial variance at ties, as cmprsk.
    """
    times = check_times(time)
    causes = check_codes(cause, times.size, highest=9)
    if of not in range(1, 10):
        raise ValueError(f"of: {of}; a cause of 1 to 9 is allowed")
    groups = check_labels("group", group, times.size)
    layers = np.zeros_like(groups) if strata is None else check_labels("strata", strata, times.size)
    k = int(groups.max(initial=0)) + 1
    difference, expected, covariance = np.zeros(k), np.zeros(k), np.zeros((k, k))
    for layer in np.unique(layers):
        inside = layers == layer
        counted = _counted(times[inside], causes[inside], groups[inside], k, of)
        parts = _scores(counted)
        difference, expected, covariance = (
            total + part
            for total, part in zip((difference, expected, covariance), parts, strict=True)
        )
    return chi_square_of(difference, covariance, expected > 0)


def _counted(times: Floats, causes: Ints, groups: Ints, k: int, of: int) -> _Stratum:
    distinct, place = np.unique(times[causes > 0], return_inverse=True)
    own, other = np.zeros((distinct.size, k)), np.zeros((distinct.size, k))
    happened, whose = causes[causes > 0], groups[causes > 0]
    np.add.at(own, (place[happened == of], whose[happened == of]), 1)
    np.add.at(other, (place[happened != of], whose[happened != of]), 1)
    at_risk = np.zeros((distinct.size, k))
    for g in range(k):
        mine = np.sort(times[groups == g])
        at_risk[:, g] = mine.size - np.searchsorted(mine, distinct)
    return _Stratum(own, other, at_risk)


def _scores(data: _Stratum) -> tuple[Floats, Floats, Floats]:
    """Observed minus expected events of each group, the expected, and the covariance.

    By Gray's section 2: h = Y/S(t−) estimates the number of a group once at risk and not yet lost
    to censoring; the pooled incidence under the null hypothesis grows by events over Σh.
    """
    y, own, other = data.at_risk, data.own, data.other
    hazard = _ratio(own + other, y)
    surv = np.cumprod(1 - hazard, axis=0, dtype=np.float64)
    surv_before = np.vstack([np.ones(y.shape[1]), surv[:-1]])
    incidence = np.cumsum(surv_before * _ratio(own, y), axis=0, dtype=np.float64)
    incidence_before = np.vstack([np.zeros(y.shape[1]), incidence[:-1]])
    h = _ratio(y, surv_before)
    total = h.sum(axis=1)
    events = own.sum(axis=1)
    pooled_step = events / total
    pooled = np.cumsum(pooled_step, dtype=np.float64)
    pooled_before = np.concatenate([[0.0], pooled[:-1]])
    still = h * (1 - incidence_before)
    expected = events[:, None] * still / still.sum(axis=1, keepdims=True)
    covariance = _covariance(data, h, surv, surv_before, pooled, pooled_before, pooled_step)
    return (own - expected).sum(axis=0), expected.sum(axis=0), covariance


def _covariance(
    data: _Stratum,
    h: Floats,
    surv: Floats,
    surv_before: Floats,
    pooled: Floats,
    pooled_before: Floats,
    pooled_step: Floats,
) -> Floats:
    """Gray's estimate: over times t and groups r, what an event in r does to each group's score.

    An event of the cause acts at once, by d = h_k(δ_kr − h_r/Σh), and later through the estimate
    of survival, by [1 − (1 − F(t))/S_r(t)](c(τ) − c(t)), c the sum of d·dF/(1 − F); an event of
    another cause acts later only.
    """
    k = h.shape[1]
    share = h / h.sum(axis=1, keepdims=True)
    d = h[:, :, None] * (np.eye(k) - share[:, None, :])
    c = np.cumsum(d * _ratio(pooled_step, 1 - pooled_before)[:, None, None], axis=0)
    remaining = c[-1] - c if len(c) else c
    ratio = np.where(surv > 0, _ratio(np.broadcast_to((1 - pooled)[:, None], surv.shape), surv), 0)
    by_own = d + np.where(surv > 0, 1 - ratio, 1.0)[:, None, :] * remaining
    by_other = -ratio[:, None, :] * remaining
    events = data.own.sum(axis=1)
    # The variance of a count of several among h or Y subjects is that of a draw without return.
    total = h.sum(axis=1, keepdims=True)
    drawn = _without_return(events[:, None], total * surv_before)
    of_own = drawn * _ratio(np.broadcast_to(pooled_step[:, None], h.shape), h)
    others = data.other
    of_other = (
        _without_return(others, data.at_risk) * surv_before**2 * _ratio(others, data.at_risk**2)
    )
    of_other = np.where(surv > 0, of_other, 0)
    return np.einsum("tkr,tlr,tr->kl", by_own, by_own, of_own) + np.einsum(
        "tkr,tlr,tr->kl", by_other, by_other, of_other
    )


def _without_return(events: Floats, among: Floats) -> Floats:
    """1 − (d − 1)/(n − 1) where more than one of n has the event at once, else 1."""
    several = np.broadcast_to(events > 1, np.broadcast_shapes(events.shape, among.shape))
    return np.where(several, 1 - _ratio(events - 1, among - 1), 1.0)


def _ratio(above: Floats, below: Floats) -> Floats:
    shape = np.broadcast_shapes(np.shape(above), np.shape(below))
    return np.divide(above, below, out=np.zeros(shape), where=np.broadcast_to(below != 0, shape))
