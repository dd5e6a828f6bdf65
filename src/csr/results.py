"""Rows and results: the two frames every analysis gives (DESIGN seam 2).

`rows` holds one line per counted or summarised thing. `results` holds one unrounded line per
statistic, reduced from the rows by group-by. A number's subjects are therefore the rows that share
its group values: `trace` finds them, in the very frame the number was computed from.

A row
    role      "population" (a subject of the denominator) or "counted" (the thing itself)
    USUBJID   the subject;  SRCDOM, SRCKEY  the source record ("ADAE", "AESEQ=3")
    …         the grouping columns of the analysis, text ("" is a level of its own)
    value     what is summarised (age, time in the unit of the result); NaN for a plain count
    event     time-to-event only: 1 event, 0 censored

A result
    result      its identity: analysis/column=level/…/stat, unique in a build
    analysis, population
    group1 level1 … group5 level5    level missing: pooled over that column (the Total column,
                                     any preferred term of a class, any event at all)
    stat, value, unit, method, reason (why it can't be estimated)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

DEPTH = 5
GROUPS = tuple(f"group{i}" for i in range(1, DEPTH + 1))
LEVELS = tuple(f"level{i}" for i in range(1, DEPTH + 1))
RESULT_COLUMNS = (
    "result",
    "analysis",
    "population",
    *(name for pair in zip(GROUPS, LEVELS, strict=True) for name in pair),
    "stat",
    "value",
    "unit",
    "method",
    "reason",
)
ROW_COLUMNS = ("role", "USUBJID", "SRCDOM", "SRCKEY")
POPULATION, COUNTED = "population", "counted"
DENOMINATOR_STATS = frozenset({"N"})
# Levels of these columns are places on a curve, not values of a row.
COORDINATES = frozenset({"TIME", "LANDMARK"})

Groups = tuple[tuple[str, str | None], ...]
Adam = dict[str, pd.DataFrame]


@dataclass(frozen=True)
class Output:
    """What an analysis gives: its rows and its results."""

    rows: pd.DataFrame
    results: pd.DataFrame


@dataclass(frozen=True)
class Analysis:
    """A question of the trial, declared: its name, the ADaM datasets it needs, how it is answered.

    `answer(adam, params)` takes frames and gives an `Output`; it reads and writes nothing.
    `endpoints` are keys of params' `endpoints`, of which at least one must be declared. `unasked`
    says of params why they do not ask for it, "" where they do.
    """

    name: str
    datasets: tuple[str, ...]
    answer: Callable[[Adam, Any], Output]
    source: str = ""
    endpoints: tuple[str, ...] = ()
    unasked: Callable[[Any], str] = lambda params: ""


@dataclass
class ResultList:
    """Collects results of one analysis, then gives them as a frame in the order they came."""

    analysis: str
    population: str
    lines: list[dict[str, Any]] = field(default_factory=list)

    def add(
        self,
        groups: Groups,
        stat: str,
        value: float | None,
        *,
        unit: str = "",
        method: str = "",
        reason: str = "",
    ) -> None:
        """One statistic; `reason` is required where the value can't be estimated."""
        number = float("nan") if value is None else float(value)
        if np.isnan(number) and not reason:
            raise ValueError(f"{self.analysis}/{stat}: a missing value needs its reason")
        line: dict[str, Any] = dict.fromkeys(RESULT_COLUMNS)
        line |= {
            "result": result_id(self.analysis, groups, stat),
            "analysis": self.analysis,
            "population": self.population,
            "stat": stat,
            "value": number,
            "unit": unit,
            "method": method,
            "reason": reason,
        }
        for (column, level), group, level_name in zip(groups, GROUPS, LEVELS, strict=False):
            line[group], line[level_name] = column, level
        self.lines.append(line)

    def frame(self) -> pd.DataFrame:
        """The results, one line per statistic."""
        frame = pd.DataFrame(self.lines, columns=list(RESULT_COLUMNS))
        texts = [c for c in RESULT_COLUMNS if c != "value"]
        frame[texts] = frame[texts].astype(object).where(frame[texts].notna(), None)
        frame["value"] = frame["value"].astype(float)
        return frame


def result_id(analysis: str, groups: Groups, stat: str) -> str:
    """`ae-by-soc-pt/TRTA=Placebo/AEBODSYS=Cardiac disorders/AEDECOD=*/n`."""
    path = [
        f"{column}={'*' if level is None else level.replace('/', '∕')}" for column, level in groups
    ]
    return "/".join([analysis, *path, stat])


def groups_of(result: pd.Series) -> Groups:
    """The group columns and levels of one line of the results."""
    return tuple(
        (result[g], None if pd.isna(result[lv]) else result[lv])
        for g, lv in zip(GROUPS, LEVELS, strict=True)
        if not pd.isna(result[g])
    )


def trace(rows: pd.DataFrame, result: pd.Series) -> pd.DataFrame:
    """The rows behind one result: those that share its group values.

    A denominator (`N`) is traced to the population; every other statistic to what it counts or
    summarises. Group columns that are places on a curve (a landmark) select nothing.
    """
    role = POPULATION if result["stat"] in DENOMINATOR_STATS else COUNTED
    keep = rows["role"] == role
    for column, level in groups_of(result):
        if level is None or column in COORDINATES or column not in rows:
            continue
        if role == POPULATION and rows.loc[rows["role"] == POPULATION, column].isna().all():
            continue
        keep &= rows[column] == level
    return rows[keep]


