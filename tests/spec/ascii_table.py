"""Small tables of patients, written as they are read: cells between bars, `.` for missing."""

from __future__ import annotations

import pandas as pd

NUMBERS = ("SEQ", "NUM", "DOSE", "AGE", "STRESN", "DOSE1", "AINFN")
MISSING = "."


def table(text: str) -> pd.DataFrame:
    """A frame as the reader gives it: text with "" for missing, numbers, --DT as dates."""
    header, *rows = _cells(text)
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    return frame.apply(lambda column: _typed(column, str(column.name)))


def check(frame: pd.DataFrame, expected: str) -> None:
    """The frame holds these rows, in this order, in the columns named by the expected table."""
    header, *rows = _cells(expected)
    shown = [[_shown(value) for value in row] for row in frame[header].itertuples(index=False)]
    assert shown == rows


def _cells(text: str) -> list[list[str]]:
    lines = [line.strip().strip("|") for line in text.strip().splitlines()]
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def _typed(column: pd.Series, name: str) -> pd.Series:
    blank = column.mask(column == MISSING, "")
    if name.endswith("DT"):
        return pd.to_datetime(blank, format="%Y-%m-%d", errors="coerce")
    if name.endswith(NUMBERS):
        return pd.to_numeric(blank.mask(blank == "", None)).astype(float)
    return blank


def _shown(value: object) -> str:
    if value is None or value == "" or value != value:
        return MISSING
    if isinstance(value, pd.Timestamp):
        return value.strftime("%Y-%m-%d")
    return f"{value:g}" if isinstance(value, float) else str(value)
