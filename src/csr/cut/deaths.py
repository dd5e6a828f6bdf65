"""Whose death was not yet known on the cut-off."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from csr.cut.dates import Days, Mask
from csr.cut.domains import Cutoff, Domain


def event_days(domain: Domain, deaths: pd.Series) -> Days:
    """The day that dates each record, by its rule; 0 where none of its dates is known."""
    day = np.zeros(len(domain.frame), dtype=np.int64)
    for step in domain.rule.steps():
        if day.all():
            break
        dated = [_step_days(domain, variable, deaths) for variable in step]
        far = np.iinfo(np.int64).max
        first = np.min([np.where(d > 0, d, far) for d in dated], axis=0)
        day = np.where((day == 0) & (first < far), first, day)
    return day


def _step_days(domain: Domain, variable: str, deaths: pd.Series) -> Days:
    if variable == "death":
        return _of_subjects(deaths, domain.subjects)
    return domain.days(variable)


def _of_subjects(days: pd.Series, subjects: np.ndarray) -> Days:
    codes, distinct = pd.factorize(subjects)
    found = [int(days.get(subject, 0)) for subject in distinct]
    return np.array([*found, 0], dtype=np.int64)[codes]


def tells_of_death(domain: Domain) -> Mask:
    """The records that say the subject died, by the domain's rule."""
    deaths = domain.rule.deaths
    if deaths == "all":
        return np.ones(len(domain.frame), dtype=bool)
    told = np.zeros(len(domain.frame), dtype=bool)
    for variable, values in (deaths or {}).items():
        words = pd.Series(domain.text(variable)).str.upper()
        told |= words.isin(values).to_numpy()
    return told


def days_of_death(domains: Mapping[str, Domain]) -> pd.Series:
    """USUBJID → the earliest possible day of death.

    DTHDTC of DM; where it is blank, the earliest of the death records of DS, SS and DD and of the
    end of fatal events (never before their start).
    """
    dm = [d for d in domains.values() if d.rule.kind == "subject"]
    declared = _earliest_by_subject((d.subjects, d.days("DTHDTC")) for d in dm)
    told = _earliest_by_subject(_evidence(d) for d in domains.values())
    return declared.combine_first(told).astype(np.int64)


def _evidence(domain: Domain) -> tuple[np.ndarray, Days]:
    if domain.rule.deaths:
        mask = tells_of_death(domain)
        days = event_days(domain, pd.Series(dtype=np.int64)) if mask.any() else np.zeros(len(mask))
    else:
        ends = domain.days("--ENDTC") if domain.column("--OUT") in domain.frame.columns else None
        if ends is None:
            return np.array([], dtype=object), np.array([], dtype=np.int64)
        mask = (domain.text("--OUT") == "FATAL") & (ends > 0)
        days = np.maximum(ends, domain.days("--STDTC"))
    return domain.subjects[mask], np.asarray(days, dtype=np.int64)[mask]


def _earliest_by_subject(parts: Iterable[tuple[np.ndarray, Days]]) -> pd.Series:
    pairs = list(parts)
    if not pairs:
        return pd.Series(dtype=np.int64)
    subjects = np.concatenate([subjects for subjects, _ in pairs])
    days = pd.Series(np.concatenate([days for _, days in pairs]), index=subjects)
    days = days[(days > 0) & (days.index != "")]
    return days.groupby(level=0).min()


def later_deaths(deaths: pd.Series, cutoff: Cutoff) -> frozenset[str]:
    """The subjects who died after their cut-off: on it, alive."""
    limits = cutoff.limits(pd.Series(deaths.index, dtype=object), len(deaths))
    return frozenset(deaths.index[deaths.to_numpy() > limits])
