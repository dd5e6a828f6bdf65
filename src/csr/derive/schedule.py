"""What a schedule asked for against what was done: kept, late, missed, overdue or not due."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

KEPT, LATE, MISSED, OVERDUE = "KEPT", "LATE", "MISSED", "OVERDUE"
NOT_DUE, ENDED = "NOT DUE", "ENDED"
DAYS_PER_YEAR = 365.25
MONTHS_PER_YEAR = 12


@dataclass(frozen=True)
class Due:
    """One thing the schedule asks for."""

    number: float
    name: str
    day: pd.Timestamp


def day_after(start: pd.Timestamp, years: float) -> pd.Timestamp:
    """The day so many years of 365.25 days after the start."""
    return start + pd.Timedelta(days=round(DAYS_PER_YEAR * years))


def end_of(subject: dict) -> pd.Timestamp:
    """The day of death or of leaving the study; NaT while the subject is in it."""
    found = (subject.get("DTHDT", pd.NaT), subject.get("EOSDT", pd.NaT))
    days = [d for d in found if isinstance(d, pd.Timestamp) and not pd.isna(d)]
    return min(days, default=pd.NaT)


def against(
    dues: list[Due],
    closes: pd.Timestamp,
    window_days: int,
    done: list[pd.Timestamp],
    ended: pd.Timestamp,
    cutoff: pd.Timestamp,
) -> list[tuple[Due, str, pd.Timestamp]]:
    """Each due thing with its status and the day it was done (NaT where it was not).

    `done` in order of time; `closes`: when one more thing would be due after the last. KEPT: done
    within the window around the day, on the day nearest to it (the later of two as near); LATE:
    after it, before the next window opens; else, once the window has passed, OVERDUE where nothing
    was done since it opened, MISSED where there was something later or the subject has ended. NOT
    DUE: the window is open or to come at the cut-off. ENDED: the subject had ended before the
    window had passed.
    """
    window = pd.Timedelta(days=window_days)
    known = [d for d in done if d <= cutoff]
    nexts = [due.day for due in dues[1:]] + [closes]
    placed = []
    for due, following in zip(dues, nexts, strict=True):
        inside = [d for d in known if due.day - window <= d < following - window]
        placed.append((due, *_status(due.day, window, inside, known, ended, cutoff)))
    return placed


def _status(
    due: pd.Timestamp,
    window: pd.Timedelta,
    inside: list[pd.Timestamp],
    known: list[pd.Timestamp],
    ended: pd.Timestamp,
    cutoff: pd.Timestamp,
) -> tuple[str, pd.Timestamp]:
    if kept := [d for d in inside if d <= due + window]:
        return KEPT, min(kept, key=lambda d: (abs(d - due), due - d))
    if inside:
        return LATE, inside[0]
    if not pd.isna(ended) and ended <= due + window:
        return ENDED, pd.NaT
    if due + window >= cutoff:
        return NOT_DUE, pd.NaT
    later = any(d >= due - window for d in known)
    return (MISSED if later or not pd.isna(ended) else OVERDUE), pd.NaT
