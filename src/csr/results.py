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

from collections.abc import Callable, Collection, Mapping, Sequence
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


Columns = Mapping[str, Collection[str]]


@dataclass(frozen=True)
class Needs:
    """What is read of the datasets: columns that can't be done without, and columns that can.

    `needed` are (dataset, column); `optional` (dataset, column) → what becomes of the analysis or
    display without it, "" where nothing does since another column says the same; `spared` dataset
    → what becomes of it without that dataset, whose needed columns then are needed only where the
    dataset is there; `either` (dataset, alternatives): all columns of one of them are needed.
    """

    needed: frozenset[tuple[str, str]] = frozenset()
    optional: Mapping[tuple[str, str], str] = field(default_factory=dict)
    spared: Mapping[str, str] = field(default_factory=dict)
    either: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()

    def __add__(self, other: Needs) -> Needs:
        """What both read: needed where either needs it."""
        needed = self.needed | other.needed
        firm = (self._datasets - set(self.spared)) | (other._datasets - set(other.spared))
        optional = {**self.optional, **other.optional}
        return Needs(
            needed,
            {at: text for at, text in optional.items() if at not in needed},
            {d: text for d, text in {**self.spared, **other.spared}.items() if d not in firm},
            tuple(dict.fromkeys((*self.either, *other.either))),
        )

    @property
    def _datasets(self) -> set[str]:
        return {d for d, _ in self.needed} | {d for d, _ in self.either}

    @property
    def datasets(self) -> tuple[str, ...]:
        """Every dataset that is read, sorted."""
        return tuple(sorted(self._datasets | {d for d, _ in self.optional} | set(self.spared)))

    def columns(self, dataset: str) -> set[str]:
        """Every column that is read of a dataset, needed or not."""
        named = {c for d, c in (*self.needed, *self.optional) if d == dataset}
        return named | {c for d, ways in self.either if d == dataset for way in ways for c in way}

    def missing(self, columns: Columns) -> tuple[str, ...]:
        """What is needed and not there, `ADAE` or `ADAE.AESER`, sorted; `columns` by dataset."""
        firm = self._datasets - set(self.spared)
        gone = {d.upper() for d in firm if d not in columns}
        there = {d for d in firm if d in columns}
        lacking = {f"{d.upper()}.{c}" for d, c in self._lacking(columns) if d in there}
        return tuple(sorted(gone | lacking))

    def without(self, columns: Columns) -> tuple[tuple[str, str], ...]:
        """What is not there and can be done without, with its consequence, sorted."""
        lost = {d: self._spared_lacks(d, columns) for d in self.spared}
        said = [(what, self.spared[d]) for d, what in lost.items() if what]
        said += [
            (f"{d.upper()}.{c}", text)
            for (d, c), text in self.optional.items()
            if text and d in columns and not lost.get(d) and c not in columns[d]
        ]
        return tuple(sorted(said))

    def of(self, adam: Adam) -> Adam:
        """The frames with just what is read of them: what is not declared can't be read."""
        there = {d: frame.columns for d, frame in adam.items()}
        kept = (d for d in self.datasets if d in adam and not self._spared_lacks(d, there))
        return {d: adam[d][[c for c in adam[d] if c in self.columns(d)]] for d in kept}

    def _spared_lacks(self, dataset: str, columns: Columns) -> str:
        """What is not there of a dataset that can be done without."""
        if dataset not in self.spared:
            return ""
        if dataset not in columns:
            return dataset.upper()
        lacking = [f"{d.upper()}.{c}" for d, c in self._lacking(columns) if d == dataset]
        return ", ".join(sorted(lacking))

    def _lacking(self, columns: Columns) -> list[tuple[str, str]]:
        one = [(d, c) for d, c in self.needed if d in columns and c not in columns[d]]
        return one + [
            (d, " or ".join(" and ".join(way) for way in ways))
            for d, ways in self.either
            if d in columns and not any(set(way) <= set(columns[d]) for way in ways)
        ]


