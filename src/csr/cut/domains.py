"""One SDTM dataset on its way through the cut: first which records stay, then what they say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd

from csr.cut.dates import Days, Mask, day_of, earliest
from csr.cut.rules import Rule, Rules, domain_code, rules_of
from csr.errors import DataError, Finding


@dataclass(frozen=True)
class Cutoff:
    """The last day of the cut, of every subject or of each."""

    day: int
    by_subject: Mapping[str, int] | None = None

    @staticmethod
    def of(cutoff: dt.date | Mapping[str, dt.date]) -> Cutoff:
        """One date for all, or one a subject; what belongs to no subject is cut at the latest."""
        if isinstance(cutoff, dt.date):
            return Cutoff(day_of(cutoff))
        if not cutoff:
            raise DataError("data cut: no subject has a cut-off date; give one date a USUBJID.")
        days = {subject: day_of(date) for subject, date in cutoff.items()}
        return Cutoff(max(days.values()), days)

    def limits(self, subjects: pd.Series | None, rows: int) -> Days:
        """The cut-off day of each row."""
        if self.by_subject is None or subjects is None:
            return np.full(rows, self.day, dtype=np.int64)
        codes, distinct = pd.factorize(subjects.to_numpy())
        days = [self.by_subject.get(subject, self.day) for subject in distinct]
        return np.array([*days, self.day], dtype=np.int64)[codes]


def text(frame: pd.DataFrame, column: str) -> npt.NDArray[np.object_]:
    """A column as text without surrounding blanks; "" where missing or absent."""
    if column not in frame.columns:
        return np.full(len(frame), "", dtype=object)
    codes, distinct = pd.factorize(frame[column].to_numpy())
    words = [value.strip() if isinstance(value, str) else _number(value) for value in distinct]
    return np.array([*words, ""], dtype=object)[codes]


def _number(value: object) -> str:
    """A number as a key is written: 3.0 is "3"."""
    whole = isinstance(value, (int, float, np.integer)) and float(value).is_integer()
    return str(int(value)) if whole else str(value)  # type: ignore[call-overload]


def days_in(frame: pd.DataFrame, column: str) -> Days:
    """The earliest possible day of a date variable; 0 where missing or absent."""
    if column not in frame.columns:
        return np.zeros(len(frame), dtype=np.int64)
    return earliest(frame[column])


@dataclass
class Domain:
    """A dataset of the source (never written to), its rule, the day of each record by it (0: not
    known), and which records stay."""

    name: str
    code: str
    rule: Rule
    frame: pd.DataFrame
    limit: Days
    event: Days
    kept: Mask
    undatable: Mask

    @property
    def prefix(self) -> str:
        """The two letters its variables begin with (FA for FACE)."""
        return self.code[:2]

    @property
    def tells_deaths(self) -> bool:
        """Whether a count of what went, or was taken back, could tell of deaths after the cut-off:
        DM, the domains whose records say that a subject died, and records about records."""
        return self.rule.kind in ("subject", "parent") or bool(self.rule.deaths)

    def column(self, variable: str) -> str:
        """A declared variable by its name here: --STDTC of AE is AESTDTC."""
        return self.prefix + variable[2:] if variable.startswith("--") else variable

    def text(self, variable: str) -> npt.NDArray[np.object_]:
        return text(self.frame, self.column(variable))

    def days(self, variable: str) -> Days:
        return days_in(self.frame, self.column(variable))

    @property
    def subjects(self) -> npt.NDArray[np.object_]:
        return text(self.frame, "USUBJID")

    def of_subjects(self, subjects: frozenset[str]) -> Mask:
        """The records of these subjects."""
        if not subjects or "USUBJID" not in self.frame.columns:
            return np.zeros(len(self.frame), dtype=bool)
        return self.frame["USUBJID"].isin(subjects).to_numpy()


def open_domains(
    sdtm: Mapping[str, pd.DataFrame], cutoff: Cutoff, rules: Rules
) -> dict[str, Domain]:
    """Each dataset with its rule and its rows' cut-off days, sorted by name.

    Raises DataError for a dataset without a rule, or a subject without a cut-off date.
    """
    ruled = rules_of(sdtm, rules)
    _check_every_subject_has_a_date(sdtm, cutoff)
    return {name: _open(name, sdtm[name], ruled[name], cutoff) for name in sorted(sdtm)}


def _open(name: str, frame: pd.DataFrame, rule: Rule, cutoff: Cutoff) -> Domain:
    rows = len(frame)
    subjects = frame["USUBJID"] if "USUBJID" in frame.columns else None
    return Domain(
        name=name,
        code=domain_code(name, frame),
        rule=rule,
        frame=frame,
        limit=cutoff.limits(subjects, rows),
        event=np.zeros(rows, dtype=np.int64),
        kept=np.full(rows, rule.kind not in ("derived", "drop")),
        undatable=np.zeros(rows, dtype=bool),
    )


def _check_every_subject_has_a_date(sdtm: Mapping[str, pd.DataFrame], cutoff: Cutoff) -> None:
    if cutoff.by_subject is None:
        return
    seen: set[str] = set()
    for frame in sdtm.values():
        if "USUBJID" in frame.columns:
            seen.update(s for s in pd.unique(frame["USUBJID"]) if isinstance(s, str) and s.strip())
    missing = sorted(seen - set(cutoff.by_subject))
    if missing:
        message = (
            f"data cut: {len(missing)} of {len(seen)} subjects have no cut-off date; every USUBJID "
            "needs one. Add them to the cut dates, or leave the subjects out of the data."
        )
        keys = tuple(f"USUBJID={subject}" for subject in missing)
        finding = Finding("error", "DM", "USUBJID", "cut-date", message, keys=keys)
        raise DataError(message, (finding,))


@dataclass
class Kept:
    """The records of a dataset that stay: a new frame, the source rows they came from, and an
    account of every cell taken back.

    `deadly` are the records that tell of a death after the cut-off: what is taken back in them is
    in no count that is printed. `log` holds reset, column, cells, and the cells that are printed.
    """

    domain: Domain
    resets: frozenset[str]
    frame: pd.DataFrame
    rows: npt.NDArray[np.int64]
    limit: Days
    touched: Mask
    deadly: Mask
    log: list[tuple[str, str, int, int]] = field(default_factory=list)

    @staticmethod
    def of(domain: Domain, resets: frozenset[str]) -> Kept:
        """The kept records, copied."""
        rows = np.flatnonzero(domain.kept)
        frame = domain.frame.take(rows)
        frame.index = pd.RangeIndex(len(rows))
        none = np.zeros(len(rows), dtype=bool)
        return Kept(domain, resets, frame, rows, domain.limit[rows], none, none.copy())

    def text(self, variable: str) -> npt.NDArray[np.object_]:
        return text(self.frame, self.domain.column(variable))

    def days(self, variable: str) -> Days:
        return days_in(self.frame, self.domain.column(variable))

    def has(self, variable: str) -> bool:
        return self.domain.column(variable) in self.frame.columns

    def of_subjects(self, subjects: frozenset[str]) -> Mask:
        return self.domain.of_subjects(subjects)[self.rows]

    def put(self, reset: str, variable: str, where: Mask, value: object = "") -> None:
        """Takes a variable back to `value` (one, or one a row) where told.

        In a numeric variable that is missing. Does nothing where the variable is absent, or the
        reset is switched off.
        """
        column = self.domain.column(variable)
        if reset not in self.resets or column not in self.frame.columns or not where.any():
            return
        old = self.frame[column].to_numpy()
        if old.dtype != object:
            self._blank_numbers(reset, column, old, where)
            return
        new = old.copy()
        new[where] = value[where] if isinstance(value, np.ndarray) else value
        missing = pd.isna(old)
        self._replace(reset, column, new, (new != old) & ~(missing & (new == "")))

    def _blank_numbers(self, reset: str, column: str, old: np.ndarray, where: Mask) -> None:
        changed = where & ~pd.isna(old)
        new = old.astype(float) if old.dtype.kind in "iuf" else old.copy()
        new[where] = np.nan if new.dtype.kind == "f" else np.datetime64("NaT")
        self._replace(reset, column, new, changed)

    def _replace(self, reset: str, column: str, new: np.ndarray, changed: Mask) -> None:
        if not changed.any():
            return
        self.frame[column] = new
        self.touched |= changed
        printed = np.count_nonzero(changed & ~self.deadly)
        self.log.append((reset, column, int(changed.sum()), int(printed)))

    def drop(self, reset: str, where: Mask) -> None:
        """Removes further records, by a reset."""
        if reset not in self.resets or not where.any():
            return
        stay = ~where
        self.frame = self.frame.loc[stay].reset_index(drop=True)
        self.rows, self.limit, self.touched = self.rows[stay], self.limit[stay], self.touched[stay]
        self.deadly = self.deadly[stay]
        self.log.append((reset, "", int(where.sum()), 0))

    def word_of_the_others(self, variable: str) -> str:
        """What a flag says of those it is not set for: N where the source has more N than blanks,
        else blank. A flag taken back to anything else would tell that it had been set."""
        words = self.domain.text(variable)
        return "N" if np.count_nonzero(words == "N") > np.count_nonzero(words == "") else ""
