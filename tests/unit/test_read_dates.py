"""Dates as transfers hold them.

Day and second counts are SAS's own: `'02JAN2014'd` is 19725 and `'06MAY2018:10:10:10'dt` is
1841220610 (days and seconds from 1 January 1960). Exact, no tolerance.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from csr.read.dates import from_sas, is_iso8601, parse_dates, sas_unit, time_text


@pytest.mark.parametrize(
    ("sas_format", "unit"),
    [
        ("DATE9", "D"), ("DATE9.", "D"), ("YYMMDD10", "D"), ("E8601DA10.", "D"), ("MMDDYYS8", "D"),
        ("DATETIME20.", "s"), ("E8601DT", "s"), ("B8601DZ20", "s"), ("TIME8.", "time"),
        ("TIME20.3", "time"), ("E8601TM", "time"), ("BEST12", None), ("8.2", None), ("$DATE", "D"),
        ("", None), ("DATELESS", None),
    ],
)  # fmt: skip
def test_sas_formats_say_what_a_number_counts(sas_format: str, unit: str | None) -> None:
    assert sas_unit(sas_format) == unit


def test_sas_numbers_become_dates() -> None:
    days = from_sas(pd.Series([19725.0, np.nan, 0.0, -1.0, 19725.75]), "D")
    assert days.dtype == "datetime64[ns]"
    expected = ["2014-01-02", None, "1960-01-01", "1959-12-31", "2014-01-02"]
    assert [None if pd.isna(d) else str(d.date()) for d in days] == expected
    seconds = from_sas(pd.Series([1841220610.68, np.nan]), "s")
    assert seconds[0] == pd.Timestamp("2018-05-06 10:10:10.680")
    assert pd.isna(seconds[1])


def test_a_date_no_timestamp_can_hold_is_given_as_text() -> None:
    far = from_sas(pd.Series([19725.0, 379852.0, np.nan]), "D")  # '31DEC2999'd
    assert far.tolist() == ["2014-01-02", "2999-12-31", ""]
    assert from_sas(pd.Series([-11896934400.0]), "s").tolist() == ["1583-01-01T00:00:00"]
    assert from_sas(pd.Series([1e15]), "D").tolist() == ["1e+15"]


def test_times_are_text() -> None:
    assert [time_text(s) for s in (0.0, 36610.0, np.nan, -60.0)] == [
        "00:00:00", "10:10:10", "", "-00:01:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "value",
    ["2014-01-02", " 2014-01-02 ", "2014-01-02T10:30", "2014-01-02 10:30:15.5", "02JAN2014",
     "2jan2014", "02JAN2014:10:30:00", "19725", "19725.0", 19725, 19725.4, dt.date(2014, 1, 2),
     dt.datetime(2014, 1, 2, 23, 59), pd.Timestamp("2014-01-02 12:00"), "2014-01-02T10:30:00Z"],
)  # fmt: skip
def test_every_form_of_a_date_is_understood(value: object) -> None:
    dates, bad = parse_dates(pd.Series([value], dtype=object), time=False)
    assert dates.tolist() == [pd.Timestamp("2014-01-02")]
    assert not bad.any()


@pytest.mark.parametrize(
    "value",
    ["2014-02-30", "2014-13-01", "2014", "2014-01", "UNK", "30/01/2014", "31FEB2014", "02XXX2014",
     "0204-01-02", "9999-12-31", "20140102", "123", 1e9, float("inf")],
)  # fmt: skip
def test_what_is_no_date_is_said_and_missing(value: object) -> None:
    dates, bad = parse_dates(pd.Series([value, None, ""], dtype=object), time=False)
    assert dates.isna().all()
    assert bad.tolist() == [True, False, False]


def test_zones_keep_their_local_date_and_times_are_kept_where_asked() -> None:
    zoned = pd.Series(pd.to_datetime(["2014-01-02T23:30:00-02:00"])).dt.as_unit("us")
    assert parse_dates(zoned, time=True)[0].tolist() == [pd.Timestamp("2014-01-02 23:30")]
    assert parse_dates(zoned, time=False)[0].tolist() == [pd.Timestamp("2014-01-02")]
    text, _ = parse_dates(pd.Series(["2014-01-02T23:30+08:00", "2014-01-02T23:30Z"]), time=True)
    assert text.tolist() == [pd.Timestamp("2014-01-02 23:30")] * 2
    seconds, bad = parse_dates(pd.Series([1841220610.0, np.nan]), time=True)
    assert seconds[0] == pd.Timestamp("2018-05-06 10:10:10")
    assert not bad.any()


@pytest.mark.parametrize(
    "text",
    # The partial forms are those of SDTMIG 3.4, section 4.4.2.
    ["2014", "2014-03", "2014-03-01", "2014---12", "--03-12", "--03", "-----T07:15",
     "2014-03-01T13", "2014-03-01T13:05", "2014-03-01T13:05:59", "2014-03-01T13:05:59.123",
     "2014-03-01T-:15", "2014-03-01T13:05:59Z", "2014-03-01T13:05+01:00", "2016-02-29", "--02-29",
     "2014-03-01/2014-03-05", "2014-03-01/P3D", "----31"],
)  # fmt: skip
def test_iso_8601_dates_are_accepted(text: str) -> None:
    assert is_iso8601(text)


@pytest.mark.parametrize(
    "text",
    ["2014-02-30", "2014-13", "2014-00-01", "2014-03-00", "2014-3-1", "14-03-01", "2014-",
     "2014-03-", "2014-03--", "2014-03-01T", "2014-03-01T24:00", "2014-03-01T13:60",
     "2014-02-29", "02MAR2014",
     "2014/03/01", "UNKNOWN", "2014-03-01 13:05", "P3D", "2014-03-01/", "/2014", "0000-01-01", "-",
     "2014-03T13:05", "--02-30", "2014-03-01/P", "2014-03-01\n"],
)  # fmt: skip
def test_impossible_iso_8601_dates_are_refused(text: str) -> None:
    assert not is_iso8601(text)
