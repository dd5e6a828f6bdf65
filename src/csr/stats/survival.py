"""Kaplan-Meier: how many are still without the event, and for how long (METHODS §4).

Everything is checked against R 4.2.2, survival 3.5-3 (tests/reference/test_survival_r.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from csr.stats.follow_up import (
    TIE_TOLERANCE,
    Floats,
    Ints,
    check_codes,
    check_conf_level,
    check_times,
)

ConfType = Literal["log-log", "log", "plain", "arcsin", "logit"]

NO_SUBJECTS = "no subjects"
NOT_REACHED = "not reached"
BEYOND_LAST = "beyond last observation"
NOBODY_LEFT = "no interval where survival is 0"
NO_EVENT_YET = "no interval where survival is 1"


@dataclass(frozen=True, eq=False)
class Curve:
    """A Kaplan-Meier curve: one element per distinct time at which anyone had an event or left.

    time      in the unit of the input, ascending
    n_risk    subjects with follow-up of at least this time
    n_event, n_censor    events and censorings at this time; events come first
    surv      estimated probability of being without the event just after this time
    variance  of surv (Greenwood); NaN where surv is 0
    """

    time: Floats
    n_risk: Ints
    n_event: Ints
    n_censor: Ints
    surv: Floats
    variance: Floats

    @property
    def n(self) -> int:
        """Subjects."""
        return int(self.n_risk[0]) if self.time.size else 0

    @property
    def se(self) -> Floats:
        """Standard error of surv."""
        return np.sqrt(self.variance)


@dataclass(frozen=True)
class Quantile:
    """A time, with its interval; NaN where not reached, and `reason` says why there is no time.

    A limit may be NaN on its own: then the curve's limit is never that low ("not reached").
    """

    time: float
    low: float
    high: float
    reason: str = ""


@dataclass(frozen=True)
class Landmark:
    """Survival at one time: n_risk subjects were observed to this time or longer.

    `reason` says why survival, or only its interval, is NaN.
    """

    time: float
    n_risk: int
    surv: float
    se: float
    low: float
    high: float
    reason: str = ""


@dataclass(frozen=True)
class RestrictedMean:
    """Mean time without the event during the first `tau`, with its standard error."""

    tau: float
    mean: float
    se: float
    reason: str = ""


def kaplan_meier(time: ArrayLike, event: ArrayLike) -> Curve:
    """The share of subjects still without the event over time, where some left before having it.

    `time` is the follow-up of each subject (0 or more, one unit), `event` 1 where it ended in the
    event and 0 where it was censored. Events precede censorings at the same time; times equal but
    for floating error are the same. No subjects give an empty curve. Raises ValueError for missing
    or negative times and for codes other than 0 and 1. Source: Kaplan and Meier 1958; variance
    Greenwood 1926; as R `survfit` (test_survival_r.py).
    """
    times = check_times(time)
    events = check_codes(event, times.size)
    distinct, place = np.unique(times, return_inverse=True)
    n_event = np.bincount(place, weights=events, minlength=distinct.size).astype(np.int64)
    n_left = np.bincount(place, minlength=distinct.size).astype(np.int64)
    n_risk = times.size - np.cumsum(n_left) + n_left
    surv = np.cumprod((n_risk - n_event) / n_risk, dtype=np.float64)
    variance = np.where(surv > 0, surv**2 * np.cumsum(_hazard_variance(n_risk, n_event)), np.nan)
    return Curve(distinct, n_risk, n_event, n_left - n_event, surv, variance)


def reverse_kaplan_meier(time: ArrayLike, event: ArrayLike) -> Curve:
    """How long subjects were followed up: the event is to be censored, an event ends observation.

    Arguments as `kaplan_meier` (1 is still the clinical event). Its median is the median follow-up:
    `quantile_time(curve, 0.5)`. Source: Schemper and Smith 1996.
    """
    times = check_times(time)
    return kaplan_meier(times, 1 - check_codes(event, times.size))


def pointwise_interval(
    curve: Curve, conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> tuple[Floats, Floats]:
    """Limits of survival at each time of the curve: (low, high).

    NaN where survival is 0, and, for log-log, logit and arcsin, where it is 1 (as R, and SAS).
    """
    return transformed_interval(curve.surv, curve.se, conf_level, conf_type)


def transformed_interval(
    estimate: Floats, se: Floats, conf_level: float, conf_type: ConfType
) -> tuple[Floats, Floats]:
    """Limits of probabilities with standard errors, formed on a scale and transformed back.

    log-log: S^exp(±z·se/(S·|ln S|)); log: S·exp(±z·se/S), at most 1; plain: S ± z·se within 0 to 1;
    logit and arcsin: on ln(S/(1−S)) and arcsin √S. Source: R survival 3.5-3 `survfit_confint`.
    """
    check_conf_level(conf_level)
    half = norm.ppf((1 + conf_level) / 2) * se
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        match conf_type:
            case "log-log":
                log_surv = np.log(estimate)
                spread = half / (estimate * np.abs(log_surv))
                low = np.exp(log_surv * np.exp(spread))
                high = np.exp(log_surv * np.exp(-spread))
            case "log":
                low = estimate * np.exp(-half / estimate)
                high = np.minimum(estimate * np.exp(half / estimate), 1)
            case "plain":
                low, high = np.maximum(estimate - half, 0), np.minimum(estimate + half, 1)
            case "logit":
                odds = estimate / (1 - estimate)
                spread = np.exp(half / (estimate * (1 - estimate)))
                low, high = 1 - 1 / (1 + odds / spread), 1 - 1 / (1 + odds * spread)
            case "arcsin":
                angle, spread = np.arcsin(np.sqrt(estimate)), half / 2
                spread = spread / np.sqrt(estimate * (1 - estimate))
                low = np.sin(np.maximum(0, angle - spread)) ** 2
                high = np.sin(np.minimum(np.pi / 2, angle + spread)) ** 2
            case _:
                raise ValueError(
                    f"conf_type: '{conf_type}'; log-log, log, plain, arcsin, logit are allowed"
                )
    return low, high


def quantile_time(
    curve: Curve, p: float, conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> Quantile:
    """By when a share `p` of the subjects had the event (p = 0.5: the median), with its interval.

    The first time at which survival is at most 1 − p; where survival stays at exactly 1 − p for a
    while, the middle of that while (up to the last observation if it never falls again). The limits
    follow from the curve's pointwise limits by the same rule. Equality is judged with a tolerance
    of 1.5e-8. NaN where not reached. Source: Brookmeyer and Crowley 1982; R survival 3.5-3
    `quantile.survfit`.
    """
    if not 0 <= p <= 1:
        raise ValueError(f"p: {p}; the share with the event, 0 to 1, is allowed (0.5)")
    if curve.n == 0:
        return Quantile(np.nan, np.nan, np.nan, NO_SUBJECTS)
    low, high = pointwise_interval(curve, conf_level, conf_type)
    time = _crossing(curve.time, curve.surv, p)
    limits = _crossing(curve.time, low, p), _crossing(curve.time, high, p)
    return Quantile(time, *limits, reason=NOT_REACHED if np.isnan(time) else "")


def survival_at(
    curve: Curve, times: Sequence[float], conf_level: float = 0.95, conf_type: ConfType = "log-log"
) -> tuple[Landmark, ...]:
    """The share without the event at given times, one landmark per time in the order given.

    Beyond the last observation survival is NaN with the reason `BEYOND_LAST`, except that it stays
    0 where everybody had the event; the reason is given there too. A time equal to an observed one
    but for floating error is that time; it counts the events at that time, and its subjects as
    still at risk. Raises ValueError for a missing or negative time.
    """
    asked = np.asarray(times, dtype=float)
    if asked.size and not (asked >= 0).all():
        raise ValueError(f"times: {list(times)}; landmarks of 0 or more are allowed")
    low, high = pointwise_interval(curve, conf_level, conf_type)
    one_at_start = {"log": 1.0, "plain": 1.0}.get(conf_type, np.nan)
    steps = np.column_stack([curve.surv, curve.se, low, high])
    steps = np.vstack([[1.0, 0.0, one_at_start, one_at_start], steps])
    return tuple(_landmark(curve, steps, t) for t in asked)


def restricted_mean(curve: Curve, tau: float | None = None) -> RestrictedMean:
    """The mean time without the event in the first `tau`: the area under the curve up to there.

    `tau` None is the last observation. NaN with a reason where `tau` lies beyond it and survival
    has not fallen to 0. The standard error is √Σ A²·d/(n(n−d)), A the area from each event time to
    tau. Source: Irwin 1949; as R `survmean` (rmean="individual" for `tau` None).
    """
    if tau is not None and not (np.isfinite(tau) and tau >= 0):
        raise ValueError(f"tau: {tau}; a time of 0 or more is allowed")
    if curve.n == 0:
        return RestrictedMean(np.nan if tau is None else tau, np.nan, np.nan, NO_SUBJECTS)
    last = float(curve.time[-1])
    end = last if tau is None else float(tau)
    if end > last + _slack(last) and curve.surv[-1] > 0:
        return RestrictedMean(end, np.nan, np.nan, BEYOND_LAST)
    edges = np.concatenate([[0.0], np.minimum(curve.time, end), [end]])
    areas = np.diff(edges) * np.concatenate([[1.0], curve.surv])
    area_left = np.cumsum(areas[:0:-1])[::-1]
    variance = np.sum(area_left**2 * _hazard_variance(curve.n_risk, curve.n_event))
    return RestrictedMean(end, float(areas.sum()), float(np.sqrt(variance)))


def _hazard_variance(n_risk: Ints, n_event: Ints) -> Floats:
    left = n_risk - n_event
    return np.divide(n_event, n_risk * left, out=np.zeros(n_risk.size), where=left > 0)


def _crossing(time: Floats, level: Floats, p: float) -> float:
    """When `level` falls to 1 − p; R's `findq`, which orders the levels before it looks."""
    times = np.concatenate([[0.0], time])
    fallen = np.concatenate([[0.0], 1 - level])
    if p == 0:
        return 0.0
    values, first = np.unique(fallen, return_index=True)
    last = fallen[first.max()]
    known = ~np.isnan(values)
    values, starts = values[known], times[first[known]]
    early = int(np.searchsorted(values + TIE_TOLERANCE, p))
    late = int(np.searchsorted(values - TIE_TOLERANCE, p))
    if early == values.size:
        return np.nan
    if abs(p - last) < TIE_TOLERANCE:
        return float(starts[early] + times[-1]) / 2
    return float(starts[early] + starts[late]) / 2 if late < values.size else np.nan


def _slack(time: float) -> float:
    return TIE_TOLERANCE * max(1.0, time)


def _landmark(curve: Curve, steps: Floats, time: float) -> Landmark:
    if curve.n == 0:
        return Landmark(time, 0, np.nan, np.nan, np.nan, np.nan, NO_SUBJECTS)
    slack = _slack(time)
    step = int(np.searchsorted(curve.time, time + slack, side="right"))
    at_risk = int(np.searchsorted(curve.time, time - slack, side="left"))
    if at_risk == curve.time.size:
        surv = 0.0 if curve.surv[-1] == 0 else np.nan
        return Landmark(time, 0, surv, np.nan, np.nan, np.nan, BEYOND_LAST)
    surv, se, low, high = (float(value) for value in steps[step])
    reason = NOBODY_LEFT if surv == 0 else NO_EVENT_YET if np.isnan(low) else ""
    return Landmark(time, int(curve.n_risk[at_risk]), surv, se, low, high, reason)