def make_rows(*parts: pd.DataFrame) -> pd.DataFrame:
    """Puts population and counted rows into one frame with the standard columns first."""
    rows = pd.concat([p for p in parts if len(p)] or [parts[0]], ignore_index=True)
    for column in [c for p in parts for c in p.columns if c not in rows]:
        rows[column] = pd.Series(None, index=rows.index, dtype=object)
    extra = [c for c in rows.columns if c not in (*ROW_COLUMNS, "value", "event")]
    for column in ("value", "event"):
        if column not in rows:
            rows[column] = np.nan
        rows[column] = rows[column].astype(float)
    return rows[[*ROW_COLUMNS, *extra, "value", "event"]]


def population_rows(subjects: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """One population row per subject of an ADSL-like frame, with its group columns."""
    rows = subjects[["USUBJID", *by]].copy()
    return rows.assign(role=POPULATION, SRCDOM="ADSL", SRCKEY="")


def counted_rows(
    records: pd.DataFrame, domain: str, columns: Sequence[str], key: str = ""
) -> pd.DataFrame:
    """One counted row per record of an ADaM dataset; `key` names its sequence variable."""
    rows = records[["USUBJID", *columns]].copy()
    return rows.assign(
        role=COUNTED, SRCDOM=domain, SRCKEY=_source_keys(records[key], key) if key else ""
    )


def _source_keys(numbers: pd.Series, key: str) -> np.ndarray:
    """`AESEQ=3` of each record, written once for each number there is."""
    place, seen = pd.factorize(numbers)
    return np.array([*(f"{key}={number:g}" for number in seen), ""], dtype=object)[place]


def count_subjects(
    out: ResultList,
    rows: pd.DataFrame,
    by: str,
    by_levels: Sequence[str],
    item_sets: Sequence[Sequence[str]],
    items: Sequence[str],
    levels: Sequence[tuple[str, ...]] = (),
) -> None:
    """Adds n, N and percent of distinct subjects for each level of `by` and pooled over it.

    `items` are all item columns of the analysis; each of `item_sets` names those that are held,
    the others being pooled over. `levels` asks for combinations of the held columns in a given
    order, present or not; without it, those seen in any group appear, with zeros where a group
    has none. Percent is 100·n/N of the subjects in the population of that group.
    """
    population = rows[rows["role"] == POPULATION]
    counted = _Coded.of(rows[rows["role"] == COUNTED], by, items)
    totals = population.groupby(by)["USUBJID"].nunique()
    groups = [*by_levels, None]
    sizes = [int(totals.get(level, 0)) for level in by_levels]
    sizes.append(int(population["USUBJID"].nunique()))
    for held in item_sets:
        in_groups = [counted.count(held, level) for level in groups]
        for combination in levels or in_groups[-1]:
            full = dict(zip(held, combination, strict=True))
            where: Groups = tuple((item, full.get(item)) for item in items)
            for level, found, total in zip(groups, in_groups, sizes, strict=True):
                _add_count(out, ((by, level), *where), found.get(combination, 0), total)


@dataclass(frozen=True)
class _Coded:
    """Counted rows as whole numbers, which a million of can be counted in a second.

    `codes` holds, per column (the one of the groups first), the place of each row's level in
    `names`, which is sorted; −1 where it is missing.
    """

    subjects: np.ndarray
    codes: dict[str, np.ndarray]
    names: dict[str, np.ndarray]

    @classmethod
    def of(cls, rows: pd.DataFrame, by: str, items: Sequence[str]) -> _Coded:
        codes, names = {}, {}
        for column in (by, *items):
            codes[column], found = pd.factorize(rows[column], sort=True)
            names[column] = np.asarray(found, dtype=object)
        return cls(pd.factorize(rows["USUBJID"])[0], codes, names)

    def count(self, held: Sequence[str], level: str | None) -> dict[tuple[str, ...], int]:
        """Distinct subjects of each combination of the held columns seen at a level of `by`."""
        by = next(iter(self.codes))
        keep = np.ones(self.subjects.size, dtype=bool)
        if level is not None:
            keep = np.isin(self.codes[by], np.flatnonzero(self.names[by] == level))
        key = np.zeros(self.subjects.size, dtype=np.int64)
        for column in held:
            keep &= self.codes[column] >= 0
            key = key * max(self.names[column].size, 1) + self.codes[column]
        people = int(self.subjects.max(initial=-1)) + 1
        pairs = pd.unique((key * people + self.subjects)[keep])
        seen, counts = np.unique(pairs // max(people, 1), return_counts=True)
        return dict(zip(self._named(seen, held), counts.tolist(), strict=True))

    def _named(self, keys: np.ndarray, held: Sequence[str]) -> list[tuple[str, ...]]:
        columns: list[np.ndarray] = []
        for column in reversed(held):
            size = max(self.names[column].size, 1)
            columns.insert(0, self.names[column][keys % size])
            keys = keys // size
        return list(zip(*columns, strict=True)) if columns else [()] * len(keys)


def _add_count(out: ResultList, groups: Groups, n: int, total: int) -> None:
    out.add(groups, "n", n, method="distinct subjects")
    out.add(groups, "N", total, method="subjects in the population")
    out.add(
        groups,
        "pct",
        100 * n / total if total else None,
        unit="%",
        method="100·n/N",
        reason="" if total else "no subject in the group",
    )
