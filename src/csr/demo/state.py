"""SDTM as known on a date: the truth, told as far as it had happened.

`write_state(truth, day)` is the clinical state on that day as finally recorded: what the data cut
of the final transfer has to give (tests/property/test_demo_oracle.py). It never looks at the cut.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd

from csr.demo import state_events, state_subject, state_treatment
from csr.demo.enrolment import STUDY
from csr.demo.known import Known
from csr.demo.trial_design import trial_design
from csr.demo.truth import Revision, Subject, Truth
from csr.demo.variables import Row, add_study_days, day_numbers, frame_of, layouts
from csr.demo.when import iso

SUBJECT_DATES = ("RFICDTC", "RFSTDTC", "RFXSTDTC")
RECORD_DATES = ("STDTC", "DTC", "ENDTC")
EVENT_DATASETS = (
    "dm", "suppdm", "se", "sv", "ds", "dd", "ss", "dv", "ex", "suppex", "pr", "cm", "ae", "suppae",
    "ce", "fa", "mh", "relrec",
)  # fmt: skip
NOT_DATED = ("dm", "relrec", "ta", "te", "ti", "tv", "ts")


def write_state(
    truth: Truth, known_on: dt.date, *, entered_by: dt.date | None = None
) -> dict[str, pd.DataFrame]:
    """The study's SDTM datasets as the world was at the end of `known_on`.

    Without `entered_by`, as finally recorded: every correction made, every late entry there. With
    it, as the database stood on that day: uncorrected values, the records withdrawn since, and no
    death that had not been entered. A date recorded in part counts from its earliest possible day
    (METHODS §0a). --SEQ is that of the whole truth, so that a record keeps its key in every state.
    """
    known = Known(known_on.toordinal(), entered_by.toordinal() if entered_by else None)
    subjects = [_as_entered(s, known) for s in truth.subjects if s.consent <= known.on]
    frames = {name: frame_of(name, rows) for name, rows in _event_rows(subjects, known).items()}
    for name, table in truth.findings.items():
        frames[name] = _found(table, truth.revisions, name, known)
    frames |= trial_design()
    _finish_subjects(frames)
    day_one = pd.Series(
        day_numbers(frames["dm"]["RFSTDTC"]), index=frames["dm"]["USUBJID"].to_numpy()
    )
    for name, frame in frames.items():
        add_study_days(name, frame, day_one)
    return {name: frames[name] for name in layouts()}


def _as_entered(subject: Subject, known: Known) -> Subject:
    hidden = subject.death is not None and not known.entered(subject.death.entered_on)
    return replace(subject, death=None) if hidden else subject


def _event_rows(subjects: list[Subject], known: Known) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {name: [] for name in EVENT_DATASETS}
    for subject in subjects:
        for part in (state_subject.rows, state_treatment.rows, state_events.rows):
            for name, records in part(subject, known).items():
                rows[name] += _identified(name, subject, records)
    rows["relrec"] = [*state_events.dataset_relations(STUDY), *rows["relrec"]]
    return rows


def _identified(name: str, subject: Subject, records: list[Row]) -> list[Row]:
    supplemental = name.startswith("supp") or name == "relrec"
    domain: Row = {} if supplemental else {"DOMAIN": name.upper()}
    return [{"STUDYID": STUDY, "USUBJID": subject.usubjid, **domain, **r} for r in records]


def _found(
    table: pd.DataFrame, revisions: tuple[Revision, ...], name: str, known: Known
) -> pd.DataFrame:
    found = table[table["_day"] <= known.on]
    uncorrected = [r for r in revisions if r.domain == name and not known.corrected(r.corrected_on)]
    if uncorrected:
        found = found.copy()
    for revision in uncorrected:
        same = found["USUBJID"] == revision.usubjid
        row = same & (found[f"{name.upper()}SEQ"] == revision.sequence)
        for column, value in revision.values:
            found.loc[row, column] = value
    found = _baseline_known(found, name, known).drop(columns=["_day", "_exposed"])
    return found.reset_index(drop=True)


def _baseline_known(found: pd.DataFrame, name: str, known: Known) -> pd.DataFrame:
    """Which record is the baseline is known once treatment has begun."""
    flag = f"{name.upper()}BLFL"
    if flag not in found.columns:
        return found
    untreated = found["_exposed"].to_numpy() > known.on
    return found.assign(**{flag: np.where(untreated, "", found[flag].to_numpy()).astype(object)})


def _finish_subjects(frames: dict[str, pd.DataFrame]) -> None:
    """RFPENDTC: the last day on which anything was recorded of the subject."""
    dm = frames["dm"]
    dates = [pd.Series(day_numbers(dm[c]), index=dm["USUBJID"].to_numpy()) for c in SUBJECT_DATES]
    for name, frame in frames.items():
        if name in NOT_DATED or name.startswith("supp"):
            continue
        for suffix in RECORD_DATES:
            if (column := f"{name.upper()}{suffix}") in frame.columns:
                days = pd.Series(day_numbers(frame[column]), index=frame["USUBJID"].to_numpy())
                dates.append(days.groupby(level=0, sort=False).max())
    last = pd.concat(dates).groupby(level=0).max()
    ends = [iso(int(day)) for day in last.reindex(dm["USUBJID"])]
    dm["RFPENDTC"] = np.array([*ends, ""], dtype=object)[:-1]
