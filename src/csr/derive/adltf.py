"""ADLTF: the yearly contacts of long-term follow-up, when due and whether they were kept."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day
from csr.derive.ltfu_testing import PERSIST, RCL, persistence_rows, rcl_rows
from csr.derive.schedule import OVERDUE, Due, against, day_after, end_of
from csr.derive.sources import NOTHING, Sdtm, done, select_records, text
from csr.params.long_term import LongTerm

CONTACT = "CONTACT"
PARAMS = {
    CONTACT: "Yearly contact",
    PERSIST: "Test for the transgene",
    RCL: "Test for replication-competent virus",
}
COLUMNS = ("USUBJID", "PARAMCD", "AVISITN", "AVISIT", "DUEDT", "ADT", "AVALC", "LASTDT", "OVERDY",
           "LTRESC")  # fmt: skip


def derive_adltf(
    sdtm: Sdtm,
    adsl: pd.DataFrame,
    rules: LongTerm,
    cutoff: pd.Timestamp,
    samples: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """One row per subject of the long-term set (LTFUFL) and year: DUEDT, ADT, AVALC the status.

    Due round(365.25 × year) days after the first infusion. KEPT: a contact within the window around
    the due date; LATE: after the window, before the next one opens; else, once the window has
    passed, OVERDUE where there was no contact since it opened, MISSED where there was one later.
    NOT DUE: the window is open or to come at the cut-off. ENDED: death, or the end of the study for
    another reason, before the window had passed. LASTDT: last contact; OVERDY: days from DUEDT to
    the cut-off of an overdue one. Tests for the transgene (`samples`: ADPC of the main specimen)
    and for replication-competent virus where the rules declare them: `ltfu_testing`. Source:
    METHODS §4; FDA long-term follow-up guidance 2020.
    """
    account = open_account("ADLTF", "ADSL", adsl)
    entered = account.keep(adsl, adsl["LTFUFL"] == "Y", "not in the long-term set")
    people = account.keep(entered, entered["TRTSDT"].notna(), "not treated")
    seen = _contacts(sdtm, rules)
    rows = [
        row
        for subject in people.to_dict("records")
        for row in _years(subject, seen.get(str(subject["USUBJID"]), []), rules, cutoff)
    ]
    treated = adsl[adsl["TRTSDT"].notna()].to_dict("records")
    if rules.persistence is not None and samples is not None:
        rows += persistence_rows(treated, samples, rules.persistence, cutoff)
    if rules.rcl is not None and rules.rcl.records.domain in sdtm:
        rows += rcl_rows(treated, sdtm, rules.rcl, cutoff)
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    dates = {c: pd.to_datetime(frame[c]) for c in ("DUEDT", "ADT", "LASTDT")}
    numbers = {c: frame[c].astype(float) for c in ("AVISITN", "OVERDY")}
    frame = frame.assign(**dates, **numbers, PARAM=frame["PARAMCD"].map(PARAMS))
    frame = merge_core(frame, adsl)
    return frame.assign(TRTA=frame["TRT01A"], ASEQ=frame.groupby("USUBJID").cumcount() + 1.0)


def _contacts(sdtm: Sdtm, rules: LongTerm) -> dict[str, list[pd.Timestamp]]:
    """The days of contact of each subject, in order."""
    records = select_records(sdtm, rules.contacts)
    prefix = rules.contacts.domain[:2].upper()
    frame = sdtm.get(rules.contacts.domain, NOTHING)
    account = open_account("ADLTF", prefix, frame)
    account.leave_out(frame.index.difference(records.index), "not named in the params (contacts)")
    records = account.keep(records, done(records, prefix), "not done")
    days = earliest_day(text(records, f"{prefix}DTC"))
    account.leave_out(records.index[days.isna()], "without a date")
    account.settle(records.index[days.notna()])
    found: dict[str, list[pd.Timestamp]] = {}
    for who, day in sorted(zip(records["USUBJID"], days, strict=True), key=lambda p: str(p[1])):
        if not pd.isna(day):
            found.setdefault(str(who), []).append(day)
    return found


def _years(
    subject: dict, contacts: list[pd.Timestamp], rules: LongTerm, cutoff: pd.Timestamp
) -> list[tuple]:
    start = subject["TRTSDT"]
    years = range(1, rules.years + 1)
    dues = [Due(year, f"Year {year}", day_after(start, year)) for year in years]
    closes = day_after(start, rules.years + 1)
    last = max((c for c in contacts if c <= cutoff), default=pd.NaT)
    rows = []
    for due, status, when in against(
        dues, closes, rules.window_days, contacts, end_of(subject), cutoff
    ):
        over = (cutoff - due.day).days if status == OVERDUE else None
        kind = (CONTACT, due.number, due.name, due.day, when, status, last, over, "")
        rows.append((subject["USUBJID"], *kind))
    return rows