def reads(dataset: str, *needed: str, **optional: str) -> Needs:
    """The needs of one dataset: `reads("adae", "USUBJID", AESER="the serious ones are left out")`.

    A dataset of which nothing is needed must be there all the same.
    """
    columns = frozenset((dataset, column) for column in (needed or ("USUBJID",)))
    return Needs(columns, {(dataset, column): text for column, text in optional.items()})


def reads_if_there(dataset: str, consequence: str, *needed: str, **optional: str) -> Needs:
    """The needs of a dataset that can be done without, and what becomes of it then."""
    own = reads(dataset, *needed, **optional)
    return Needs(own.needed, own.optional, {dataset: consequence})


def reads_either(dataset: str, *ways: Sequence[str]) -> Needs:
    """The columns of one of several ways to know a thing: `reads_either("adae", ["ASTDT"], …)`.

    A way without columns: it can be done without.
    """
    return Needs(either=((dataset, tuple(tuple(way) for way in ways)),))


# What an analysis does without the sequence variable of its records.
UNTRACED = "a number is traced to its subjects, not to their records"

NeedsOf = Needs | Callable[[Any], Needs]


def needs_under(needs: NeedsOf, params: Any) -> Needs:
    """Needs as the params have it: columns that params name make them a function of params."""
    return needs if isinstance(needs, Needs) else needs(params)


@dataclass(frozen=True)
class Analysis:
    """A question of the trial, declared: its name, what it reads of ADaM, how it is answered.

    `answer(adam, params)` takes frames and gives an `Output`; it reads and writes nothing. `needs`
    says which columns it reads, needed or with the consequence of their absence.
    `endpoints` are keys of params' `endpoints`, of which at least one must be declared. `unasked`
    says of params why they do not ask for it, "" where they do.
    """

    name: str
    answer: Callable[[Adam, Any], Output]
    source: str = ""
    endpoints: tuple[str, ...] = ()
    unasked: Callable[[Any], str] = lambda params: ""
    needs: NeedsOf = field(kw_only=True)

    def reads(self, params: Any) -> Needs:
        """What it reads under these params."""
        return needs_under(self.needs, params)

    def run(self, adam: Adam, params: Any) -> Output:
        """Answers from the declared columns alone."""
        return self.answer(self.reads(params).of(adam), params)


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
    """Puts population and counted rows into one frame with the standard columns first.

    Of no part there are no rows: a question without anything to count is no error.
    """
    some = [p for p in parts if len(p)] or [*parts[:1]]
    rows = pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=[*ROW_COLUMNS])
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
    """One counted row per record of an ADaM dataset; `key` names its sequence variable.

    Without that variable a row is traced to its subject alone.
    """
    rows = records[["USUBJID", *columns]].copy()
    keys = _source_keys(records[key], key) if key in records else ""
    return rows.assign(role=COUNTED, SRCDOM=domain, SRCKEY=keys)


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
    unknown: Callable[[str | None], str] = lambda level: "",
) -> None:
    """Adds n, N and percent of distinct subjects for each level of `by` and pooled over it.

    `items` are all item columns of the analysis; each of `item_sets` names those that are held,
    the others being pooled over. `levels` asks for combinations of the held columns in a given
    order, present or not; without it, those seen in any group appear, with zeros where a group
    has none. Percent is 100·n/N of the subjects in the population of that group. `unknown` says of
    a level of `by` why the size of its population is not known, "" where it is.
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
                n = found.get(combination, 0)
                _add_count(out, ((by, level), *where), n, total, unknown(level))


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


def _add_count(out: ResultList, groups: Groups, n: int, total: int, unknown: str) -> None:
    size = None if unknown else total
    why = unknown or ("" if total else "no subject in the group")
    out.add(groups, "n", n, method="distinct subjects")
    out.add(groups, "N", size, method="subjects in the population", reason=unknown)
    out.add(
        groups, "pct", 100 * n / total if not why else None, unit="%", method="100·n/N", reason=why
    )
