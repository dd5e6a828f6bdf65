"""Before or after a reference moment: time of day, planned time point, kind of record (§10.9)."""

from __future__ import annotations

import itertools
from datetime import datetime

import pandas as pd
import pytest
from ascii_table import table

from csr.derive.moments import (
    AFTER,
    BEFORE,
    first_moments,
    latest_infusion,
    moments,
    reference_moments,
    said_of,
    side_of,
)

T0 = "2024-03-10T10:00"


def side(record: str, reference: str, kind: str, said: str = "") -> str:
    frames = [moments(pd.Series([text])) for text in (record, reference)]
    found = side_of(*frames, pd.Series([said]), kind)  # type: ignore[arg-type]
    return str(found.iloc[0])


@pytest.mark.parametrize(
    ("record", "reference", "result", "event"),
    [
        ("2024-03-10T09:59", T0, BEFORE, BEFORE),
        ("2024-03-10T10:01", T0, AFTER, AFTER),
        ("2024-03-10T10:00", T0, BEFORE, AFTER),  # the same minute does not tell
        ("2024-03-10T10", T0, BEFORE, AFTER),  # nor does the same hour
        ("2024-03-10T09", T0, BEFORE, BEFORE),
        ("2024-03-10T10:00:30", T0, BEFORE, AFTER),
        ("2024-03-10T10:01:00", "2024-03-10T10:00:59", AFTER, AFTER),
        ("2024-03-10", T0, BEFORE, AFTER),
        ("2024-03-10T20:00", "2024-03-10", BEFORE, AFTER),
        ("2024-03-09T23:59", "2024-03-10", BEFORE, BEFORE),
        ("2024-03-11T00:00", T0, AFTER, AFTER),
        # In UTC where both say their offset: 09:30+01:00 is 08:30 UTC, 10:00+08:00 is 02:00 UTC.
        ("2024-03-10T09:30+01:00", "2024-03-10T10:00+08:00", AFTER, AFTER),
        ("2024-03-10T01:59Z", "2024-03-10T10:00+08:00", BEFORE, BEFORE),
        ("2024-03-09T23:30-05:00", "2024-03-10T10:00+08:00", AFTER, AFTER),  # 04:30 UTC
        ("2024-03-10T09:30Z", T0, BEFORE, BEFORE),  # one offset alone: as written
        ("2024-02", T0, BEFORE, BEFORE),
        ("2024-04", T0, AFTER, AFTER),
        ("2024-03", T0, "", ""),  # can be on either side
        ("2024", T0, "", ""),
        ("2024-03", "2024-03-31", BEFORE, ""),  # a result of that day is before it too
        ("2024-03", "2024-03-01", "", AFTER),
        ("", T0, "", ""),
        ("2024-02-30", T0, "", ""),
        ("2024-03-10T09:00", "", "", ""),
    ],
)
def test_which_side(record: str, reference: str, result: str, event: str) -> None:
    assert (side(record, reference, "result"), side(record, reference, "event")) == (result, event)


def test_the_time_of_day_goes_before_the_planned_time_point() -> None:
    """PRE-DOSE at 12:00 of an infusion at 10:00 is after it; without times what it says counts."""
    assert side("2024-03-10T12:00", T0, "result", BEFORE) == AFTER
    assert side("2024-03-10", T0, "result", AFTER) == AFTER
    assert side("2024-03-10T12:00", "2024-03-10", "result", AFTER) == AFTER
    assert side("2024-03-09", T0, "result", AFTER) == BEFORE
    assert side("2024-03", T0, "result", BEFORE) == BEFORE


