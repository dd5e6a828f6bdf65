"""ADLTF: the yearly contacts of long-term follow-up, when due and whether they were kept."""

from __future__ import annotations

import pandas as pd

from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day
from csr.derive.sources import Sdtm, done, select_records, text
from csr.long_term_rules import LongTerm

DAYS_PER_YEAR = 365.25
KEPT, LATE, MISSED, OVERDUE = "KEPT", "LATE", "MISSED", "OVERDUE"
NOT_DUE, ENDED = "NOT DUE", "ENDED"


def derive_adltf(
    sdtm: Sdtm, adsl: pd.DataFrame, rules: LongTerm, cutoff: pd.Timestamp
) -> pd.DataFrame:
    """One row per subject of the long-term set (LTFUFL) and year: DUEDT, ADT, AVALC the status.

    Due round(365.25 × year) days after the first infusion. KEPT: a contact within the window around
    the due date; LATE: after the window, before the next one opens; else, once the window has
    passed, OVERDUE where there was no contact since it opened, MISSED where there was one later.
    NOT DUE: the window is open or to come at the cut-off. ENDED: death, or the end of the study for
    another reason, before the window had passed. LASTDT: last contact; OVERDY: days from DUEDT to
    the cut-off of an overdue one. Source: METHODS §4; FDA long-term follow-up guidance 2020.
    """
    people = adsl[(adsl["LTFUFL"] == "Y") & adsl["TRTSDT"].notna()]
    seen = _contacts(sdtm, rules)
    rows = [
        row
        for subject in people.to_dict("records")
        for row in _years(subject, seen.get(str(subject["USUBJID"]), []), rules, cutoff)
    ]
    columns = ["USUBJID", "AVISITN", "AVISIT", "DUEDT", "ADT", "AVALC", "LASTDT", "OVERDY"]
    frame = pd.DataFrame(rows, columns=columns)
    dates = {c: pd.to_datetime(frame[c]) for c in ("DUEDT", "ADT", "LASTDT")}
    numbers = {c: frame[c].astype(float) for c in ("AVISITN", "OVERDY")}
    frame = frame.assign(**dates, **numbers, PARAMCD="CONTACT", PARAM="Yearly contact")
    frame = merge_core(frame, adsl)
    return frame.assign(TRTA=frame["TRT01A"], ASEQ=frame.groupby("USUBJID").cumcount() + 1.0)


def _contacts(sdtm: Sdtm, rules: LongTerm) -> dict[str, list[pd.Timestamp]]:
    """The days of contact of each subject, in order."""
    records = select_records(sdtm, rules.contacts)
    prefix = rules.contacts.domain[:2].upper()
    records = records[done(records, prefix)]
    days = earliest_day(text(records, f"{prefix}DTC"))
    found: dict[str, list[pd.Timestamp]] = {}
    for who, day in sorted(zip(records["USUBJID"], days, strict=True), key=lambda p: str(p[1])):
        if not pd.isna(day):
            found.setdefault(str(who), []).append(day)
    return found


def _years(
    subject: dict, contacts: list[pd.Timestamp], rules: LongTerm, cutoff: pd.Timestamp
) -> list[tuple]:
    start, window = subject["TRTSDT"], pd.Timedelta(days=rules.window_days)
    ended = _end(subject)
    rows = []
    for year in range(1, rules.years + 1):
        due = start + pd.Timedelta(days=round(DAYS_PER_YEAR * year))
        after = start + pd.Timedelta(days=round(DAYS_PER_YEAR * (year + 1)))
        inside = [c for c in contacts if due - window <= c < after - window and c <= cutoff]
        status, when = _status(due, window, inside, contacts, ended, cutoff)
        last = max((c for c in contacts if c <= cutoff), default=pd.NaT)
        over = (cutoff - due).days if status == OVERDUE else None
        rows.append((subject["USUBJID"], year, f"Year {year}", due, when, status, last, over))
    return rows


def _end(subject: dict) -> pd.Timestamp:
    """The day of death or of leaving the study; NaT while the subject is in it."""
    died = subject.get("DTHDT", pd.NaT)
    left = subject.get("EOSDT", pd.NaT)
    days = [d for d in (died, left) if isinstance(d, pd.Timestamp) and not pd.isna(d)]
    return min(days, default=pd.NaT)


def _status(
    due: pd.Timestamp,
    window: pd.Timedelta,
    inside: list[pd.Timestamp],
    contacts: list[pd.Timestamp],
    ended: pd.Timestamp,
    cutoff: pd.Timestamp,
) -> tuple[str, pd.Timestamp]:
    if inside:
        return (KEPT if inside[0] <= due + window else LATE), inside[0]
    if not pd.isna(ended) and ended <= due + window:
        return ENDED, pd.NaT
    if due + window >= cutoff:
        return NOT_DUE, pd.NaT
    later = [c for c in contacts if due - window <= c <= cutoff]
    return (MISSED if later or not pd.isna(ended) else OVERDUE), pd.NaT
