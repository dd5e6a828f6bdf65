"""What the new build says was wrong in the old one: applied to the old data, and as a list."""

from __future__ import annotations

import pandas as pd

from csr.compare.natural_keys import natural_key
from csr.compare.records import SUBJECT, Matched, texts
from csr.results import Adam

REMOVED = "record removed"
COLUMNS = ("dataset", "subject", "record", "column", "old", "new")


def put_right(old: Adam, new: Adam, matched: dict[str, Matched]) -> Adam:
    """The old data with the corrections of the new: wrong columns replaced, removed records gone.

    Nothing that is new is in it. With it an analysis gives the number that the earlier cut would
    have had, had its data been right.
    """
    done = dict(old)
    for name, found in matched.items():
        frame = old[name].copy()
        for record in found.corrected:
            for column in record.corrected:
                value = new[name][column].iloc[record.new]
                frame.iloc[record.old, frame.columns.get_loc(column)] = value
        gone = [] if found.gone_later else list(found.removed)
        done[name] = frame.drop(index=frame.index[gone]).reset_index(drop=True)
    return done


def list_corrections(old: Adam, new: Adam, matched: dict[str, Matched]) -> pd.DataFrame:
    """One line per corrected value or removed record; `record` is the natural key without USUBJID.

    Columns: dataset, subject, record, column, old, new (all text; of a removed record, column says
    so and the values are empty).
    """
    lines: list[tuple[str, ...]] = []
    for name, found in matched.items():
        before, after = texts(old[name]), texts(new[name])
        for record in found.corrected:
            here, there = before.iloc[record.old], after.iloc[record.new]
            named = _named(name, here)
            lines += [(*named, c, _day(here[c]), _day(there[c])) for c in record.corrected]
        for place in () if found.gone_later else found.removed:
            lines.append((*_named(name, before.iloc[place]), REMOVED, "", ""))
    return pd.DataFrame(sorted(lines), columns=list(COLUMNS), dtype=object)


def _named(dataset: str, record: pd.Series) -> tuple[str, str, str]:
    key = natural_key(dataset)
    parts = [record[c] for c in (*key.key, *key.then[:1]) if c in record and c != SUBJECT]
    once = {part.casefold(): _day(part) for part in reversed(parts) if part}
    return dataset.upper(), record[SUBJECT], ", ".join(reversed(once.values()))


def _day(text: str) -> str:
    """A date without its midnight."""
    return text.removesuffix(" 00:00:00")
