"""Non-compartmental analysis of many profiles at once: pure functions on padded arrays.

A `Profiles` holds one profile a row. Source: METHODS §6; Gabrielsson and Weiner, Pharmacokinetic
and Pharmacodynamic Data Analysis, for the trapezoid rules.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from csr.params.kinetics import Below, BelowLimit

Array = np.ndarray[Any, Any]
NO_PROFILE = "no usable sample after the infusion"
ALL_BLQ = "all samples below the limit of quantification"
STOPPED = "sampling stopped before the end of the area"
BEGAN_LATE = "sampling began after the start of the area"
NO_PRE_DOSE = "no sample before the infusion"
NO_SAMPLE = "no sample inside the area"
TOO_FEW = "fewer than two samples"


class Profiles(NamedTuple):
    """Samples by profile: arrays (profiles × samples), in order of time, padded with NaN times.

    `time` in days (or any unit) since the infusion, a pre-dose sample at 0; `value` is NaN where
    `blq`; `post` is False for pre-dose samples, which are in areas but not in Cmax.
    """

    time: Array
    value: Array
    blq: Array
    post: Array


class Found(NamedTuple):
    """One number per profile, and why it is missing ("" where it is not)."""

    value: Array
    reason: Array


class Points(NamedTuple):
    """The samples that count in areas, without gaps: `size` of them in each row, then NaN."""

    time: Array
    value: Array
    size: Array


def quantifiable(profiles: Profiles) -> Array:
    """Which samples have a number."""
    return ~np.isnan(profiles.time) & ~profiles.blq & ~np.isnan(profiles.value)


def rows_at(values: Array, column: Array) -> Array:
    """One value per row: that of its column."""
    picked: Array = np.take_along_axis(values, column[:, None], axis=1)[:, 0]
    return picked


def peak(profiles: Profiles) -> tuple[Found, Found]:
    """Cmax (0 where all are BLQ) and the first time it was reached, of samples after the dose."""
    usable = quantifiable(profiles) & profiles.post
    heights = np.where(usable, profiles.value, -np.inf)
    first = heights.argmax(axis=1)
    reason = _no_peak(profiles)
    height = np.where(usable.any(axis=1), rows_at(heights, first), 0.0)
    time = np.where(reason == "", rows_at(profiles.time, first), np.nan)
    nothing = reason == NO_PROFILE
    return (
        Found(np.where(nothing, np.nan, height), np.where(nothing, reason, "")),
        Found(time, reason),
    )


def _no_peak(profiles: Profiles) -> Array:
    sampled = (~np.isnan(profiles.time) & profiles.post).any(axis=1)
    any_peak = (quantifiable(profiles) & profiles.post).any(axis=1)
    return np.where(~sampled, NO_PROFILE, np.where(any_peak, "", ALL_BLQ)).astype(object)


def last_quantifiable(profiles: Profiles) -> tuple[Found, Found]:
    """Clast and Tlast: the last quantifiable sample, even after one that was BLQ."""
    usable = quantifiable(profiles) & profiles.post
    last = usable.shape[1] - 1 - usable[:, ::-1].argmax(axis=1)
    reason = _no_peak(profiles)
    there = reason == ""
    value = np.where(there, rows_at(profiles.value, last), np.nan)
    time = np.where(there, rows_at(profiles.time, last), np.nan)
    return Found(value, reason), Found(time, reason)


def first_blq_after(profiles: Profiles, tmax: Found, in_a_row: int = 1) -> Found:
    """Time of the first of so many BLQ samples in a row after the peak."""
    with np.errstate(invalid="ignore"):
        lost = profiles.blq & (profiles.time > tmax.value[:, None])
    width = lost.shape[1]
    for step in range(1, in_a_row):
        later = np.zeros_like(profiles.blq)
        later[:, : max(width - step, 0)] = profiles.blq[:, step:]
        lost = lost & later
    there = lost.any(axis=1)
    value = np.where(there, rows_at(profiles.time, lost.argmax(axis=1)), np.nan)
    words = "no sample" if in_a_row == 1 else f"no {in_a_row} samples in a row"
    missing = np.where(tmax.reason == "", f"{words} below the limit after the peak", tmax.reason)
    return Found(value, np.where(there, "", missing).astype(object))


def last_sample(profiles: Profiles) -> Found:
    """Time of the last sample after the dose, quantifiable or not."""
    post = np.where(profiles.post & ~np.isnan(profiles.time), profiles.time, -np.inf)
    time = post.max(axis=1)
    there = np.isfinite(time)
    return Found(np.where(there, time, np.nan), np.where(there, "", NO_PROFILE).astype(object))


def value_near(profiles: Profiles, day: float, window: float) -> Found:
    """The result nearest a day within a window (0 where BLQ); the later of two as near."""
    with np.errstate(invalid="ignore"):
        away = np.where(profiles.post, np.abs(profiles.time - day), np.inf)
    away = np.where(np.isnan(away), np.inf, away)
    nearest = away.shape[1] - 1 - away[:, ::-1].argmin(axis=1)
    there = rows_at(away, nearest) <= window
    value = np.where(rows_at(profiles.blq, nearest), 0.0, rows_at(profiles.value, nearest))
    none = np.where(_no_peak(profiles) == NO_PROFILE, NO_PROFILE, f"no sample near day {day:g}")
    return Found(np.where(there, value, np.nan), np.where(there, "", none).astype(object))


def count_blq(profiles: Profiles, rule: BelowLimit) -> Points:
    """The points of the areas: what is BLQ counts by its place, and what is dropped is taken out.

    Places are before, between and after the quantifiable samples of the profile. A profile that is
    all BLQ is all `before`.
    """
    sampled = ~np.isnan(profiles.time)
    known = quantifiable(profiles)
    seen = np.cumsum(known, axis=1)
    total = seen[:, -1:] if seen.shape[1] else seen
    before, after = seen == 0, (seen == total) & (total > 0)
    value = np.where(known, profiles.value, np.nan)
    for place, count in (
        (before, rule.before),
        (~before & ~after, rule.between),
        (after, rule.after),
    ):
        value = np.where(place & ~known, _number(count), value)
    keep = sampled & ~np.isnan(value)
    order = np.argsort(~keep, axis=1, kind="stable")
    kept = np.take_along_axis(keep, order, axis=1)
    time = np.where(kept, np.take_along_axis(profiles.time, order, axis=1), np.nan)
    value = np.where(kept, np.take_along_axis(value, order, axis=1), np.nan)
    return Points(time, value, keep.sum(axis=1))


def from_time_zero(points: Points, which: Array) -> tuple[Points, Array]:
    """The points with C(T0) = 0 put first, and the profiles in which it was.

    In the profiles `which` (of the first infusion, before which there are no copies) whose first
    point is after time zero (METHODS §10.16).
    """
    first = points.time[:, :1]
    put = which & ~(np.where(np.isnan(first), np.inf, first) <= 0)[:, 0]
    empty = np.full((len(put), 1), np.nan)
    time, value = (np.hstack([array, empty]) for array in (points.time, points.value))
    time[put] = np.roll(time[put], 1, axis=1)
    value[put] = np.roll(value[put], 1, axis=1)
    time[put, 0] = value[put, 0] = 0.0
    return Points(time, value, points.size + put), put


def _number(count: Below) -> float:
    return np.nan if count == "dropped" else float(count)


def area_to(points: Points, end: Array, log_down: bool) -> Array:
    """Area under each curve from its first point to `end` (one per profile, NaN: none).

    Linear, or linear up and logarithmic down; a segment that `end` falls into is interpolated by
    the same rule. Nothing is extrapolated: beyond the last point the curve adds nothing. Where a
    falling segment touches 0 its logarithm does not exist and it is linear.
    """
    start, left = points.time[:, :-1], points.value[:, :-1]
    width, right = np.diff(points.time, axis=1), points.value[:, 1:]
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        part = np.clip(end[:, None] - start, 0.0, width)
        share = np.where(width > 0, part / width, 0.0)
        area = part * (left + 0.5 * share * (right - left))
        if log_down:
            falls = (right < left) & (right > 0) & (width > 0)
            rate = np.where(falls, -np.log1p((right - left) / left) / width, 1.0)
            area = np.where(falls, -left * np.expm1(-rate * part) / rate, area)
    total: Array = np.where(np.isnan(end), np.nan, np.nansum(area, axis=1))
    return total


def auc_last(
    profiles: Profiles, points: Points, tlast: Found, log_down: bool, first: Array | None = None
) -> Found:
    """Area to the last quantifiable sample; of two samples at least.

    The pre-dose sample is one of them in a later infusion; in a first (`first`, which profiles are
    of one; all, where not said) it is not, so that a zero before the infusion changes nothing.
    """
    which = np.ones(len(points.size), dtype=bool) if first is None else first
    counts = ~np.isnan(profiles.time) & (profiles.post | ~which[:, None])
    few = counts.sum(axis=1) < 2
    reason = np.where((tlast.reason == "") & few, TOO_FEW, tlast.reason)
    reason = np.where((reason == "") & _begins_after(points, 0.0), NO_PRE_DOSE, reason)
    area = area_to(points, np.where(reason == "", tlast.value, np.nan), log_down)
    return Found(area, reason.astype(object))


def _begins_after(points: Points, day: float) -> Array:
    """Whose first point is after a day, or who have none."""
    late: Array = ~(np.where(np.isnan(points.time), np.inf, points.time)[:, 0] <= day)
    return late


def auc_between(
    profiles: Profiles, points: Points, days: tuple[float, float], window: float, log_down: bool
) -> Found:
    """Area between two days; 0 where all is BLQ, missing where it can't be told.

    It needs a sample after the start up to the end, and one that counts at or after the end, or
    less than `window` before it (an area that ends within the window is that to its last sample;
    what is BLQ throughout is 0 without). It begins at a point on or before its first day (from a
    day after the infusion also within `window`), so that no part of it is missing.
    """
    start, end = days
    rows = len(points.size)
    reason = _no_peak(profiles)
    reason[reason == ALL_BLQ] = ""
    # Where something was left of an earlier infusion, not all is BLQ though all after the dose is.
    zero = ~quantifiable(profiles).any(axis=1)
    with np.errstate(invalid="ignore"):
        inside = profiles.post & (profiles.time > start) & (profiles.time <= end)
    time = np.where(np.isnan(points.time), -np.inf, points.time)
    stopped = ~(time.max(axis=1) >= end - window)
    late = _begins_after(points, start + window if start > 0 else start)
    for wrong, why in (
        (~inside.any(axis=1), NO_SAMPLE),
        (~zero & stopped, STOPPED),
        (late, BEGAN_LATE if start > 0 else NO_PRE_DOSE),
    ):
        reason = np.where((reason == "") & wrong, why, reason).astype(object)
    to_end = area_to(points, np.full(rows, end), log_down)
    to_start = area_to(points, np.full(rows, start), log_down) if start > 0 else 0.0
    area = np.where(zero, 0.0, to_end - to_start)
    return Found(np.where(reason == "", area, np.nan), reason)