def test_what_a_record_says_of_itself() -> None:
    frame = table(
        """
        | LBTPT              | LBELTM  | VISIT          | said   |
        | PRE-DOSE           | .       | .              | before |
        | Predose            | .       | .              | before |
        | POST-INFUSION      | .       | .              | after  |
        | 2 H POST DOSE      | .       | .              | after  |
        | BEFORE INFUSION    | .       | .              | before |
        | END OF INFUSION    | .       | .              | after  |
        | .                  | -PT15M  | .              | before |
        | .                  | PT2H    | .              | after  |
        | .                  | PT0H    | .              | .      |
        | .                  | P10D    | .              | .      |
        | .                  | .       | Day 1 pre      | before |
        | .                  | .       | SCREENING      | before |
        | .                  | .       | DAY 1          | .      |
        | FASTING            | .       | PREVIOUS VISIT | .      |
        """
    )
    assert list(said_of(frame, "LB")) == list(frame["said"])


def test_the_moment_of_an_exposure_is_its_first_unless_one_has_no_time() -> None:
    given = table(
        """
        | USUBJID | ASTDT      | EXSTDTC          |
        | 1       | 2024-03-10 | 2024-03-10T11:00 |
        | 1       | 2024-03-10 | 2024-03-10T10:00 |
        | 2       | 2024-03-10 | 2024-03-10T10:00 |
        | 2       | 2024-03-10 | 2024-03-10       |
        """
    )
    days = pd.Series(pd.Timestamp("2024-03-10"), index=pd.Index(["1", "2", "3"], name="USUBJID"))
    found = reference_moments(days, given)
    assert found["timed"].to_list() == [True, False, False]
    assert found["first"].iloc[0] == pd.Timestamp("2024-03-10T10:00")
    assert (found["first"].iloc[1:] == pd.Timestamp("2024-03-10")).all()


def test_the_latest_infusion_begun_before() -> None:
    doses = table(
        """
        | USUBJID | AINFN | ASTDT      | EXSTDTC          |
        | 1       | 1     | 2024-03-10 | 2024-03-10T10:00 |
        | 1       | 2     | 2024-06-01 | 2024-06-01       |
        """
    )
    infused = first_moments(doses, ["USUBJID", "AINFN"]).reset_index()
    infused = infused.merge(doses[["AINFN", "ASTDT"]], on="AINFN")
    dtc = ["2024-03-10T09:00", "2024-03-10T12:00", "2024-06-01", "2024-06", "", "2024-01-01"]
    records = moments(pd.Series(dtc))
    who = pd.Series(["1"] * len(dtc))
    results = latest_infusion(who, records, infused, "result")
    events = latest_infusion(who, records, infused, "event")
    assert results["AINFN"].fillna(-1).to_list() == [0, 1, 1, -1, -1, 0]
    assert events["AINFN"].fillna(-1).to_list() == [0, 1, 2, 2, -1, 0]
    assert results["AINFDY"].iloc[2] == 83


def test_every_time_of_day_in_every_zone() -> None:
    """A sweep: the side is that of the instants, computed with the standard library."""
    zones = ("", "Z", "+08:00", "-05:00", "+05:30")
    times = ("00:00", "05:59", "10:00", "10:01", "18:30", "23:59")
    days = ("2024-03-09", "2024-03-10", "2024-03-11")
    cases = list(itertools.product(days, times, zones, zones))
    records = pd.Series([f"{day}T{time}{zone}" for day, time, zone, _ in cases])
    reference = pd.Series([f"2024-03-10T10:00{other}" for *_, other in cases])
    nothing = pd.Series("", index=records.index)
    for kind, tie in (("result", BEFORE), ("event", AFTER)):
        found = side_of(moments(records), moments(reference), nothing, kind)  # type: ignore[arg-type]
        for one, other, got in zip(records, reference, found, strict=True):
            assert got == wanted_side(one, other, tie), (one, other, kind)


def wanted_side(record: str, reference: str, tie: str) -> str:
    """By instants where both or neither say their offset, else as written; a tie by the day."""
    alike = (len(record) > 16) == (len(reference) > 16)
    ends = (None, None) if alike else (16, 16)
    one, other = (
        datetime.fromisoformat(text[:end])
        for text, end in zip((record, reference), ends, strict=True)
    )
    if one != other:
        return BEFORE if one < other else AFTER
    by_day = (record[:10] > reference[:10]) - (record[:10] < reference[:10])
    return {-1: BEFORE, 0: tie, 1: AFTER}[by_day]
