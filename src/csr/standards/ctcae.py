"""Laboratory grades by CTCAE v5.0: the criteria as data, and how a value is graded by them.

A value may be an interval (`<0.1`, `>5000`). A grade is given where everything that is possible has
it; where a limit, a baseline or the unit is not known and the branches differ, there is none, with
its reason; where only the interval leaves it open, the mildest possible is given as "at least".
Source: NCI CTCAE v5.0; METHODS §10.7, §10.8.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from csr.standards.units import ANY, Substance, conversion, same_unit
from csr.standards.yaml_tables import read_table

VERSION = "5.0"
LIMITS = {"LLN": "low", "ULN": "high", "BASE": "base", "PCHG": "pchg"}
UNIT = "unit missing or unknown"
NAMES = {
    "low": "lower limit of normal missing",
    "high": "upper limit of normal missing",
    "base": "baseline missing",
    "pchg": "change from baseline missing",
    "base_low": "lower limit of normal of the baseline missing",
    "base_high": "upper limit of normal of the baseline missing",
    "": UNIT,
}
HOLDS, NOT, OPEN, UNKNOWN = 1.0, 0.0, 0.5, np.nan
FUZZ = 1e-9

Values = Mapping[str, np.ndarray]


class Graded(NamedTuple):
    """Grades 0 to 4 (NaN: none), why there is none (else ""), and which are "at least"."""

    grade: np.ndarray
    why: np.ndarray
    at_least: np.ndarray


@dataclass(frozen=True)
class Interval:
    """What a number can be: from `low` to `high`, the ends themselves where not open."""

    low: np.ndarray
    high: np.ndarray
    open_low: np.ndarray
    open_high: np.ndarray

    @classmethod
    def of(cls, value: np.ndarray, qualifier: np.ndarray) -> Interval:
        """A number with `<`, `<=`, `>`, `>=` or nothing before it; results are never below 0."""
        below, above = np.isin(qualifier, ("<", "<=")), np.isin(qualifier, (">", ">="))
        return cls(
            np.where(below, np.minimum(0.0, value), value),
            np.where(above, np.where(np.isnan(value), np.nan, np.inf), value),
            qualifier == ">",
            (qualifier == "<") | above,
        )

    def times(self, factor: float) -> Interval:
        """Multiplied by a positive factor."""
        return Interval(self.low * factor, self.high * factor, self.open_low, self.open_high)

    def compare(self, operator: str, limit: Interval) -> np.ndarray:
        """Whether `self operator limit` holds: 1 always, 0 never, 0.5 it depends, NaN not known."""
        if operator.startswith("<"):
            return limit.compare(operator.replace("<", ">"), self)
        surely = _sign(self.low, limit.high)
        ever = _sign(self.high, limit.low)
        if operator == ">":
            holds = (surely > 0) | ((surely == 0) & (self.open_low | limit.open_high))
            never = ever <= 0
        else:
            holds = surely >= 0
            never = (ever < 0) | ((ever == 0) & (self.open_high | limit.open_low))
        missing = np.isnan(self.low) | np.isnan(limit.low) | np.isnan(limit.high)
        found = np.where(holds, HOLDS, np.where(never, NOT, OPEN))
        return np.where(missing, UNKNOWN, found)


def _sign(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        near = np.isfinite(other) & (np.abs(one - other) <= FUZZ * np.abs(other))
        return np.where(near | (one == other), 0.0, np.sign(one - other))


def _point(value: np.ndarray) -> Interval:
    closed = np.zeros(value.shape, dtype=bool)
    return Interval(value, value, closed, closed)


@dataclass(frozen=True)
class Rows:
    """What is known of the values to grade, all in the unit of the test."""

    value: Interval
    base: Interval
    limits: Values
    pchg: Interval
    first: np.ndarray
    in_unit: np.ndarray

    @classmethod
    def read(cls, values: Values) -> Rows:
        """Of arrays as `grade_values` takes them."""
        size = values["value"].shape
        blank = np.full(size, "", dtype=object)
        value = Interval.of(values["value"], values.get("qualifier", blank))
        first = values["first"] > 0
        qualifier = np.where(first, "", values.get("base_qualifier", blank))
        base = Interval.of(values["base"], qualifier)
        given = values.get("pchg", np.full(size, np.nan))
        limits = {
            "low": values["low"],
            "high": values["high"],
            "base_low": values.get("base_low", values["low"]),
            "base_high": values.get("base_high", values["high"]),
        }
        in_unit = values.get("in_unit", np.ones(size)) > 0
        return cls(value, base, limits, _change(value, base, given), first, in_unit)

    def with_base(self, base: Interval) -> Rows:
        """The same with another baseline, and the change from it."""
        nothing = np.full(base.low.shape, np.nan)
        return Rows(
            self.value,
            base,
            self.limits,
            _change(self.value, base, nothing),
            self.first,
            self.in_unit,
        )


def _change(value: Interval, base: Interval, given: np.ndarray) -> Interval:
    """The percent change a value and its baseline allow; the given one where they are numbers."""
    with np.errstate(divide="ignore", invalid="ignore"):
        least = 100 * (value.low - base.high) / base.high
        most = np.where(base.low > 0, 100 * (value.high - base.low) / base.low, np.inf)
    least = np.where(np.isinf(base.high), -100.0, least)
    most = np.where(np.isnan(value.high) | np.isnan(base.low), np.nan, most)
    exact = ~np.isnan(given)
    zero = (base.high == 0) & ~exact
    return Interval(
        np.where(exact, given, np.where(zero, np.nan, least)),
        np.where(exact, given, np.where(zero, np.nan, most)),
        ~exact & (value.open_low | base.open_high),
        ~exact & (value.open_high | base.open_low),
    )


@dataclass(frozen=True)
class Condition:
    """`operator factor × of + offset`; `of` is "" for a plain number."""

    operator: str
    number: float
    of: str = ""
    offset: bool = False

    @classmethod
    def parse(cls, text: str) -> Condition:
        """`> 1.5 ULN`, `< 75`, `> ULN + 20`, `<= -25 PCHG`; raises ValueError for anything else."""
        if added := re.fullmatch(r"> ULN \+ ([\d.]+)", text):
            return cls(">", float(added[1]), "high", offset=True)
        found = re.fullmatch(r"(<=|>=|<|>)(?: (-?[\d.]+))?(?: (LLN|ULN|BASE|PCHG))?", text)
        if not found or not (found[2] or found[3]):
            raise ValueError(f"no criterion: {text}")
        return cls(found[1], float(found[2] or 1), LIMITS.get(found[3] or "", ""))

    def judge(self, rows: Rows) -> np.ndarray:
        """1 where it holds, 0 where not, 0.5 where the interval leaves it open, NaN not known."""
        plain = np.full(rows.first.shape, self.number)
        if self.of == "pchg":
            return rows.pchg.compare(self.operator, _point(plain))
        if self.of == "base":
            return rows.value.compare(self.operator, rows.base.times(self.number))
        if not self.of or self.offset:
            # A plain number is of a unit: without the value's unit it says nothing.
            limit = plain + (rows.limits[self.of] if self.of else 0.0)
            limit = np.where(rows.in_unit, limit, np.nan)
            return rows.value.compare(self.operator, _point(limit))
        return rows.value.compare(self.operator, _point(rows.limits[self.of] * self.number))

    def lacks(self, rows: Rows) -> np.ndarray:
        """Which rows do not have what it compares with."""
        if self.of == "pchg":
            return np.isnan(rows.pchg.low)
        if self.of == "base":
            return np.isnan(rows.base.low)
        if self.of and not self.offset:
            return np.isnan(rows.limits[self.of])
        return ~rows.in_unit | (np.isnan(rows.limits[self.of]) if self.of else False)


Criterion = tuple[tuple[Condition, ...], ...]  # alternatives of conditions that all must hold
Criteria = dict[int, Criterion]


@dataclass(frozen=True)
class Term:
    """A laboratory term of CTCAE: its direction, its test, and the criteria of its grades.

    `printed`: unit → the numbers CTCAE prints for it, in the order of the placeholders.
    """

    name: str
    direction: str
    test: str
    texts: Mapping[str, Mapping[int, str]]
    printed: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    assumes: str = ""

    @property
    def limit(self) -> str:
        """The reference limit in the term's direction."""
        return "low" if self.direction == "low" else "high"

    def criteria(self, kind: str, unit: str = "", substance: Substance = ANY) -> Criteria:
        """Criteria of a kind ("grades", "normal", "abnormal", "anticoagulated") for a unit.

        `unit` "" is the first that CTCAE prints; one it does not print gets that one's numbers.
        """
        numbers = self._numbers(unit, substance)
        return {
            grade: tuple(
                tuple(Condition.parse(part.strip()) for part in one.split(" and "))
                for one in text.format(*(f"{n:.12g}" for n in numbers)).split(" or ")
            )
            for grade, text in sorted(self.texts[kind].items(), reverse=True)
        }

    def _numbers(self, unit: str, substance: Substance) -> tuple[float, ...]:
        if not self.printed:
            return ()
        first = next(iter(self.printed))
        for name, numbers in self.printed.items():
            if same_unit(name, unit or first):
                return numbers
        found = conversion(first, unit, substance)
        if found is None:
            raise ValueError(f"{self.name}: criteria in {first} are not those of a value in {unit}")
        return tuple(number * found.factor for number in self.printed[first])


