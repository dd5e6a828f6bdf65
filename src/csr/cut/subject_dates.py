"""A cut-off date for each subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import pandas as pd

from csr.cut.dates import earliest
from csr.cut.domains import text
from csr.errors import DataError, Finding


def fixed_days_cut(
    sdtm: Mapping[str, pd.DataFrame], days: int, *, cutoff: dt.date | None = None
) -> dict[str, dt.date]:
    """USUBJID → the day `days` days after the first infusion, for `cut_sdtm(cutoff=...)`.

    The first infusion is RFXSTDTC of DM, without it RFSTDTC; a partial date counts by its earliest
    day. With `cutoff`, the data cut-off, no subject's day is after it, and subjects not infused
    have that day.

    Raises DataError without DM, for negative `days`, and for subjects not infused when there is no
    `cutoff` to give them.
    """
    if "dm" not in sdtm:
        raise DataError("fixed-day cut: there is no DM, which holds the first infusion; add it.")
    if days < 0:
        raise DataError(f"fixed-day cut: {days} days; must be 0 or more after the first infusion.")
    dm = sdtm["dm"]
    first = _first_infusion(dm)
    subjects = text(dm, "USUBJID")
    missing = sorted(subjects[first == 0])
    if missing and cutoff is None:
        message = (
            f"fixed-day cut: {len(missing)} of {len(dm)} subjects have no first infusion "
            "(RFXSTDTC, RFSTDTC); give the data cut-off as `cutoff` for them, or leave them out."
        )
        keys = tuple(f"USUBJID={subject}" for subject in missing)
        raise DataError(
            message, (Finding("error", "DM", "RFXSTDTC", "cut-date", message, keys=keys),)
        )
    return {
        subject: _day(int(day), days, cutoff) for subject, day in zip(subjects, first, strict=True)
    }


def _first_infusion(dm: pd.DataFrame) -> np.ndarray:
    first = np.zeros(len(dm), dtype=np.int64)
    for column in ("RFXSTDTC", "RFSTDTC"):
        if column in dm.columns:
            first = np.where(first == 0, earliest(dm[column]), first)
    return first


def _day(first: int, days: int, cutoff: dt.date | None) -> dt.date:
    if first == 0 and cutoff is not None:
        return cutoff
    day = dt.date(first // 10000, first // 100 % 100, first % 100) + dt.timedelta(days=days)
    return day if cutoff is None else min(day, cutoff)
