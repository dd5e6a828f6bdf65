"""What the listings of efficacy have in common: subjects with their group, texts and days."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_number


def listed(
    adam: Adam, params: Params, records: pd.DataFrame, order: Sequence[str]
) -> list[dict[str, object]]:
    """The records of the safety subjects with the label of their group, in the given order."""
    labels = {level.value: level.label for level in params.treatment.levels}
    own = with_group(records, subjects_in(adam, params, "safety"))
    own["TRTA"] = own["TRTA"].map(labels).fillna(own["TRTA"])
    keys = [c for c in order if c in own]
    return own.sort_values(keys, kind="stable").to_dict("records")


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