@cache
def read_terms() -> dict[str, Term]:
    """All laboratory terms by name."""
    return {
        entry["term"]: _term(entry) for entry in read_table("ctcae_v5_laboratory.yaml")["terms"]
    }


def _term(entry: Mapping[str, Any]) -> Term:
    kinds = ("grades", "normal", "abnormal", "anticoagulated")
    return Term(
        entry["term"],
        entry["direction"],
        entry["test"],
        {kind: entry[kind] for kind in kinds if kind in entry},
        {unit: tuple(map(float, n)) for unit, n in entry.get("printed", {}).items()},
        entry.get("assumes", ""),
    )


def not_graded() -> dict[str, tuple[str, ...]]:
    """Terms of v5.0 that rest on a laboratory result and are not graded: reason → names."""
    table = read_table("ctcae_v5_laboratory.yaml")["not_graded"]
    return {reason: tuple(names) for reason, names in table.items()}


def terms_of_test(test: str) -> dict[str, Term]:
    """The terms of a test by direction ("low", "high"); none where CTCAE has no criterion."""
    return {term.direction: term for term in read_terms().values() if term.test == test}


def printed_units(test: str) -> tuple[str, ...]:
    """Every unit that CTCAE prints numbers of the test in."""
    found = [unit for term in terms_of_test(test).values() for unit in term.printed]
    return tuple(dict.fromkeys(found))


