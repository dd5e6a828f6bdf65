"""Two builds, compared: every changed number with its causes and subjects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from csr.compare.analysed import Build
from csr.compare.causes import CODE, CONVENTION, Steps, differing, find_causes, numbers_of
from csr.compare.rows import RowIndex, different_rows, subjects_behind
from csr.params import Params
from csr.results import COORDINATES, GROUPS, LEVELS, Adam, Groups

Result = dict[Any, Any]

COLUMNS = (
    "result",
    "analysis",
    "group",
    "what",
    "stat",
    "unit",
    "old",
    "new",
    "in_old",
    "in_new",
    "causes",
    "subjects",
    "curve",
)
RECORD_COLUMNS = ("dataset", "before", "now", "added", "removed", "corrected", "carried_on")


@dataclass(frozen=True)
class Diff:
    """What differs between two builds.

    `numbers`: one line per changed number (result, analysis, the first group's level or "" pooled,
    the other levels as `what`, stat, unit, old and new value, whether either build has it at all,
    the tuples `causes` and `subjects`, and whether it is a point of a curve). `compared`: how many
    numbers either build has. `records`: one line per dataset. `corrections`: one line per corrected
    value. `params`: dotted key → old and new value.
    """

    old: Params
    new: Params
    numbers: pd.DataFrame
    compared: int
    records: pd.DataFrame
    corrections: pd.DataFrame
    params: Mapping[str, tuple[str, str]]
    notes: tuple[str, ...]


def compare_builds(old: Build, new: Build, derived: tuple[Adam, Adam] | None = None) -> Diff:
    """Compares two builds; `derived` as `find_causes` takes it."""
    steps = find_causes(old, new, derived)
    every = set(numbers_of(old.analysed.results)) | set(numbers_of(new.analysed.results))
    return Diff(
        old.params,
        new.params,
        _numbers(old, new, steps),
        len(every),
        _records(old, new, steps),
        steps.corrections,
        differing(old.params, new.params),
        steps.notes,
    )


def _numbers(old: Build, new: Build, steps: Steps) -> pd.DataFrame:
    here, there = (_by_result(b.analysed.results) for b in (old, new))
    found: dict[str, tuple[RowIndex, RowIndex, RowIndex]] = {}
    lines = []
    for name, causes in steps.causes.items():
        line = there[name] if name in there else here[name]
        analysis = line["analysis"]
        if analysis not in found:
            rows = old.analysed.rows.get(analysis), new.analysed.rows.get(analysis)
            apart = RowIndex(different_rows(*rows))
            found[analysis] = (apart, RowIndex(rows[0]), RowIndex(rows[1]))
        groups = _groups(line)
        by_rows = set(causes) - {CODE, CONVENTION}
        subjects = subjects_behind(*found[analysis], groups, line["stat"]) if by_rows else ()
        values = _values(name, here, there)
        lines.append((name, *_told(line, groups), *values, causes, subjects, _curve(groups)))
    return pd.DataFrame(lines, columns=list(COLUMNS))


def _by_result(results: pd.DataFrame) -> dict[str, Result]:
    return {line["result"]: line for line in results.to_dict("records")}


def _groups(line: Result) -> Groups:
    """As `csr.results.groups_of`, of a plain dict: there are very many."""
    return tuple(
        (line[group], line[level] if isinstance(line[level], str) else None)
        for group, level in zip(GROUPS, LEVELS, strict=True)
        if isinstance(line[group], str)
    )


def _told(line: Result, groups: Groups) -> tuple[str, str, str, str, str]:
    levels = [level for _, level in groups]
    what = " / ".join(level for level in levels[1:] if level)
    first = levels[0] if levels and levels[0] else ""
    return line["analysis"], first, what, line["stat"], line["unit"] or ""


def _values(
    name: str, here: Mapping[str, Result], there: Mapping[str, Result]
) -> tuple[float, float, bool, bool]:
    values = [float(s[name]["value"]) if name in s else float("nan") for s in (here, there)]
    return values[0], values[1], name in here, name in there


def _curve(groups: Groups) -> bool:
    return bool({column for column, _ in groups} & (COORDINATES - {"LANDMARK"}))


def _records(old: Build, new: Build, steps: Steps) -> pd.DataFrame:
    lines = [
        (
            name.upper(),
            len(old.data[name]),
            len(new.data[name]),
            len(found.added),
            len(found.removed),
            len(found.corrected),
            len(found.changed) - len(found.corrected),
        )
        for name, found in sorted(steps.matched.items())
    ]
    return pd.DataFrame(lines, columns=list(RECORD_COLUMNS))
