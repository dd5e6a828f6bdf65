"""Events and treatments that had not ended on the cut-off, and deaths not yet known on it."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csr.cut.dates import Days, Mask, calendar_days, iso_day, newest_dates
from csr.cut.domains import Kept
from csr.cut.findings import restricted
from csr.cut.rules import Rules
from csr.errors import Finding

_DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T.*)?")
_SHORTEST = (365, 28, 7, 1)  # days a year, month, week and day have at least
_STILL_ON = ("ONGOING", "AFTER", "COINCIDENT", "DURING/AFTER")
_GRADE_5 = ("5", "GRADE 5")
_TAKEN_BACK = ("--ENDTC", "--OUT", "--SDTH", "--TOXGR", "--DUR", "--ENRTPT", "--ENTPT", "--STTPT")


@dataclass(frozen=True)
class State:
    """What was so of each record on the cut-off: `fatal`, it tells of a death after it;
    `open`, it had not ended."""

    fatal: Mask
    open: Mask


def take_back_events(kept: Kept, later: frozenset[str], rules: Rules) -> list[Finding]:
    """Ends, outcomes and deaths after the cut-off, taken back in one dataset.

    `later` are the subjects who died after the cut-off.
    """
    if kept.domain.rule.kind != "dated" or not any(map(kept.has, _TAKEN_BACK)):
        return []
    state = _state(kept, later)
    kept.deadly = state.fatal
    kept.put("end-date", "--ENDTC", state.open & ~_dated_by_its_end_alone(kept))
    died = state.fatal & (kept.text("--OUT") == "FATAL")
    reported = kept.text("--OUT") != ""
    kept.put("outcome", "--OUT", (state.open | died) & reported, rules.ongoing_outcome)
    kept.put("end-reference-period", "--ENRF", state.open, "ONGOING")
    _take_back_time_points(kept, state.open)
    kept.put("duration", "--DUR", state.open | _lasts_beyond(kept))
    return _take_back_death(kept, state.fatal, rules)


def _state(kept: Kept, later: frozenset[str]) -> State:
    late_end = kept.days("--ENDTC") > kept.limit
    died = kept.text("--OUT") == "FATAL"
    grade_5 = np.isin(kept.text("--TOXGR").astype(str), _GRADE_5)
    deadly = died | (kept.text("--SDTH") == "Y") | grade_5
    fatal = deadly & (kept.of_subjects(later) | late_end)
    return State(fatal=fatal, open=late_end | (fatal & died))


def _dated_by_its_end_alone(kept: Kept) -> Mask:
    """Records without a start whose end, on time, says that they belong in the cut."""
    end = kept.days("--ENDTC")
    return (kept.days("--STDTC") == 0) & (end > 0) & (end <= kept.limit)


def _take_back_time_points(kept: Kept, still_on: Mask) -> None:
    """--ENRTPT/--ENTPT and --STRTPT/--STTPT: what was so at a time point after the cut-off."""
    cutoff = _as_text(kept.limit)
    if kept.has("--ENTPT"):
        later = newest_dates(kept.frame[kept.domain.column("--ENTPT")]) > kept.limit
        going = np.isin(kept.text("--ENRTPT").astype(str), _STILL_ON)
        unknown = later & ~going & ~still_on
        still_on = still_on | (later & going)
        kept.put("time-point", "--ENTPT", unknown)
        kept.put("time-point", "--ENRTPT", unknown)
        if kept.has("--ENRTPT"):
            kept.put("time-point", "--ENTPT", still_on, cutoff)
    kept.put("time-point", "--ENRTPT", still_on, "ONGOING")
    if kept.has("--STTPT"):
        later = newest_dates(kept.frame[kept.domain.column("--STTPT")]) > kept.limit
        kept.put("time-point", "--STTPT", later)
        kept.put("time-point", "--STRTPT", later)


def _as_text(days: Days) -> np.ndarray:
    codes, distinct = pd.factorize(days)
    return np.array([*(iso_day(int(day)) for day in distinct), ""], dtype=object)[codes]


def _lasts_beyond(kept: Kept) -> Mask:
    """Records whose start and duration, at the shortest, reach past the cut-off."""
    if not kept.has("--DUR"):
        return np.zeros(len(kept.frame), dtype=bool)
    codes, distinct = pd.factorize(kept.text("--DUR"))
    lengths = np.array([*map(_shortest_days, distinct), 0], dtype=np.int64)[codes]
    room = (calendar_days(kept.limit) - calendar_days(kept.days("--STDTC"))).astype(float) + 1
    return np.where(np.isnan(room), False, lengths > room)


def _shortest_days(duration: str) -> int:
    match = _DURATION.fullmatch(duration)
    if match is None:
        return 0
    return sum(int(n) * days for n, days in zip(match.groups(), _SHORTEST, strict=True) if n)


def _take_back_death(kept: Kept, fatal: Mask, rules: Rules) -> list[Finding]:
    findings = []
    other = [c for c in rules.seriousness if c in kept.frame.columns]
    serious = fatal & (kept.text("--SER") == "Y")
    if other:
        met = np.logical_or.reduce([kept.text(column) == "Y" for column in other])
        kept.put("seriousness", "--SER", serious & ~met, "N")
    elif serious.any():
        findings.append(restricted(kept, "--SER", "seriousness", serious, _NO_CRITERIA))
    grade_5 = fatal & np.isin(kept.text("--TOXGR").astype(str), _GRADE_5)
    if grade_5.any():
        findings.append(restricted(kept, "--TOXGR", "grade-5", grade_5, _NO_GRADE))
    kept.put("grade-5", "--TOXGR", grade_5)
    told = fatal & (kept.text("--SDTH") == "Y")
    kept.put("fatal-event", "--SDTH", told, kept.word_of_the_others("--SDTH"))
    return findings


_NO_CRITERIA = (
    "serious with a death after the cut-off, and no other criterion of seriousness is in the data: "
    "left as it is"
)
_NO_GRADE = (
    "grade 5 of a death after the cut-off: the grade on the cut-off is not known, and missing"
)
