"""What each dataset holds, and frames made to it: columns, types, labels, study days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from csr.demo.rates import read_table

Row = dict[str, str | float]
STUDY_DAYS = (("DY", "DTC"), ("STDY", "STDTC"), ("ENDY", "ENDTC"))


@dataclass(frozen=True, slots=True)
class Layout:
    """One dataset: its label, its key variables and its variables in order."""

    label: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]


@lru_cache(maxsize=1)
def layouts() -> dict[str, Layout]:
    """Dataset (lower case) → layout, in the order of `variables.yaml`."""
    domains = read_table("variables.yaml")["domains"]
    return {n: Layout(label, tuple(k), tuple(c)) for n, (label, k, c) in domains.items()}


def label_of(column: str) -> str:
    """The label of a variable (40 characters at most)."""
    labels = read_table("variables.yaml")["labels"]
    return str(labels.get(column) or labels[f"--{column[2:]}"])


@lru_cache(maxsize=1000)
def is_number(column: str) -> bool:
    """Whether a variable is numeric; all others are text."""
    numbers = read_table("variables.yaml")["numbers"]
    return column in numbers or f"--{column[2:]}" in numbers


def frame_of(name: str, rows: Iterable[Mapping[str, object]] | pd.DataFrame) -> pd.DataFrame:
    """A dataset with exactly its variables: text with "" for missing, numbers float64 with NaN."""
    columns = layouts()[name].columns
    if isinstance(rows, pd.DataFrame):
        return pd.DataFrame({c: _of_table(rows, c) for c in columns})
    records = list(rows)
    return pd.DataFrame({c: _of_records(records, c) for c in columns})


def _of_table(table: pd.DataFrame, column: str) -> np.ndarray:
    if is_number(column):
        return np.asarray(table[column], dtype=float) if column in table else _missing(len(table))
    if column not in table:
        return np.full(len(table), "", dtype=object)
    values = table[column].to_numpy(dtype=object)
    return np.where(pd.isna(values), "", values).astype(object)


def _of_records(records: list[Mapping[str, object]], column: str) -> np.ndarray:
    if is_number(column):
        return np.array([r.get(column, np.nan) for r in records], dtype=float)
    return np.array([r.get(column, "") for r in records] + [""], dtype=object)[:-1]


def _missing(length: int) -> np.ndarray:
    return np.full(length, np.nan)


def day_numbers(texts: pd.Series) -> np.ndarray:
    """Complete dates as ordinals; NaN for partial and missing ones."""
    codes, distinct = pd.factorize(texts)
    days = [_ordinal(text) for text in distinct]
    return np.array([*days, np.nan])[codes]


def _ordinal(text: str) -> float:
    return float(dt.date.fromisoformat(text[:10]).toordinal()) if len(text) >= 10 else np.nan


def add_study_days(name: str, frame: pd.DataFrame, day_one: pd.Series) -> None:
    """Fills --DY, --STDY and --ENDY from RFSTDTC (`day_one`: USUBJID → ordinal); no day 0."""
    prefix = name.upper()
    for study_day, date in STUDY_DAYS:
        column, source = f"{prefix}{study_day}", f"{prefix}{date}"
        if column in frame.columns and source in frame.columns:
            since = day_numbers(frame[source]) - frame["USUBJID"].map(day_one).to_numpy(float)
            frame[column] = np.where(since >= 0, since + 1, since)
