"""The rows by which two builds differ, and those of them behind one number."""

from __future__ import annotations

import pandas as pd

from csr.compare.records import texts
from csr.results import DENOMINATOR_STATS, LEVELS, ROW_COLUMNS, trace

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


def subjects_behind(
    apart: pd.DataFrame,
    rows: tuple[pd.DataFrame | None, pd.DataFrame | None],
    result: pd.Series,
) -> tuple[str, ...]:
    """The subjects on whom a changed number changed, sorted.

    Of a count of subjects, those who came to it or left it; of anything else, everyone with a
    differing row.
    """
    behind = rows_behind(apart, result)
    everyone = set(behind["USUBJID"])
    if result["stat"] != "n":
        return tuple(sorted(everyone))
    before, after = (set() if f is None else set(trace(f, result)["USUBJID"]) for f in rows)
    return tuple(sorted((before ^ after) or everyone))
