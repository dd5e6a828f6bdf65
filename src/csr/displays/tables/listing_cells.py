"""What listings have in common: a value as text, a date with its study day."""

from __future__ import annotations

import pandas as pd

from csr.params import Params
from csr.rounding import fmt_number

Record = dict[str, object]


def said(record: Record, column: str) -> str:
    """A value of a record as text; "" where the column or the value is missing."""
    value = record.get(column, "")
    if value is None or value != value:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def dated(record: Record, date: str, day: str = "", flag: str = "") -> str:
    """`2014-01-03\\n(2)`: the date, what of it was imputed, and its study day below."""
    when = record.get(date)
    if not isinstance(when, pd.Timestamp) or pd.isna(when):
        return ""
    imputed = f" [{record[flag]}]" if record.get(flag) not in ("", None) else ""
    number = record.get(day)
    known = isinstance(number, float | int) and number == number
    return f"{when:%Y-%m-%d}{imputed}" + (
        f"\n({fmt_number(float(str(number)), 0)})" if known else ""
    )


def group_label(record: Record, params: Params) -> str:
    """The group as the tables call it."""
    labels = {level.value: level.label for level in params.treatment.levels}
    return labels.get(said(record, "TRTA"), said(record, "TRTA"))
