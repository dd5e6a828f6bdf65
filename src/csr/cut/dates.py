"""ISO 8601 text as days. A day is the integer YYYYMMDD, so that it compares as the text does; 0 is
no date. Local date as written: time and time zone never move a day.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

Days = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

MASKED = "[date after cut-off]"

_LEADING = re.compile(r"(\d{4})(?!\d)(?:-(\d\d|-)(?!\d)(?:-?(\d\d)(?!\d))?)?")
_BASIC = re.compile(r"(\d{4})(\d\d)(\d\d)(?!\d)")
_WHOLE = re.compile(
    r"(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?"
    r"(?:[T ]\d\d(?::\d\d){0,2}(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ISO = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d\d)[-/](?P<m>0[1-9]|1[0-2])(?:[-/](?P<d>0[1-9]|[12]\d|3[01]))?"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?)?(?!\d)"
)
_MONTHS = (
    "JAN(?:UARY)?|FEB(?:RUARY)?|MAR(?:CH)?|APR(?:IL)?|MAY|JUNE?|JULY?|AUG(?:UST)?"
    "|SEPT?(?:EMBER)?|OCT(?:OBER)?|NOV(?:EMBER)?|DEC(?:EMBER)?"
)
_DAY_FIRST = re.compile(
    rf"(?<![A-Z\d])(?:(?P<d>\d\d?)(?:ST|ND|RD|TH)?[ ./-]?)?(?P<m>{_MONTHS})[ .,/-]{{0,2}}"
    r"(?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?<![A-Z])(?P<m>{_MONTHS})[ .](?P<d>\d\d?)(?:ST|ND|RD|TH)?,? (?P<y>(?:19|20)\d\d)(?!\d)",
    re.IGNORECASE,
)
_MONTH_NUMBER = {name.upper(): i for i, name in enumerate(calendar.month_abbr) if name}


def day_of(date: dt.date) -> int:
    """A calendar date (or the date of a time stamp) as YYYYMMDD."""
    return date.year * 10000 + date.month * 100 + date.day


def iso_day(day: int) -> str:
    """YYYYMMDD as ISO 8601 text; "" for no date."""
    return f"{day // 10000:04d}-{day // 100 % 100:02d}-{day % 100:02d}" if day else ""


def calendar_days(days: Days) -> npt.NDArray[np.datetime64]:
    """Days as datetime64[D], for counting between them; NaT for none or one of no calendar."""
    codes, distinct = pd.factorize(days)
    text = pd.Series([iso_day(int(day)) for day in distinct], dtype=object)
    dates = pd.to_datetime(text, format="%Y-%m-%d", errors="coerce").to_numpy("datetime64[D]")
    return dates[codes]


def _parts(text: str) -> tuple[int, int, int] | None:
    """Year, month and day of the date a text begins with (0: not known)."""
    match = _LEADING.match(text) or _BASIC.match(text)
    if match is None:
        return None
    year, month, day = match.groups()
    number = int(month) if month and month != "-" else 0
    return int(year), number if number <= 12 else 0, int(day) if day and int(day) <= 31 else 0


def first_day(text: str) -> int:
    """The earliest possible day of the date a text begins with.

    "2014-05" is 1 May, "2014" 1 January, "2014---15" 15 January; an interval of uncertainty
    ("2014-05-03/2014-06-01") its first day. Without a year: 0.
    """
    parts = _parts(text)
    if parts is None:
        return 0
    year, month, day = parts
    return year * 10000 + (month or 1) * 100 + (day or 1)


def last_day(text: str) -> int:
    """The latest possible day of a date: "2014-05" is 31 May; an interval's last day."""
    parts = _parts(text.split("/")[-1]) or _parts(text)
    if parts is None or not 0 < parts[0] < 10000:
        return 0
    year, month, day = parts
    month = month or 12
    return year * 10000 + month * 100 + (day or calendar.monthrange(year, month)[1])


def _each(values: pd.Series, of_text: Callable[[str], int]) -> Days:
    """A function of each distinct text, given to every row that holds it."""
    codes, distinct = pd.factorize(values.to_numpy())
    days = [of_text(value.strip()) if isinstance(value, str) else 0 for value in distinct]
    return np.array([*days, 0], dtype=np.int64)[codes]


def earliest(values: pd.Series) -> Days:
    """The earliest possible day of each date; 0 where there is none."""
    return _each(values, first_day)


def latest(values: pd.Series) -> Days:
    """The latest possible day of each date; 0 where there is none."""
    return _each(values, last_day)


def is_date(text: str) -> bool:
    """Whether a text is one date (day or month known), with or without time and zone."""
    return _WHOLE.fullmatch(text.strip()) is not None


def _found_day(match: re.Match[str]) -> int:
    year, month, day = match["y"], match["m"], match["d"]
    number = int(month) if month.isdigit() else _MONTH_NUMBER[month[:3].upper()]
    return int(year) * 10000 + number * 100 + (int(day) if day else 1)


def newest_in_text(text: str) -> int:
    """The latest of the dates anywhere in a text, each by its earliest possible day; 0 for none.

    Dates are 2014-05-03, 2014-05, 2014/05/03 (with or without time), 03MAY2014, 3 May 2014,
    May 2014 and May 3, 2014.
    """
    if not _YEAR.search(text):
        return 0
    found = (m for kind in (_ISO, _DAY_FIRST, _MONTH_FIRST) for m in kind.finditer(text))
    return max((_found_day(match) for match in found), default=0)


def newest_dates(values: pd.Series) -> Days:
    """The latest date anywhere in each text; 0 for none."""
    return _each(values, newest_in_text)


def mask_dates(text: str, limit: int) -> str:
    """The text with each date after `limit` replaced by "[date after cut-off]"."""

    def masked(match: re.Match[str]) -> str:
        return MASKED if _found_day(match) > limit else match[0]

    for kind in (_ISO, _DAY_FIRST, _MONTH_FIRST):
        text = kind.sub(masked, text)
    return text


def leading_date(text: str) -> str:
    """The date a text begins with, as written: the first day of an interval of uncertainty."""
    match = _LEADING.match(text) or _BASIC.match(text)
    return match[0] if match else ""
