"""Which rows of a dataset a rule is broken in, as a finding."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csr.errors import Finding, Severity

MOST_ROWS = 1000
LONGEST_VALUE = 40
CORRECT = "Correct the source."
# Controls, line and direction marks, and the sign for a character that could not be decoded.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufffd]")


def count_of(number: int, noun: str = "record") -> str:
    """`1 record`, `3 records`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"


def value_text(value: Any) -> str:
    """A value for a message: at most 40 characters, control characters escaped."""
    if isinstance(value, float):
        text = "" if np.isnan(value) else f"{value:.15g}"
    elif isinstance(value, pd.Timestamp):
        midnight = value == value.normalize()
        text = value.date().isoformat() if midnight else value.isoformat(sep="T")
    else:
        text = "" if value is None or value is pd.NaT else str(value)
    text = CONTROL.sub(lambda m: m.group().encode("unicode_escape").decode(), text)
    return text if len(text) <= LONGEST_VALUE else text[: LONGEST_VALUE - 1] + "…"


def key_texts(frame: pd.DataFrame, key: Sequence[str], rows: Sequence[int]) -> tuple[str, ...]:
    """`USUBJID=01-001, AESEQ=3` of each of the 1-based rows; blank parts are left out."""
    there = [c for c in key if c in frame]
    lines = frame.iloc[[r - 1 for r in rows]][there].itertuples(index=False, name=None)
    texts = ([value_text(v) for v in line] for line in lines)
    return tuple(
        ", ".join(f"{c}={t}" for c, t in zip(there, line, strict=True) if t) for line in texts
    )


@dataclass(frozen=True)
class Place:
    """The dataset a rule is asked of: its rows, its lower-case name, its natural key."""

    frame: pd.DataFrame
    dataset: str
    key: tuple[str, ...] = ()


def mark(
    at: Place,
    broken: np.ndarray[Any, Any] | pd.Series,
    severity: Severity,
    column: str,
    check: str,
    message: str,
    action: str = CORRECT,
    values: pd.Series | None = None,
) -> list[Finding]:
    """One finding of the rows where `broken` holds, or none.

    `message` may hold `{records}`, which becomes their number. Rows, keys and values (those of the
    column, unless `values` gives others) are kept of the first 1,000.
    """
    rows = (np.flatnonzero(np.asarray(broken)) + 1).tolist()
    if not rows:
        return []
    kept = rows[:MOST_ROWS]
    shown = at.frame.get(column) if values is None else values
    texts = () if shown is None else tuple(value_text(shown.iloc[r - 1]) for r in kept)
    says = message.replace("{records}", count_of(len(rows)))
    keys = key_texts(at.frame, at.key, kept)
    name = at.dataset.upper()
    return [Finding(severity, name, column, check, says, action, tuple(kept), keys, texts)]