def grade_values(term: Term, values: Values, unit: str = "", substance: Substance = ANY) -> Graded:
    """Grades of values of one test.

    `values`: arrays of one length: value, low, high (reference limits), base (baseline), pchg
    (percent change from it), all in `unit` ("": the first that CTCAE prints); first (1: at or
    before baseline, graded as if the baseline had been normal). Where they are there: qualifier and
    base_qualifier (`<`, `>`, …), base_low and base_high (limits of the baseline's own record),
    anticoagulated (1: yes), in_unit (0: the unit is not known, so that only limits can tell).
    """
    rows = Rows.read(values)
    if "abnormal" in term.texts:
        found = _by_baseline(term, rows, unit, substance)
    else:
        found = _branch(term.criteria("grades", unit, substance), rows)
        if "anticoagulated" in term.texts:
            other = _branch(term.criteria("anticoagulated", unit, substance), rows)
            which = values.get("anticoagulated", np.zeros(rows.first.shape)) > 0
            found = _choose(which, other, found)
    return _told(found, values["value"])


class _Branch(NamedTuple):
    """Per row: the grade that certainly holds, and how far the rest could raise it, and why."""

    certain: np.ndarray
    unknown: np.ndarray
    open: np.ndarray
    why: np.ndarray


def _branch(criteria: Criteria, rows: Rows) -> _Branch:
    size = rows.first.shape
    certain, unknown, open_ = np.zeros(size), np.zeros(size), np.zeros(size)
    why = np.full(size, "", dtype=object)
    for level, alternatives in criteria.items():
        states = [_all([c.judge(rows) for c in conditions]) for conditions in alternatives]
        state = _any(states)
        certain = np.where(state == HOLDS, np.maximum(certain, level), certain)
        higher = np.isnan(state) & (unknown == 0) & (certain < level)
        for conditions in alternatives:
            for condition in conditions:
                lacks = higher & (why == "") & condition.lacks(rows)
                why[lacks] = NAMES[condition.of if not condition.offset else "high"]
                if condition.offset or not condition.of:
                    why[lacks & ~rows.in_unit] = UNIT
        unknown = np.where(np.isnan(state), np.maximum(unknown, level), unknown)
        open_ = np.where(state == OPEN, np.maximum(open_, level), open_)
    return _Branch(certain, unknown, open_, why)


