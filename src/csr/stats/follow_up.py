"""Follow-up of subjects: how long each was observed, and how that ended; checked before use."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The tolerance of R's survival package: the square root of the double precision epsilon.
TIE_TOLERANCE = float(np.sqrt(np.finfo(float).eps))


def check_times(time: ArrayLike) -> Floats:
    """The follow-up time of each subject, with times that differ only by floating error made equal.

    One value per subject, in any one unit, 0 or more. Times closer than 1.5e-8, absolutely or
    relative to the mean of the distinct times, are one time (the smallest of them), so that
    1.1 and 1.1000000000000001 are a tie. Source: R survival 3.5-3 `aeqSurv` (timefix=TRUE).

    Raises ValueError for a missing, infinite or negative time, naming how many and the first.
    """
    times = np.asarray(time, dtype=float)
    if times.ndim != 1:
        raise ValueError(f"time: has {times.ndim} dimensions; one value per subject is allowed")
    wrong = ~np.isfinite(times) | (times < 0)
    if wrong.any():
        raise ValueError(
            f"time: {wrong.sum()} of {times.size} values are missing, infinite or negative"
            f" (first at position {int(np.argmax(wrong))}: {times[wrong][0]}); a time of 0 or more"
            " is allowed; leave out subjects without follow-up, or correct their dates"
        )
    return _tie_close(times)


def check_codes(event: ArrayLike, subjects: int, highest: int = 1) -> Ints:
    """How each follow-up ended: 0 censored, 1 event (up to `highest` for competing causes).

    Raises ValueError where the count differs from the subjects, or for a code outside 0..highest.
    """
    codes = np.asarray(event, dtype=float)
    if codes.shape != (subjects,):
        raise ValueError(f"event: {codes.size} values for {subjects} times; one each is allowed")
    wrong = ~np.isin(codes, np.arange(highest + 1))
    if wrong.any():
        allowed = "0 (censored) and 1 (event)" if highest == 1 else f"0 (censored) to {highest}"
        raise ValueError(
            f"event: {wrong.sum()} of {subjects} values are {_some(codes[wrong])};"
            f" {allowed} are allowed; note that CNSR of ADaM is the other way round"
        )
    return codes.astype(np.int64)


def check_conf_level(conf_level: float) -> None:
    """Raises ValueError unless the confidence level lies between 0 and 1 (0.95, not 95)."""
    if not 0 < conf_level < 1:
        raise ValueError(f"conf_level: {conf_level}; more than 0 and less than 1 is allowed (0.95)")


def _some(values: Floats) -> str:
    return ", ".join(f"{value:g}" for value in np.unique(values)[:5])


def _tie_close(times: Floats) -> Floats:
    distinct = np.unique(times)
    if distinct.size < 2:
        return times
    gaps = np.diff(distinct)
    tied = (gaps <= TIE_TOLERANCE) | (gaps / distinct.mean() <= TIE_TOLERANCE)
    first = distinct[np.concatenate([[True], ~tied])]
    return first[np.searchsorted(first, times, side="right") - 1]


def check_labels(name: str, labels: ArrayLike, subjects: int) -> Ints:
    """One label per subject, as numbers 0, 1, … in the order of the labels.

    Raises ValueError, naming `name`, for another number of labels and for missing ones.
    """
    values = np.asarray(labels)
    if values.shape != (subjects,):
        raise ValueError(f"{name}: {values.size} values for {subjects} times; one each is allowed")
    if any(value is None or value != value for value in values.tolist()):
        raise ValueError(f"{name}: has missing values; a label for every subject is allowed")
    return np.unique(values, return_inverse=True)[1].astype(np.int64)
