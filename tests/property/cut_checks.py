"""What the tests of the data cut look for: equal cuts, losses, and dates after the cut-off.

The scanner of dates is written apart from the one in csr.cut: it reads years, months and days only,
by its own expressions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

import pandas as pd

from csr.cut import Cut


def same(one: Mapping[str, pd.DataFrame], other: Mapping[str, pd.DataFrame]) -> None:
    """The same datasets, cell for cell."""
    assert set(one) == set(other)
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name], obj=name)


DAY = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)(?:-(\d\d))?")
NAMED = re.compile(
    r"(\d{0,2}) ?(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* ?(20\d\d)", re.I
)
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@cache
def dates_of(text: str, dated: bool) -> list[str]:
    """Every date in a text as its earliest ISO day; a lone year only in a date variable."""
    found = [f"{y}-{m}-{d or '01'}" for y, m, d in DAY.findall(text)]
    found += [
        f"{y}-{MONTHS.index(m.lower()) + 1:02d}-{(d or '1').zfill(2)}"
        for d, m, y in NAMED.findall(text)
    ]
    if dated and re.match(r"\d{4}(?!\d)", text):
        found.append(f"{text[:4]}-01-01")
    return found


def cells_after(sdtm: Mapping[str, pd.DataFrame], limit: str | Mapping[str, str]) -> list[str]:
    """DATASET.COLUMN of every cell that bears a date after the cut-off."""
    found = []
    for name, frame in sdtm.items():
        for column in frame.columns:
            if frame[column].dtype == object and column != "USUBJID":
                found += _after(name, frame, column, limit)
    return found


def _after(
    name: str, frame: pd.DataFrame, column: str, limit: str | Mapping[str, str]
) -> list[str]:
    dates = {
        value: max(dates_of(value, column.endswith("DTC")), default="")
        for value in frame[column].unique()
    }
    newest = frame[column].map(dates).astype(object)
    late = newest > (limit if isinstance(limit, str) else frame["USUBJID"].map(limit))
    return [f"{name}.{column}"] * int(late.sum())


def lost(small: Cut, large: Cut) -> list[str]:
    """Datasets of which the later cut has fewer subjects or records."""
    return [
        name
        for name, frame in small.sdtm.items()
        if len(large.sdtm[name]) < len(frame)
        or ("USUBJID" in frame and not set(frame["USUBJID"]) <= set(large.sdtm[name]["USUBJID"]))
    ]
