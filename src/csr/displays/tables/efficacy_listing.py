"""What the listings of efficacy have in common: texts, numbers and days."""

from __future__ import annotations

import pandas as pd

from csr.rounding import fmt_number


def text(record: dict[str, object], column: str) -> str:
    """A text as it stands; blank where it is missing."""
    value = record.get(column, "")
    return "" if value is None or value != value else str(value)


def measure(record: dict[str, object], column: str, decimals: int) -> str:
    """A number; blank where it is missing."""
    value = record.get(column)
    if not isinstance(value, int | float) or value != value:
        return ""
    return fmt_number(float(value), decimals)


def day(record: dict[str, object], date: str, number: str = "") -> str:
    """`2014-01-03 (2)`: the date and, where asked for and known, the study day."""
    when = record.get(date)
    if not isinstance(when, pd.Timestamp) or pd.isna(when):
        return ""
    studied = measure(record, number, 0) if number else ""
    return f"{when:%Y-%m-%d}" + (f" ({studied})" if studied else "")
