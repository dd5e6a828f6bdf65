"""Laboratory grades by CTCAE v5.0: the criteria as data, and how a value is graded by them.

A criterion that can't be told (a limit, a baseline or the value is missing) makes the value
ungradable with its reason, unless a higher grade holds for certain. Source: NCI CTCAE v5.0.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np

from csr.standards.yaml_tables import read_table

VERSION = "5.0"
LIMITS = {"LLN": "low", "ULN": "high", "BASE": "base", "PCHG": "pchg"}
NAMES = {
    "low": "lower limit of normal missing",
    "high": "upper limit of normal missing",
    "base": "baseline missing",
    "pchg": "change from baseline missing",
}

Values = Mapping[str, np.ndarray]


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

    def judge(self, values: Values) -> np.ndarray:
        """1 where it holds, 0 where not, NaN where that can't be told."""
        value = values["pchg"] if self.of == "pchg" else values["value"]
        limit = np.full(value.shape, self.number)
        if self.of and self.of != "pchg":
            other = values[self.of]
            limit = other + self.number if self.offset else other * self.number
        fuzz = 1e-9 * np.abs(limit)
        with np.errstate(invalid="ignore"):
            holds = {
                ">": value > limit + fuzz,
                ">=": value >= limit - fuzz,
                "<": value < limit - fuzz,
                "<=": value <= limit + fuzz,
            }[self.operator]
        return np.where(np.isnan(value) | np.isnan(limit), np.nan, holds.astype(float))

    @property
    def needs(self) -> str:
        """What beside the value it needs, "" for nothing."""
        return self.of


Criteria = dict[int, tuple[Condition, ...]]


@dataclass(frozen=True)
class Term:
    """A laboratory term of CTCAE: its direction, its test, and the criteria of its grades.

    `abnormal` holds where the baseline was beyond the limit; None where baseline does not matter.
    """

    name: str
    direction: str
    test: str
    normal: Criteria
    abnormal: Criteria | None = None
    assumes: str = ""

    @property
    def limit(self) -> str:
        """The reference limit in the term's direction."""
        return "low" if self.direction == "low" else "high"


@cache
def read_terms() -> dict[str, Term]:
    """All laboratory terms by name."""
    terms = [
        Term(
            entry["term"],
            entry["direction"],
            entry["test"],
            _criteria(entry.get("grades") or entry["normal"]),
            _criteria(entry["abnormal"]) if "abnormal" in entry else None,
            entry.get("assumes", ""),
        )
        for entry in read_table("ctcae_v5_laboratory.yaml")
    ]
    return {term.name: term for term in terms}


def _criteria(grades: Mapping[int, str]) -> Criteria:
    return {
        grade: tuple(Condition.parse(part) for part in text.split(" or "))
        for grade, text in sorted(grades.items(), reverse=True)
    }


def terms_of_test(test: str) -> dict[str, Term]:
    """The terms of a test by direction ("low", "high"); none where CTCAE has no criterion."""
    return {term.direction: term for term in read_terms().values() if term.test == test}


def grade_values(term: Term, values: Values) -> tuple[np.ndarray, np.ndarray]:
    """Grades 0 to 4 (NaN: ungradable) and why each ungradable value is, "" where it is not.

    `values`: arrays of one length: value, low, high (reference limits), base (baseline), pchg
    (percent change from it), all in the unit of the term's test; and first (1: at or before
    baseline, graded as if the baseline had been normal).
    """
    if term.abnormal is None:
        return _grade(term.normal, values, np.ones(values["value"].shape, dtype=bool))
    base, limit = values["base"], values[term.limit]
    first = values["first"] > 0
    with np.errstate(invalid="ignore"):
        beyond = base < limit if term.limit == "low" else base > limit
    known = first | ~(np.isnan(base) | np.isnan(limit))
    abnormal = known & ~first & beyond
    grade, why = _grade(term.normal, values, known & ~abnormal)
    other, other_why = _grade(term.abnormal, values, abnormal)
    grade, why = np.where(abnormal, other, grade), np.where(abnormal, other_why, why)
    lost = ~known & ~np.isnan(values["value"])
    missing = np.where(np.isnan(base), NAMES["base"], NAMES[term.limit])
    return grade, np.where(lost, missing, np.where(known, why, "value missing"))


def _grade(criteria: Criteria, values: Values, which: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The highest grade that holds, as far as no higher one is unknown."""
    size = values["value"].shape
    grade, open_ = np.zeros(size), which.copy()
    why = np.full(size, "", dtype=object)
    grade[~which] = np.nan
    missing = which & np.isnan(values["value"])
    grade[missing], why[missing], open_ = np.nan, "value missing", open_ & ~missing
    for level, conditions in criteria.items():
        held = np.stack([condition.judge(values) for condition in conditions])
        certain = (held == 1).any(axis=0)
        unknown = np.isnan(held).any(axis=0) & ~certain
        for condition in conditions:
            lacks = open_ & unknown & np.isnan(_other(condition, values)) & (why == "")
            why[lacks] = NAMES.get(condition.needs, "value missing")
        grade[open_ & unknown] = np.nan
        grade[open_ & certain] = level
        open_ = open_ & ~unknown & ~certain
    return grade, why


def _other(condition: Condition, values: Values) -> np.ndarray:
    return values[condition.needs] if condition.needs else values["value"]
