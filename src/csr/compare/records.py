"""The records of two builds, matched on natural keys: added, removed, corrected, carried on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from csr.compare.natural_keys import ALL, NaturalKey, natural_key
from csr.results import Adam

SUBJECT = "USUBJID"
PARAMETER = "PARAMCD"
STUDY_DAY = "DY"


@dataclass(frozen=True)
class Changed:
    """One record that both builds have, with different content.

    `old` and `new` are positions in the two frames. `corrected` are the columns whose earlier
    value was wrong; `later` those that tell of something after the earlier cut-off.
    """

    old: int
    new: int
    subject: str
    corrected: tuple[str, ...]
    later: tuple[str, ...]


@dataclass(frozen=True)
class Matched:
    """One dataset of two builds: positions added in the new, removed from the old, and changed."""

    dataset: str
    added: tuple[int, ...]
    removed: tuple[int, ...]
    changed: tuple[Changed, ...] = field(default=())
    gone_later: bool = False  # removed records are no corrections

    def without_corrections(self) -> Matched:
        """The same records where nothing can have been corrected: all that differs came later."""
        later = (
            Changed(c.old, c.new, c.subject, (), (*c.corrected, *c.later)) for c in self.changed
        )
        return Matched(self.dataset, self.added, self.removed, tuple(later), gone_later=True)

    @property
    def corrected(self) -> tuple[Changed, ...]:
        """The changed records of which the earlier content was wrong."""
        return tuple(c for c in self.changed if c.corrected)


def match_records(
    old: Adam, new: Adam, since: pd.Timestamp | None, derived_by_csr: bool
) -> dict[str, Matched]:
    """Every dataset of both builds, matched on its natural key.

    `since` is the earlier cut-off where the new build has a later one: what is dated after it is
    new. None: the cut-offs are the same, and every changed record is a corrected one.
    """
    done: dict[str, Matched] = {}
    order = sorted(set(old) & set(new), key=lambda n: (len(natural_key(n).rests_on), n))
    copied = set(old["adsl"].columns) - {SUBJECT} if "adsl" in old else set()
    wrong: dict[str, set[str]] = {}
    for name in order:
        key = natural_key(name)
        shared = [c for c in old[name].columns if c in new[name].columns]
        own = [c for c in shared if not (c in copied and name != "adsl") and not c.endswith("SEQ")]
        pairs, added, removed = _pair(old[name], new[name], key, own)
        judge = _Judge(name, key, since, derived_by_csr)
        changed = _changes(old[name], new[name], pairs, own, judge, wrong)
        done[name] = Matched(name, added, removed, changed)
    return done


def _pair(
    old: pd.DataFrame, new: pd.DataFrame, key: NaturalKey, own: list[str]
) -> tuple[list[tuple[int, int]], tuple[int, ...], tuple[int, ...]]:
    """Positions of the same record in both frames (of different content), and of the others.

    Among records of one key, those of equal content are the same; the rest pair in their order.
    """
    names = [_keys(frame, key, own, other) for frame, other in ((old, new), (new, old))]
    contents = [texts(frame[own]).agg("\x1f".join, axis=1) for frame in (old, new)]
    whole = [
        _numbered(n + "\x1e" + c) if len(c) else n for n, c in zip(names, contents, strict=True)
    ]
    left = [~w.isin(set(o)) for w, o in ((whole[0], whole[1]), (whole[1], whole[0]))]
    open_keys = [_numbered(n[keep]) for n, keep in zip(names, left, strict=True)]
    places = [dict(zip(k, k.index, strict=True)) for k in open_keys]
    both = [(place, places[1][k]) for k, place in places[0].items() if k in places[1]]
    removed = tuple(p for k, p in places[0].items() if k not in places[1])
    added = tuple(p for k, p in places[1].items() if k not in places[0])
    return both, added, removed


def _keys(frame: pd.DataFrame, key: NaturalKey, own: list[str], other: pd.DataFrame) -> pd.Series:
    """The natural key of each record as text; longer where the short one repeats in a build."""
    short = [c for c in key.key if c in own]
    further = [c for c in key.then if c in own]
    mine, theirs = (_joined(f, short) for f in (frame, other))
    repeated = set(mine[mine.duplicated()]) | set(theirs[theirs.duplicated()])
    return mine.where(~mine.isin(repeated), mine + "\x1f" + _joined(frame, further))


def _joined(frame: pd.DataFrame, columns: list[str]) -> pd.Series:
    if not columns or frame.empty:
        return pd.Series("", index=range(len(frame)), dtype=object)
    return texts(frame[columns]).agg("\x1f".join, axis=1)


def _numbered(keys: pd.Series) -> pd.Series:
    return keys + "\x1d" + keys.groupby(keys).cumcount().astype(str)


def texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Each value as text, missing as "": what two builds are compared by."""
    done = {}
    for column in frame.columns:
        values = frame[column]
        kept = values.astype(float) if pd.api.types.is_numeric_dtype(values) else values
        done[column] = kept.astype(object).where(values.notna(), "").map(str).to_numpy()
    return pd.DataFrame(done, columns=frame.columns, index=range(len(frame)), dtype=object)


