"""The terminal half-life of many profiles at once: log-linear regression on the last points."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from csr.derive.nca import Array, Found, Profiles, quantifiable
from csr.params.kinetics import Terminal

NOT_FALLING = "the curve does not fall after the peak"


class Fit(NamedTuple):
    """Per profile: λz, half-life, points, adjusted R², span in half-lives, first time; and why not.

    All NaN where `reason` is not "".
    """

    rate: Array
    half_life: Array
    points: Array
    r2adj: Array
    span: Array
    start: Array
    reason: Array


def terminal(profiles: Profiles, tmax: Found, rule: Terminal) -> Fit:
    """λz from at least three quantifiable samples after the peak, which itself is not used
    unless params say so.

    `best-fit`: of all fits to the last 3, 4, … points that fall, the best adjusted R²; of those
    nearer to it than the tolerance, the one of most points. `last-points`: the last n points.
    Source: METHODS §6; PKNCA and Phoenix defaults.
    """
    with np.errstate(invalid="ignore"):
        after = quantifiable(profiles) & profiles.post & (profiles.value > 0)
        top = tmax.value[:, None]
        after &= (profiles.time >= top) if rule.peak_is_a_point else (profiles.time > top)
    back = np.argsort(~after, axis=1, kind="stable")
    count = after.sum(axis=1)
    rate, r2adj, first = _fits(profiles, back, count)
    column, fits = _choose(rate, r2adj, count, rule)
    reason = tmax.reason.copy()
    few = (reason == "") & (count < rule.points)
    reason[few] = f"fewer than {rule.points} quantifiable samples after the peak"
    reason[(reason == "") & ~fits] = NOT_FALLING
    there = reason == ""
    row = np.arange(len(count))
    chosen = np.where(there, rate[row, column], np.nan)
    half = np.log(2) / chosen
    start = np.where(there, first[row, column], np.nan)
    last = _last_time(profiles, back, count)
    return Fit(
        chosen,
        half,
        np.where(there, column + 1.0, np.nan),
        np.where(there, r2adj[row, column], np.nan),
        (last - start) / half,
        start,
        reason,
    )


def _last_time(profiles: Profiles, order: Array, count: Array) -> Array:
    time = np.take_along_axis(profiles.time, order, axis=1)
    picked: Array = time[np.arange(len(count)), np.maximum(count - 1, 0)]
    return picked


def _fits(profiles: Profiles, order: Array, count: Array) -> tuple[Array, Array, Array]:
    """Column n-1: λz, adjusted R² and first time of the fit to the last n points (NaN: no fit).

    Sums are taken from the last point, times and logarithms measured from it, so that nothing is
    lost where a profile lasts years.
    """
    width = profiles.time.shape[1]
    back = np.clip(count[:, None] - 1 - np.arange(width)[None, :], 0, max(width - 1, 0))
    picked = np.take_along_axis(order, back, axis=1)
    time = np.take_along_axis(profiles.time, picked, axis=1)
    value = np.take_along_axis(profiles.value, picked, axis=1)
    there = np.arange(width)[None, :] < count[:, None]
    with np.errstate(invalid="ignore", divide="ignore"):
        x = np.where(there, time - time[:, :1], 0.0)
        heights = np.where(there, value, 1.0)
        y = np.where(there, np.log(heights / heights[:, :1]), 0.0)
        n = np.arange(1.0, width + 1)[None, :]
        sx, sy = x.cumsum(axis=1), y.cumsum(axis=1)
        sxx = (x * x).cumsum(axis=1) - sx * sx / n
        syy = (y * y).cumsum(axis=1) - sy * sy / n
        sxy = (x * y).cumsum(axis=1) - sx * sy / n
        fit = there & (n >= 3) & (sxx > 0)
        rate = np.where(fit, -sxy / sxx, np.nan)
        r2 = np.clip(sxy * sxy / (sxx * syy), 0.0, 1.0)
        r2adj = np.where(fit, 1 - (1 - r2) * (n - 1) / (n - 2), np.nan)
    return rate, r2adj, np.where(there, time, np.nan)


def _choose(rate: Array, r2adj: Array, count: Array, rule: Terminal) -> tuple[Array, Array]:
    """Column of the fit that is taken, and whether there is one."""
    with np.errstate(invalid="ignore"):
        falls = (rate > 0) & ~np.isnan(r2adj)
    falls[:, : rule.points - 1] = False
    if rule.rule == "last-points":
        column = np.full(len(count), min(rule.points, rate.shape[1]) - 1)
        there: Array = falls[np.arange(len(count)), column]
        return column, there
    score = np.where(falls, r2adj, -np.inf)
    best = score.max(axis=1, keepdims=True)
    with np.errstate(invalid="ignore"):
        good = falls & ((best - score < rule.tolerance) | (score == best))
    column = good.shape[1] - 1 - good[:, ::-1].argmax(axis=1)
    any_fit: Array = np.any(falls, axis=1)
    return column, any_fit
