"""What is left in the kept records that could tell of a day after the cut-off."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csr.cut.dates import (
    Mask,
    calendar_days,
    earliest,
    first_day,
    is_date,
    leading_date,
    mask_dates,
    newest_dates,
)
from csr.cut.domains import Domain, Kept
from csr.cut.findings import finding
from csr.cut.rules import Rules
from csr.errors import Finding

_DAY_OF = (("--DY", "--DTC"), ("--STDY", "--STDTC"), ("--ENDY", "--ENDTC"))


def drop_supplements(supp: Kept, later: frozenset[str]) -> None:
    """SUPP-- values that are a date after the cut-off, or tell of a death after it, go."""
    words = supp.text("QVAL")
    days = newest_dates(pd.Series(words, dtype=object))
    late = days > supp.limit
    late[late] = [is_date(word) for word in words[late]]
    supp.drop("supp-date", late)
    names = pd.Series(supp.text("QNAM"), dtype=object).str.upper()
    of_death = names.str.contains("DTH|DEATH", regex=True).to_numpy(dtype=bool)
    supp.drop("death-records", of_death & supp.of_subjects(later))


def blank_baseline_flags(kept: Kept, untreated: frozenset[str]) -> None:
    """The last record before treatment is not known before treatment has begun."""
    for variable in ("--LOBXFL", "--BLFL"):
        kept.put("baseline-flag", variable, kept.of_subjects(untreated))


def first_days(domains: Mapping[str, Domain]) -> pd.Series:
    """USUBJID → study day 1 (RFSTDTC) of those who reached it by the cut-off, as a calendar day."""
    parts = []
    for domain in domains.values():
        if domain.rule.kind == "subject":
            day = domain.days("RFSTDTC")
            known = (day > 0) & (day <= domain.limit)
            parts.append(pd.Series(calendar_days(day)[known], index=domain.subjects[known]))
    days = pd.concat(parts) if parts else pd.Series(dtype="datetime64[s]")
    return days[~days.index.duplicated()]


def blank_study_days(kept: Kept, day_one: pd.Series, not_started: frozenset[str]) -> None:
    """Study days of dates that were blanked, that lie after the cut-off, or that count from a day 1
    after it. Runs once all dates have been taken back."""
    unknown = kept.of_subjects(not_started)
    for variable, date in _DAY_OF:
        if not kept.has(variable):
            continue
        late = _after_the_cutoff(kept, variable, day_one)
        kept.put("study-day", variable, unknown | _blanked(kept, date) | late)


def _blanked(kept: Kept, date: str) -> Mask:
    if not kept.has(date):
        return np.zeros(len(kept.frame), dtype=bool)
    return (kept.text(date) == "") & (kept.domain.text(date)[kept.rows] != "")


def _after_the_cutoff(kept: Kept, variable: str, day_one: pd.Series) -> Mask:
    """Study days that lie after the cut-off, counted from day 1 (there is no day 0)."""
    days = pd.to_numeric(kept.frame[kept.domain.column(variable)], errors="coerce").to_numpy(float)
    codes, distinct = pd.factorize(kept.text("USUBJID"))
    starts = np.append(day_one.reindex(distinct).to_numpy("datetime64[D]"), np.datetime64("NaT"))
    room = (calendar_days(kept.limit) - starts[codes]).astype(float)
    room[np.isnat(starts[codes])] = np.nan
    with np.errstate(invalid="ignore"):
        return np.where(days > 0, days - 1, days) > room


def blank_late_dates(kept: Kept, rules: Rules) -> list[Finding]:
    """Any other date after the cut-off: blank where it is the value, masked inside a text."""
    findings = []
    for column in kept.frame.columns:
        values = kept.frame[column]
        if column in rules.identifiers or pd.api.types.is_numeric_dtype(values):
            continue
        dated = column.endswith("DTC")
        newest = newest_dates(values)
        if dated:
            newest = np.maximum(newest, earliest(values))
        late = newest > kept.limit
        if late.any():
            findings += _take_back(kept, column, late, dated)
    return findings


def _take_back(kept: Kept, column: str, late: Mask, dated: bool) -> list[Finding]:
    words = kept.text(column)
    masked = words.copy()
    by_text = np.zeros(len(words), dtype=bool)
    for row in np.flatnonzero(late):
        limit = int(kept.limit[row])
        masked[row] = _known_part(words[row], limit) if dated else _known_text(words[row], limit)
        by_text[row] = not dated and masked[row] != ""
    kept.put("late-date", column, late & ~by_text, masked)
    kept.put("late-text", column, late & by_text, masked)
    if not by_text.any() or "late-text" not in kept.resets:
        return []
    what = "a text that names a date after the cut-off; the date is masked"
    return [finding(kept, column, "late-text", by_text, "warning", what)]


def _known_part(date: str, limit: int) -> str:
    """Nothing, or the first day of an interval of uncertainty that began by the cut-off."""
    first = leading_date(date)
    return first if first and first_day(first) <= limit else ""


def _known_text(text: str, limit: int) -> str:
    return "" if is_date(text) else mask_dates(text, limit)
