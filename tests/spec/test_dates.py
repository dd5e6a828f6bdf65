"""Partial dates: what each rule of METHODS §0b makes of them."""

from __future__ import annotations

import pandas as pd
import pytest
from ascii_table import check, table

from csr.derive.dates import (
    earliest_day,
    find_impossible_dates,
    impute_death,
    impute_end,
    impute_scan,
    impute_start,
    infusion_day,
    latest_day,
    study_day,
)


def test_the_range_a_partial_date_can_mean() -> None:
    dates = table(
        """
        | DTC              |
        | 2024-02-12       |
        | 2024-02-12T10:30 |
        | 2024-02          |
        | 2024             |
        | 2024---15        |
        | --02-12          |
        | 2024-02-30       |
        | 12FEB2024        |
        | .                |
        """
    )
    dates["FIRST"], dates["LAST"] = earliest_day(dates["DTC"]), latest_day(dates["DTC"])
    check(
        dates,
        """
        | DTC              | FIRST      | LAST       |
        | 2024-02-12       | 2024-02-12 | 2024-02-12 |
        | 2024-02-12T10:30 | 2024-02-12 | 2024-02-12 |
        | 2024-02          | 2024-02-01 | 2024-02-29 |
        | 2024             | 2024-01-01 | 2024-12-31 |
        | 2024---15        | 2024-01-15 | 2024-12-15 |
        | --02-12          | .          | .          |
        | 2024-02-30       | .          | .          |
        | 12FEB2024        | .          | .          |
        | .                | .          | .          |
        """,
    )


def test_impossible_dates_are_named() -> None:
    frame = table(
        """
        | USUBJID | AESEQ | AESTDTC    |
        | 01      | 1     | 2024-02-30 |
        | 01      | 2     | 2024-02    |
        | 02      | 1     | --02-12    |
        | 02      | 2     | .          |
        """
    )
    [finding] = find_impossible_dates(frame, "AE", "AESTDTC", ("USUBJID", "AESEQ"))
    assert finding.keys == ("USUBJID=01, AESEQ=1", "USUBJID=02, AESEQ=1")
    assert finding.values == ("2024-02-30", "--02-12")
    assert finding.rows == (1, 3)


def test_start_is_the_first_possible_day_but_not_before_t0() -> None:
    """Missing day → 1st, missing month → 1 January, but T0 where it can be T0's day or month."""
    events = table(
        """
        | AESTDTC    | AEENDTC    | TRTSDT     |
        | 2024-03-04 | .          | 2024-03-10 |
        | 2024-03    | .          | 2024-03-10 |
        | 2024-03    | 2024-03-07 | 2024-03-10 |
        | 2024-04    | .          | 2024-03-10 |
        | 2024-02    | .          | 2024-03-10 |
        | 2024       | .          | 2024-03-10 |
        | 2023       | .          | 2024-03-10 |
        | .          | .          | 2024-03-10 |
        | 2024-03    | .          | .          |
        | 2024-02    | .          | 2024-02-29 |
        """
    )
    start = impute_start(events["AESTDTC"], events["TRTSDT"], events["AEENDTC"])
    check(
        events.assign(ASTDT=start.date, ASTDTF=start.flag),
        """
        | AESTDTC    | ASTDT      | ASTDTF |
        | 2024-03-04 | 2024-03-04 | .      |
        | 2024-03    | 2024-03-10 | D      |
        | 2024-03    | 2024-03-01 | D      |
        | 2024-04    | 2024-04-01 | D      |
        | 2024-02    | 2024-02-01 | D      |
        | 2024       | 2024-03-10 | M      |
        | 2023       | 2023-01-01 | M      |
        | .          | .          | .      |
        | 2024-03    | 2024-03-01 | D      |
        | 2024-02    | 2024-02-29 | D      |
        """,
    )


def test_end_is_the_last_possible_day_not_after_death_or_cutoff() -> None:
    """An end recorded in full stays even after death: that is a finding, not an imputation."""
    events = table(
        """
        | AEENDTC    | LIMITDT    |
        | 2024-03    | 2024-12-31 |
        | 2024-03    | 2024-03-20 |
        | 2024-03    | 2024-02-20 |
        | 2024       | .          |
        | 2024-03-25 | 2024-03-25 |
        """
    )
    end = impute_end(events["AEENDTC"], events["LIMITDT"])
    check(
        events.assign(AENDT=end.date, AENDTF=end.flag),
        """
        | AEENDTC    | AENDT      | AENDTF |
        | 2024-03    | 2024-03-31 | D      |
        | 2024-03    | 2024-03-20 | D      |
        | 2024-03    | 2024-03-01 | D      |
        | 2024       | 2024-12-31 | M      |
        | 2024-03-25 | 2024-03-25 | .      |
        """,
    )


def test_death_is_the_later_of_last_alive_plus_1_and_the_first() -> None:
    """Never outside the month or year recorded: last alive on the 31st leaves the 31st."""
    deaths = table(
        """
        | DTHDTC     | LSTALVDT   |
        | 2024-03-04 | 2024-03-01 |
        | 2024-03    | 2024-03-15 |
        | 2024-03    | 2024-02-15 |
        | 2024-03    | 2024-03-31 |
        | 2024       | 2024-03-15 |
        | 2024-03    | .          |
        | .          | 2024-03-15 |
        """
    )
    death = impute_death(deaths["DTHDTC"], deaths["LSTALVDT"])
    check(
        deaths.assign(DTHDT=death.date, DTHDTF=death.flag),
        """
        | DTHDTC     | DTHDT      | DTHDTF |
        | 2024-03-04 | 2024-03-04 | .      |
        | 2024-03    | 2024-03-16 | D      |
        | 2024-03    | 2024-03-01 | D      |
        | 2024-03    | 2024-03-31 | D      |
        | 2024       | 2024-03-16 | M      |
        | 2024-03    | 2024-03-01 | D      |
        | .          | .          | .      |
        """,
    )


@pytest.mark.parametrize(
    ("how", "day", "flag"),
    [("no", ".", "."), ("first", "2024-02-01", "D"), ("last", "2024-02-29", "D")],
)
def test_a_scan_date_is_imputed_by_protocol_only(how: str, day: str, flag: str) -> None:
    dtc = pd.Series(["2024-02-12", "2024-02", "2024"])
    scan = impute_scan(dtc, how)
    check(
        pd.DataFrame({"ADT": scan.date, "ADTF": scan.flag}),
        f"""
        | ADT        | ADTF   |
        | 2024-02-12 | .      |
        | {day}      | {flag} |
        | .          | .      |
        """,
    )


def test_study_day_has_no_day_0_and_infusion_day_has() -> None:
    days = table(
        """
        | ADT        | TRTSDT     |
        | 2024-03-09 | 2024-03-10 |
        | 2024-03-10 | 2024-03-10 |
        | 2024-03-11 | 2024-03-10 |
        | .          | 2024-03-10 |
        """
    )
    check(
        days.assign(
            ADY=study_day(days["ADT"], days["TRTSDT"]),
            AINFDY=infusion_day(days["ADT"], days["TRTSDT"]),
        ),
        """
        | ADY | AINFDY |
        | -1  | -1     |
        | 1   | 0      |
        | 2   | 1      |
        | .   | .      |
        """,
    )
