"""The rows by which two builds differ, and those of them behind one number."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.compare.records import texts
from csr.results import (
    COORDINATES,
    COUNTED,
    DENOMINATOR_STATS,
    LEVELS,
    POPULATION,
    ROW_COLUMNS,
    Groups,
    trace,
)

SIDE, OLD, NEW = "SIDE", "old", "new"
# Statistics that are a share of a denominator: they move with it.
SHARES = ("pct", "lcl", "ucl")


def different_rows(old: pd.DataFrame | None, new: pd.DataFrame | None) -> pd.DataFrame:
    """The rows of one analysis that only one build has, with SIDE "old" or "new".

    A row is known by its subject, its groups, its value and its event; SRCKEY, which holds a
    sequence number, is not looked at.
    """
    frames = [f for f in (old, new) if f is not None]
    if not frames:
        return pd.DataFrame(columns=[*ROW_COLUMNS, SIDE])
    nothing = frames[0].iloc[:0]
    here, there = (nothing if f is None else f for f in (old, new))
    columns = [c for c in here.columns if c in there.columns and c != "SRCKEY"]
    names = [_names(f, columns) for f in (here, there)]
    apart = [
        here[(~names[0].isin(set(names[1]))).to_numpy()].assign(**{SIDE: OLD}),
        there[(~names[1].isin(set(names[0]))).to_numpy()].assign(**{SIDE: NEW}),
    ]
    full = [f for f in apart if len(f)]
    return pd.concat(full, ignore_index=True) if full else apart[0]


def _names(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    if frame.empty:
        return pd.Series([], dtype=object)
    whole = texts(frame[columns]).agg("\x1f".join, axis=1)
    return whole + "\x1d" + whole.groupby(whole).cumcount().astype(str)


def rows_behind(apart: pd.DataFrame, result: pd.Series) -> pd.DataFrame:
    """The differing rows behind one number; of a share, those of its denominator too.

    Where none of its own rows differs (a share of the subjects with any value, say), those of the
    levels above it.
    """
    if apart.empty:
        return apart
    found = trace(apart, result)
    if result["stat"].endswith(SHARES) and result["stat"] not in DENOMINATOR_STATS:
        size = result.copy()
        size["stat"] = next(iter(DENOMINATOR_STATS))
        found = pd.concat([found, trace(apart, size)])
    wider = result.copy()
    for level in reversed(LEVELS[1:]):
        if len(found):
            break
        wider[level] = None
        found = trace(apart, wider)
    return found


class RowIndex:
    """The subjects of one analysis' rows, by the groups of a result, as `trace` finds the rows.

    For very many results of one analysis: what each group value selects is worked out once.
    """

    def __init__(self, rows: pd.DataFrame | None) -> None:
        self._rows = pd.DataFrame(columns=list(ROW_COLUMNS)) if rows is None else rows
        self._who = self._rows["USUBJID"].to_numpy(dtype=object)
        population = (self._rows["role"] == POPULATION).to_numpy()
        self._role = {True: population, False: (self._rows["role"] == COUNTED).to_numpy()}
        blank = self._rows[population].isna().all()
        self._blank = set(blank.index[blank])
        self._level: dict[tuple[str, str], np.ndarray] = {}
        self._found: dict[tuple[Groups, bool], frozenset[str]] = {}

    def subjects(self, groups: Groups, population: bool) -> frozenset[str]:
        """The subjects with a row of these groups, counted or of the population."""
        key = (groups, population)
        if key not in self._found:
            keep = self._role[population]
            for column, level in groups:
                unused = column in COORDINATES or column not in self._rows
                if level is not None and not unused and not (population and column in self._blank):
                    keep = keep & self._mask(column, level)
            self._found[key] = frozenset(self._who[keep])
        return self._found[key]

    def _mask(self, column: str, level: str) -> np.ndarray:
        if (column, level) not in self._level:
            self._level[column, level] = (self._rows[column] == level).to_numpy()
        return self._level[column, level]


def subjects_behind(
    apart: RowIndex, old: RowIndex, new: RowIndex, groups: Groups, stat: str
) -> tuple[str, ...]:
    """The subjects on whom a changed number changed, sorted.

    Of a count of subjects, those who came to it or left it; of anything else, everyone with a
    differing row, as `rows_behind` gives them.
    """
    population = stat in DENOMINATOR_STATS
    everyone = apart.subjects(groups, population)
    if stat.endswith(SHARES):
        everyone |= apart.subjects(groups, True)
    for place in range(len(groups) - 1, 0, -1):
        if everyone:
            break
        wider = [(c, None if i >= place else level) for i, (c, level) in enumerate(groups)]
        everyone = apart.subjects(tuple(wider), population)
    moved: frozenset[str] = frozenset()
    if stat == "n":
        moved = old.subjects(groups, False) ^ new.subjects(groups, False)
    return tuple(sorted(moved or everyone))