@dataclass(frozen=True)
class _Judge:
    """Says of the changed columns of one record which are corrections."""

    dataset: str
    key: NaturalKey
    since: pd.Timestamp | None
    derived_by_csr: bool

    def corrected(
        self, columns: list[str], new: dict[str, Any], wrong: dict[str, set[str]]
    ) -> tuple[str, ...]:
        if self.since is None:
            return tuple(columns)
        carried_on = self._later(new)
        if ALL in carried_on:
            return ()
        left = [c for c in columns if c not in carried_on]
        if any(not self._derived(c, new) for c in left):
            return tuple(left)
        rests_on_wrong = any(new[SUBJECT] in wrong.get(name, ()) for name in self.key.rests_on)
        return tuple(left) if rests_on_wrong else ()

    def _later(self, new: dict[str, Any]) -> set[str]:
        return {
            column
            for date, columns in self.key.dated
            if _is_after(new.get(date), self.since)
            for column in columns
        }

    def _derived(self, column: str, new: dict[str, Any]) -> bool:
        if not self.derived_by_csr or column.endswith(STUDY_DAY):
            return column.endswith(STUDY_DAY)
        recorded = new.get(PARAMETER) in self.key.recorded
        return (ALL in self.key.derived and not recorded) or column.endswith(self.key.derived)


def _is_after(date: Any, since: pd.Timestamp | None) -> bool:
    """Dates of ADaM, or ISO 8601 text; one known in part counts from its earliest day."""
    if since is None or date is None or pd.isna(date) or date == "":
        return False
    return (
        bool(date > since) if isinstance(date, pd.Timestamp) else str(date)[:10] > str(since)[:10]
    )


def _changes(
    old: pd.DataFrame,
    new: pd.DataFrame,
    pairs: list[tuple[int, int]],
    own: list[str],
    judge: _Judge,
    wrong: dict[str, set[str]],
) -> tuple[Changed, ...]:
    """The changed records; subjects with a corrected recorded one are added to `wrong`.

    Recorded parameters go first: what csr derived of them rests on them.
    """
    if not pairs:
        return ()
    here, there = (np.array(side) for side in zip(*pairs, strict=True))
    before, after = texts(old[own].iloc[here]), texts(new[own].iloc[there])
    differ = (before.to_numpy() != after.to_numpy()).tolist()
    lines = new.iloc[there].to_dict("records")
    first = sorted(range(len(pairs)), key=lambda i: lines[i].get(PARAMETER) not in _first(judge))
    done = []
    for i in first:
        columns = [c for c, is_other in zip(own, differ[i], strict=True) if is_other]
        corrected = judge.corrected(columns, lines[i], wrong)
        subject = str(lines[i][SUBJECT])
        if corrected:
            wrong.setdefault(judge.dataset, set()).add(subject)
        later = tuple(c for c in columns if c not in corrected)
        done.append(Changed(pairs[i][0], pairs[i][1], subject, corrected, later))
    return tuple(done)


def _first(judge: _Judge) -> Collection[str]:
    return judge.key.recorded