def _all(states: list[np.ndarray]) -> np.ndarray:
    """Whether all hold: one that does not decides, then one that is not known, then an open one."""
    stack = np.stack(states)
    found = np.min(np.where(np.isnan(stack), HOLDS, stack), axis=0)
    never = (stack == NOT).any(axis=0)
    return np.where(never, NOT, np.where(np.isnan(stack).any(axis=0), UNKNOWN, found))


def _any(states: list[np.ndarray]) -> np.ndarray:
    """Whether any holds: one that does decides, then one that is not known, then an open one."""
    stack = np.stack(states)
    found = np.max(np.where(np.isnan(stack), NOT, stack), axis=0)
    surely = (stack == HOLDS).any(axis=0)
    return np.where(surely, HOLDS, np.where(np.isnan(stack).any(axis=0), UNKNOWN, found))


def _by_baseline(term: Term, rows: Rows, unit: str, substance: Substance) -> _Branch:
    """By the branch the baseline is in by its own limits; where that is not known, by both."""
    limit = rows.limits["base_" + term.limit]
    operator = "<" if term.limit == "low" else ">"
    beyond = np.where(rows.first, NOT, rows.base.compare(operator, _point(limit)))
    normal = _branch(term.criteria("normal", unit, substance), rows)
    abnormal = _branch(term.criteria("abnormal", unit, substance), _bounded(term, rows))
    both = _either(normal, abnormal)
    none = np.isnan(rows.base.low)
    missing = np.where(none, NAMES["base"], NAMES["base_" + term.limit])
    both = both._replace(why=missing.astype(object))
    return _choose(beyond == HOLDS, abnormal, _choose(beyond == NOT, normal, both))


def _bounded(term: Term, rows: Rows) -> Rows:
    """A baseline that is not known lay, in the abnormal branch, beyond the limit of the value."""
    limit = rows.limits[term.limit]
    none = np.isnan(rows.base.low)
    upward = term.limit == "high"
    low = limit if upward else np.where(np.isnan(limit), np.nan, 0.0)
    high = np.where(np.isnan(limit), np.nan, np.inf) if upward else limit
    other = rows.with_base(
        Interval(
            np.where(none, low, rows.base.low),
            np.where(none, high, rows.base.high),
            np.where(none, True, rows.base.open_low),
            np.where(none, True, rows.base.open_high),
        )
    )
    kept = {
        name: np.where(none, getattr(other.pchg, name), getattr(rows.pchg, name))
        for name in ("low", "high", "open_low", "open_high")
    }
    return Rows(rows.value, other.base, rows.limits, Interval(**kept), rows.first, rows.in_unit)


def _either(one: _Branch, other: _Branch) -> _Branch:
    """Both branches are possible: what both have is certain, what they differ in is unknown."""
    certain = np.minimum(one.certain, other.certain)
    most = np.maximum.reduce([one.certain, other.certain, one.unknown, other.unknown])
    # A baseline that is bounded only leaves open what it would have told: that is unknown, too.
    most = np.maximum(most, np.maximum(one.open, other.open))
    return _Branch(certain, most, np.zeros(certain.shape), one.why)


def _choose(which: np.ndarray, one: _Branch, other: _Branch) -> _Branch:
    return _Branch(*(np.where(which, a, b) for a, b in zip(one, other, strict=True)))


def _told(found: _Branch, value: np.ndarray) -> Graded:
    missing = np.isnan(value)
    unknown = ~missing & (found.unknown > found.certain)
    why = np.where(missing, "value missing", np.where(unknown, found.why, "")).astype(object)
    grade = np.where(missing | unknown, np.nan, found.certain)
    return Graded(grade, why, ~missing & ~unknown & (found.open > found.certain))
