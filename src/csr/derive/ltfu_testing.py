"""Tests of long-term follow-up against their schedules: the transgene, replicating virus."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.dates import earliest_day
from csr.derive.schedule import (
    KEPT,
    MISSED,
    MONTHS_PER_YEAR,
    OVERDUE,
    Due,
    against,
    day_after,
    end_of,
)
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.params.long_term import PersistenceTesting, RclTesting

PERSIST, RCL = "PERSIST", "RCL"
NOT_NEEDED = "NOT NEEDED"
FOUND, BELOW = "Quantifiable", "Below the limit"
AGAIN = ", re-infused before"  # what is told of a sample after a further infusion
POSITIVE, NEGATIVE = "Positive", "Negative"
NO_EXPANSION_DAYS = 28  # from here on a result below the limit is one without an expansion before
BASELINE = "Before the infusion"
Taken = list[tuple[pd.Timestamp, str]]


def persistence_rows(
    subjects: list[dict], samples: pd.DataFrame, rules: PersistenceTesting, cutoff: pd.Timestamp
) -> list[tuple]:
    """Rows of ADLTF, one per treated subject and month of the schedule.

    A test that was not made is NOT NEEDED where, when its window opened, the last `undetectable`
    results were all below the limit: after a quantifiable one, or (never expanded) after day 28.
    The result of a sample after a further infusion is told apart (AGAIN).
    """
    taken = _by_subject(samples, samples["ADT"], _persistence_results(samples))
    again = _re_infused(samples)
    rows = []
    for subject in subjects:
        after = [t for t in taken.get(str(subject["USUBJID"]), []) if t[0] > subject["TRTSDT"]]
        months = _months(subject, after, rules.months, rules.window_days, cutoff)
        for due, status, when, result in months:
            opens = due.day - pd.Timedelta(days=rules.window_days)
            before = [t for t in after if t[0] < opens]
            gone = _is_gone(before, subject["TRTSDT"], rules.undetectable)
            said = NOT_NEEDED if gone and status in (MISSED, OVERDUE) else status
            if (str(subject["USUBJID"]), when) in again:
                result += AGAIN
            rows.append(_row(subject, PERSIST, due, said, when, result, after, cutoff))
    return rows


def _re_infused(samples: pd.DataFrame) -> set[tuple[str, pd.Timestamp]]:
    """Subject and day of the samples taken after a further infusion."""
    later = samples[(number(samples, "AINFN") > 1) & (text(samples, "PREDOSFL") != "Y")]
    return {(str(who), day) for who, day in zip(later["USUBJID"], later["ADT"], strict=True)}


def _persistence_results(samples: pd.DataFrame) -> pd.Series:
    return samples["BLQFL"].eq("Y").map({True: BELOW, False: FOUND})


def _is_gone(before: Taken, start: pd.Timestamp, least: int) -> bool:
    if len(before) < least or any(result == FOUND for _, result in before[-least:]):
        return False
    expanded = any(result == FOUND for _, result in before)
    return expanded or (before[-1][0] - start).days > NO_EXPANSION_DAYS


def rcl_rows(
    subjects: list[dict], sdtm: Sdtm, rules: RclTesting, cutoff: pd.Timestamp
) -> list[tuple]:
    """Rows of ADLTF, one per treated subject and month; month 0: the last test before infusion."""
    records = select_records(sdtm, rules.records)
    prefix = rules.records.domain[:2].upper()
    frame = sdtm[rules.records.domain]
    account = open_account("ADLTF", prefix, frame)
    account.leave_out(frame.index.difference(records.index), "not named in the params (rcl)")
    records = account.keep(records, done(records, prefix), "not done")
    days = earliest_day(text(records, f"{prefix}DTC"))
    account.leave_out(records.index[days.isna()], "without a date")
    account.settle(records.index[days.notna()])
    taken = _by_subject(records, days, _rcl_results(records, prefix, rules))
    rows = []
    for subject in subjects:
        own, start = taken.get(str(subject["USUBJID"]), []), subject["TRTSDT"]
        after = [t for t in own if t[0] > start]
        if 0 in rules.months:
            before = [t for t in own if t[0] <= start]
            due = Due(0, BASELINE, start)
            when, result = before[-1] if before else (pd.NaT, "")
            status = KEPT if before else MISSED
            rows.append(_row(subject, RCL, due, status, when, result, own, cutoff))
        later = tuple(m for m in rules.months if m > 0)
        for found in _months(subject, after, later, rules.window_days, cutoff):
            rows.append(_row(subject, RCL, *found, own, cutoff))
    return rows


def _rcl_results(records: pd.DataFrame, prefix: str, rules: RclTesting) -> pd.Series:
    """Negative, Positive, or the result as it stands."""
    said = text(records, f"{prefix}STRESC")
    said = said.where(said != "", text(records, f"{prefix}ORRES"))
    upper = said.str.strip().str.upper()
    words = {w.upper(): NEGATIVE for w in rules.negative}
    words |= {w.upper(): POSITIVE for w in rules.positive}
    return upper.map(words).fillna(said)


def _by_subject(records: pd.DataFrame, days: pd.Series, results: pd.Series) -> dict[str, Taken]:
    """Day and result of each subject's tests, in order of time."""
    found: dict[str, Taken] = {}
    frame = pd.DataFrame({"who": records["USUBJID"], "day": days, "result": results})
    frame = frame[frame["day"].notna()].sort_values(["who", "day", "result"], kind="stable")
    for who, day, result in frame.itertuples(index=False, name=None):
        found.setdefault(str(who), []).append((day, str(result)))
    return found


def _months(
    subject: dict, taken: Taken, months: tuple[float, ...], window: int, cutoff: pd.Timestamp
) -> list[tuple[Due, str, pd.Timestamp, str]]:
    if not months:
        return []
    start = subject["TRTSDT"]
    dues = [Due(m, f"Month {m:g}", day_after(start, m / MONTHS_PER_YEAR)) for m in months]
    step = months[-1] - months[-2] if len(months) > 1 else months[-1]
    closes = day_after(start, (months[-1] + step) / MONTHS_PER_YEAR)
    days = [day for day, _ in taken]
    results = dict(reversed(taken))  # of several on a day the first
    return [
        (due, status, when, "" if pd.isna(when) else results[when])
        for due, status, when in against(dues, closes, window, days, end_of(subject), cutoff)
    ]


def _row(
    subject: dict, code: str, due: Due, status: str, when: pd.Timestamp, result: str,
    taken: Taken, cutoff: pd.Timestamp,
) -> tuple:  # fmt: skip
    last = max((day for day, _ in taken if day <= cutoff), default=pd.NaT)
    over = (cutoff - due.day).days if status == OVERDUE else None
    kind = (due.number, due.name, due.day, when, status, last, over, result)
    return (subject["USUBJID"], code, *kind)
