"""DM as of the cut-off: deaths, reference dates and arms that came later."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csr.cut.dates import Days, Mask, earliest, iso_day, latest
from csr.cut.deaths import event_days
from csr.cut.domains import Domain, Kept
from csr.cut.rules import Rules

_SEEN = ("RFICDTC", "DMDTC", "RFSTDTC", "RFXSTDTC")


def treated_later(domains: Mapping[str, Domain]) -> frozenset[str]:
    """Subjects first treated after the cut-off (RFXSTDTC; without it RFSTDTC)."""
    return _after_the_cutoff(domains, "RFXSTDTC", "RFSTDTC")


def started_later(domains: Mapping[str, Domain]) -> frozenset[str]:
    """Subjects whose study day 1 (RFSTDTC) is after the cut-off."""
    return _after_the_cutoff(domains, "RFSTDTC")


def _after_the_cutoff(domains: Mapping[str, Domain], *variables: str) -> frozenset[str]:
    found: set[str] = set()
    for domain in domains.values():
        if domain.rule.kind == "subject":
            day = np.zeros(len(domain.frame), dtype=np.int64)
            for variable in variables:
                day = np.where(day == 0, domain.days(variable), day)
            found.update(domain.subjects[day > domain.limit])
    return frozenset(found)


def assigned_later(domains: Mapping[str, Domain], rules: Rules) -> frozenset[str]:
    """Subjects whose arm DS settles only after the cut-off."""
    rank: dict[str, tuple[int, int, bool]] = {}
    for domain in domains.values():
        if domain.code != "DS":
            continue
        days = event_days(domain, pd.Series(dtype=np.int64))
        words = domain.text("DSDECOD").astype(str)
        for line, values in enumerate(rules.assignment):
            for row in np.flatnonzero(np.isin(words, values) & (days > 0)):
                subject = domain.subjects[row]
                here = (line, int(days[row]), bool(days[row] > domain.limit[row]))
                rank[subject] = min(rank.get(subject, here), here)
    return frozenset(subject for subject, (_, _, later) in rank.items() if later)


def take_back_demographics(
    dm: Kept,
    kept: Mapping[str, Kept],
    domains: Mapping[str, Domain],
    later: frozenset[str],
    rules: Rules,
) -> None:
    """DM of the cut, in place. `later` are the subjects who died after the cut-off.

    Runs after the other datasets have been taken back, since the last exposure and the last day
    seen are those of what is left of them.
    """
    dead = dm.of_subjects(later)
    dm.put("death", "DTHDTC", dead)
    dm.put("death", "DTHFL", dead, dm.word_of_the_others("DTHFL"))
    for variable in ("RFSTDTC", "RFXSTDTC"):
        dm.put("reference-start", variable, dm.days(variable) > dm.limit)
    _take_back_ends(dm, kept)
    _take_back_arms(dm, treated_later(domains), assigned_later(domains, rules))


def _take_back_ends(dm: Kept, kept: Mapping[str, Kept]) -> None:
    exposed = _last_exposure(dm, kept)
    for reset, end, start in (
        ("exposure-end", "RFXENDTC", "RFXSTDTC"),
        ("reference-end", "RFENDTC", "RFSTDTC"),
    ):
        first = dm.days(start)
        began = (first > 0) & (first <= dm.limit)
        known = np.where(exposed >= first, _as_text(exposed), dm.text(start))
        dm.put(reset, end, dm.days(end) > dm.limit, np.where(began, known, ""))
    late = dm.days("RFPENDTC") > dm.limit
    if late.any():
        dm.put("participation-end", "RFPENDTC", late, _as_text(_last_seen(dm, kept)))


def _as_text(days: Days) -> np.ndarray:
    return np.array([iso_day(int(day)) for day in days], dtype=object)


def _last_exposure(dm: Kept, kept: Mapping[str, Kept]) -> Days:
    """The last start or end of exposure known on the cut-off: EX, without EX the doses given of EC,
    and the first exposure itself."""
    code = "EX" if any(part.domain.code == "EX" for part in kept.values()) else "EC"
    sources = [part for part in kept.values() if part.domain.code == code]
    return _last_days(dm, sources, ("--STDTC", "--ENDTC"), ("RFXSTDTC",))


def _last_seen(dm: Kept, kept: Mapping[str, Kept]) -> Days:
    """The last day on which anything was recorded of the subject, on or before the cut-off."""
    sources = [part for part in kept.values() if part.domain.rule.kind == "dated"]
    return _last_days(dm, sources, ("--STDTC", "--DTC", "--ENDTC"), _SEEN)


def _last_days(
    dm: Kept, sources: list[Kept], variables: tuple[str, ...], own: tuple[str, ...]
) -> Days:
    subjects = pd.Index(pd.unique(dm.text("USUBJID")))
    last = np.zeros(len(subjects), dtype=np.int64)
    for part in sources:
        codes = _positions(subjects, part)
        happened = part.text("--OCCUR") != "N"
        for variable in variables:
            days = np.where(happened & (codes >= 0), _known_days(part, variable), 0)
            np.maximum.at(last, codes[days > 0], days[days > 0])
    in_dm = subjects.get_indexer(dm.text("USUBJID"))
    return np.max([last[in_dm], *(_known_days(dm, v) for v in own)], axis=0, initial=0)


def _positions(subjects: pd.Index, part: Kept) -> np.ndarray:
    codes, distinct = pd.factorize(part.text("USUBJID"))
    return subjects.get_indexer(pd.Index(distinct))[codes]


def _known_days(part: Kept, variable: str) -> Days:
    """Days known to the day, on or before the cut-off and not before the record's own event; else
    0. (A date before the event tells of a record that an earlier cut would not hold.)"""
    column = part.domain.column(variable)
    if column not in part.frame.columns:
        return np.zeros(len(part.frame), dtype=np.int64)
    days = earliest(part.frame[column])
    known = (days == latest(part.frame[column])) & (days <= part.limit)
    if part.domain.rule.kind == "dated":
        known &= days >= part.domain.event[part.rows]
    return np.where(known, days, 0)


def _take_back_arms(dm: Kept, treated: frozenset[str], assigned: frozenset[str]) -> None:
    not_assigned: Mask = dm.of_subjects(assigned)
    for variable in ("ARM", "ARMCD", "ACTARM", "ACTARMCD", "ARMNRS", "ACTARMUD"):
        dm.put("arm", variable, not_assigned)
    not_treated = dm.of_subjects(treated)
    for variable in ("ACTARM", "ACTARMCD", "ACTARMUD"):
        dm.put("arm", variable, not_treated)
    waiting = not_treated & (dm.text("ARM") != "") & (dm.text("ARMNRS") == "")
    dm.put("arm", "ARMNRS", waiting, "ASSIGNED, NOT TREATED")
