"""Cumulative incidence: the share that has had an event of one cause while others compete.

Checked against R 4.2.2, survival 3.5-3 `survfit` (tests/reference/test_incidence_r.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from csr.stats.follow_up import Floats, Ints, check_codes, check_times
from csr.stats.survival import ConfType, transformed_interval

WHOLE = 1e-12  # an incidence this near 1 is 1 but for floating error


@dataclass(frozen=True, eq=False)
class Incidence:
    """The Aalen-Johansen curve of one cause: one element per distinct time.

    time       in the unit of the input, ascending
    n_risk     subjects with follow-up of at least this time
    n_event, n_competing, n_censor    what happened at this time; events come before censorings
    incidence  estimated probability of an event of this cause by this time
    variance   of incidence
    """

    time: Floats
    n_risk: Ints
    n_event: Ints
    n_competing: Ints
    n_censor: Ints
    incidence: Floats
    variance: Floats


def cumulative_incidence(time: ArrayLike, cause: ArrayLike, of: int = 1) -> Incidence:
    """The share of subjects with an event of cause `of` over time, where other causes prevent it.

    `time` as in `kaplan_meier`; `cause` 0 where censored, else a whole number that names the cause
    of the first event (up to 9). All events at a time are set against the same subjects at risk, so
    ties need no breaking. No subjects give an empty curve; a cause that never occurs stays 0.
    Raises ValueError for wrong input. Sources: Aalen and Johansen 1978; variance: Andersen, Borgan,
    Gill and Keiding 1993 (4.4.17-18) with the multinomial variance at ties, which is R's
    infinitesimal jackknife.
    """
    times = check_times(time)
    causes = check_codes(cause, times.size, highest=9)
    if of not in range(1, 10):
        raise ValueError(f"of: {of}; a cause of 1 to 9 is allowed")
    distinct, place = np.unique(times, return_inverse=True)
    own, any_cause, left = (
        np.bincount(place[which], minlength=distinct.size).astype(np.int64)
        for which in (causes == of, causes > 0, causes >= 0)
    )
    n_risk = times.size - np.cumsum(left) + left
    before = np.concatenate([[1.0], np.cumprod((n_risk - any_cause) / n_risk)])[:-1]
    incidence = np.cumsum(before * own / n_risk)
    variance = _variance(n_risk, own, any_cause, before, incidence)
    return Incidence(distinct, n_risk, own, any_cause - own, left - any_cause, incidence, variance)


def incidence_interval(
    curve: Incidence, conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> tuple[Floats, Floats]:
    """Limits of the incidence at each time of the curve: (low, high); NaN where it is 0 or 1."""
    whole = curve.incidence > 1 - WHOLE
    share = np.where(whole, 1.0, curve.incidence)
    low, high = transformed_interval(share, np.sqrt(curve.variance), conf_level, conf_type)
    return np.where(whole, np.nan, low), np.where(whole, np.nan, high)


def incidence_at(curve: Incidence, time: float) -> float:
    """The incidence by `time`; NaN beyond the last observation and without subjects."""
    if curve.time.size == 0 or time > curve.time[-1]:
        return np.nan
    return float(
        np.concatenate([[0.0], curve.incidence])[np.searchsorted(curve.time, time, "right")]
    )


def _variance(
    n_risk: Ints, own: Ints, any_cause: Ints, before: Floats, incidence: Floats
) -> Floats:
    """Each time s adds to the variance at t: an event of the cause at s raises the incidence by
    S(s−), and any event takes away the share of what came after, (F(t) − F(s))/(1 − h(s))."""
    share, hazard = own / n_risk, any_cause / n_risk
    staying = 1 - hazard
    odds = np.divide(hazard, staying, out=np.zeros(hazard.size), where=staying > 0)
    after = np.tril(incidence[:, None] - incidence[None, :])
    so_far = np.tril(np.ones_like(after))
    variance = (
        so_far @ (before**2 * share * (1 - share) / n_risk)
        - 2 * after @ (before * share / n_risk)
        + after**2 @ (odds / n_risk)
    )
    return np.maximum(variance, 0)  # floating error, where nobody is left
