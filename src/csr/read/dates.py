"""Dates as transfers hold them: SAS numbers, ISO 8601 and DATE9 text, partial --DTC text.

SAS counts days, and seconds, from 1 January 1960 [SAS 9.4 Language Reference: Concepts]. Partial
dates follow ISO 8601 as SDTMIG 3.4 section 4.4 uses it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pandas as pd

Unit = Literal["D", "s"]
# 1 January 1970, counted from 1 January 1960.
UNIX_EPOCH: dict[Unit, int] = {"D": 3653, "s": 3653 * 86400}
SECONDS: dict[Unit, int] = {"D": 86400, "s": 1}
# What datetime64[ns] holds either side of 1970, in seconds.
FARTHEST = 9_223_372_000
DATE_FORMATS = (
    "DATE", "DDMMYY", "MMDDYY", "YYMMDD", "E8601DA", "B8601DA", "IS8601DA", "NLDATE", "WEEKDATE",
    "WEEKDATX", "WORDDATE", "WORDDATX", "MONYY", "MMYY", "YYMM", "YYMON", "YYQ", "JULIAN", "JULDAY",
)  # fmt: skip
DATETIME_FORMATS = (
    "DATETIME", "DATEAMPM", "E8601DT", "B8601DT", "IS8601DT", "E8601DZ", "B8601DZ", "NLDATM",
    "MDYAMPM", "DTDATE", "DTMONYY", "DTWKDATX", "DTYEAR", "DTYYQC",
)  # fmt: skip
TIME_FORMATS = ("TIME", "HHMM", "HOUR", "MMSS", "TOD", "E8601TM", "B8601TM", "IS8601TM", "NLTIME")

_ISO = re.compile(
    r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
)
_DATE9 = re.compile(r"(\d{1,2})([A-Za-z]{3})(\d{4})(?::(\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?)?")
_MONTHS = {name.upper(): i for i, name in enumerate(calendar.month_abbr) if name}
# Fewer digits could be a year, more a datetime: 10000 is 1987-05-19.
_SAS_DAYS = re.compile(r"\d{5}(?:\.0*)?")
_SAS_SECONDS = re.compile(r"\d{9,10}(?:\.\d+)?")
_DTC = re.compile(
    r"(\d{4}|-)(?:-(\d\d|-)(?:-(\d\d|-)"
    r"(?:T(\d\d|-)(?::(\d\d|-)(?::(\d\d(?:[.,]\d+)?|-))?)?(?:Z|[+-]\d\d:?\d\d)?)?)?)?"
)
_DURATION = re.compile(
    r"P(?=.)(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+([.,]\d+)?S)?)?)"
)


def sas_unit(sas_format: str) -> Unit | Literal["time"] | None:
    """What the numbers of a column with this SAS format count: days, seconds, a time of day."""
    name = sas_format.upper().lstrip("$")
    for unit, names in (("s", DATETIME_FORMATS), ("D", DATE_FORMATS), ("time", TIME_FORMATS)):
        if any(re.fullmatch(rf"{known}[BCDNPS]?\d*(\.\d*)?", name) for known in names):
            return unit  # type: ignore[return-value]
    return None


def from_sas(numbers: pd.Series, unit: Unit) -> pd.Series:
    """SAS days (whole, the time of day is dropped) or seconds as datetime64[ns], NaT where missing.

    Where a date lies outside 1677-2262, which datetime64[ns] can't hold, the whole column is given
    as ISO text, so that the checks can name the date.
    """
    seconds = (numbers - UNIX_EPOCH[unit]).to_numpy(dtype=float) * SECONDS[unit]
    known = np.isfinite(seconds)
    if (np.abs(seconds[known]) > FARTHEST).any():
        return numbers.map(lambda n: "" if pd.isna(n) else _far_date(n, unit)).astype(object)
    whole = np.floor(np.where(known, seconds, 0))
    # Doubles hold today's seconds to about a quarter of a microsecond.
    parts = np.round((np.where(known, seconds, 0) - whole) * 1e6)
    stamps = (whole.astype("int64") * 1_000_000_000 + parts.astype("int64") * 1000).view("M8[ns]")
    dates = pd.Series(np.where(known, stamps, np.datetime64("NaT")), index=numbers.index)
    return dates.dt.normalize() if unit == "D" else dates


def _far_date(number: float, unit: Unit) -> str:
    try:
        step = dt.timedelta(days=number) if unit == "D" else dt.timedelta(seconds=number)
        moment = dt.datetime(1960, 1, 1) + step
    except (OverflowError, ValueError):
        return f"{number:.15g}"
    return moment.date().isoformat() if unit == "D" else moment.isoformat(timespec="seconds")


def time_text(seconds: float) -> str:
    """Seconds since midnight as HH:MM:SS; "" where missing."""
    if pd.isna(seconds):
        return ""
    sign, whole = ("-" if seconds < 0 else ""), int(abs(seconds))
    return f"{sign}{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def parse_dates(values: pd.Series, *, time: bool) -> tuple[pd.Series, np.ndarray[Any, Any]]:
    """The dates (`time`: datetimes) a column means, and where it holds something else.

    Understands datetimes, Python dates, ISO text, DATE9 text, and SAS numbers (days; with `time`,
    seconds); in a column that holds dates as text a bare number is none. Gives datetime64[ns]
    (midnight, without `time`; the local date and time of a zone, as CDISC dates have none) with NaT
    where missing or not understood, and a mask of the rows not understood: impossible dates such
    as 2014-02-30, partial ones, and those outside 1677-2262.
    """
    if pd.api.types.is_numeric_dtype(values):
        text = values.map(lambda n: _number_date(n, time=time))
    elif pd.api.types.is_datetime64_any_dtype(values):
        text = values
    else:
        numbers = not any(isinstance(v, str) and _is_text_date(v.strip()) for v in values.unique())
        text = _by_value(values, lambda v: _one_date(v, time=time, numbers=numbers))
    dates = pd.to_datetime(text, errors="coerce")
    if dates.dt.tz is not None:
        dates = dates.dt.tz_localize(None)
    dates = dates.astype("datetime64[ns]")
    given = values.notna() & (values.astype(str).str.strip() != "")
    bad = (given & dates.isna()).to_numpy()
    return (dates if time else dates.dt.normalize()), bad


def _by_value(values: pd.Series, parse: Callable[[Any], Any]) -> pd.Series:
    """The function applied once per distinct value."""
    codes, distinct = pd.factorize(values)
    parsed = np.array([parse(v) for v in distinct] + [pd.NaT], dtype=object)
    return pd.Series(parsed[codes], index=values.index)


def _number_date(number: float, *, time: bool) -> pd.Timestamp:
    try:
        unit: Unit = "s" if time else "D"
        return pd.Timestamp(float(number) - UNIX_EPOCH[unit], unit=unit).round("us")
    except (OverflowError, ValueError, pd.errors.OutOfBoundsDatetime):
        return pd.NaT


def _is_text_date(text: str) -> bool:
    return bool(_ISO.fullmatch(text) or _DATE9.fullmatch(text))


def _one_date(value: Any, *, time: bool, numbers: bool) -> pd.Timestamp:
    if isinstance(value, int | float):
        return _number_date(value, time=time)
    try:
        if not isinstance(value, str):
            return pd.Timestamp(value).tz_localize(None)
        return pd.Timestamp(_iso_of(value.strip(), time=time, numbers=numbers))
    except (TypeError, ValueError, OverflowError):  # OutOfBoundsDatetime is a ValueError
        return pd.NaT


def _iso_of(text: str, *, time: bool, numbers: bool) -> Any:
    """What pandas can turn into a timestamp without guessing; NaT for anything else."""
    if found := _ISO.fullmatch(text):
        day, clock, seconds = found.groups()
        return f"{day}T{clock}{seconds or ''}" if clock else day
    if found := _DATE9.fullmatch(text):
        number, month, year, clock, seconds = found.groups()
        day = f"{year}-{_MONTHS.get(month.upper(), 99):02d}-{int(number):02d}"
        return f"{day}T{clock}{seconds or ''}" if clock else day
    if numbers and (_SAS_SECONDS if time else _SAS_DAYS).fullmatch(text):
        return _number_date(float(text), time=time)
    return pd.NaT


def is_iso8601(text: str) -> bool:
    """Whether a --DTC text is a date ISO 8601 has: whole, partial, or an interval of two.

    Components missing on the right are left out (2014-03), those in the middle are a hyphen
    (2014---12, --03-12, -----T07:15). 2014-02-30, 2014-13 and 2014-3-1 are none.
    """
    first, slash, second = text.partition("/")
    if not slash:
        return _is_moment(first)
    one_is_date = _is_moment(first) or _is_moment(second)
    return one_is_date and all(_is_moment(t) or _is_duration(t) for t in (first, second))


def _is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None


def _is_moment(text: str) -> bool:
    found = _DTC.fullmatch(text)
    if found is None:
        return False
    parts = [p for p in found.groups() if p is not None]
    if parts[-1] == "-":
        return False
    year, month, day, hour, minute, second = (
        None if p in (None, "-") else float(p.replace(",", ".")) for p in found.groups()
    )
    return _in_calendar(year, month, day) and _in_clock(hour, minute, second)


def _in_calendar(year: float | None, month: float | None, day: float | None) -> bool:
    if month is not None and not 1 <= month <= 12:
        return False
    # A leap year and a long month, where they are not known: nothing possible is refused.
    known_year = 2000 if year is None else int(year)
    if known_year < 1:
        return False
    last = calendar.monthrange(known_year, int(month) if month else 1)[1]
    return day is None or 1 <= day <= last


def _in_clock(hour: float | None, minute: float | None, second: float | None) -> bool:
    return (hour or 0) < 24 and (minute or 0) < 60 and (second or 0) < 61
