"""Tests of long-term follow-up against their schedules: every status by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from csr.derive.adltf import derive_adltf
from csr.endpoints.long_term.contacts import contacts_of
from csr.params.long_term import LongTerm, PersistenceTesting, RclTesting

CUTOFF = pd.Timestamp("2022-06-30")
# First infusion 2020-01-10. Month m is due round(365.25·m/12) days later: month 3 on 2020-04-10
# (91), 6 on 2020-07-11 (183), 12 on 2021-01-09 (365), 18 on 2021-07-11 (548), 24 on 2022-01-09
# (730; 730.5 to even), 30 on 2022-07-11 (913).
MONTHS = (6, 12, 18, 24, 30)


def adsl(died: str = "", left: str = "") -> pd.DataFrame:
    dates = {"TRTSDT": "2020-01-10", "DTHDT": died or None, "EOSDT": left or None}
    columns = {name: pd.to_datetime([value]) for name, value in dates.items()}
    return pd.DataFrame({"USUBJID": ["A"], "LTFUFL": [""], "TRT01A": ["Dose"], **columns})


def persistence(*samples: str, died: str = "", undetectable: int = 1) -> list[str]:
    records = [s.split() for s in samples]
    adpc = pd.DataFrame(
        {
            "USUBJID": "A",
            "ADT": pd.to_datetime([r[0] for r in records]),
            "BLQFL": ["Y" if r[1] == "BLQ" else "" for r in records],
        }
    )
    rules = LongTerm(
        persistence=PersistenceTesting(months=MONTHS, undetectable=undetectable, window_days=30)
    )
    found = derive_adltf({"ss": no_contacts()}, adsl(died), rules, CUTOFF, adpc)
    assert contacts_of(found).empty
    return list(found["AVALC"])


def no_contacts() -> pd.DataFrame:
    return pd.DataFrame(columns=["USUBJID", "SSSTRESC", "SSDTC"], dtype=object)


EXPANDED = ("2020-01-10 BLQ", "2020-01-17 5000", "2020-04-03 80")


def test_persistence_kept_late_missed_and_not_due() -> None:
    found = persistence(*EXPANDED, "2020-08-10 70", "2020-12-20 70", "2021-09-01 60")
    # Month 6: 2020-08-10 is its last day in the window; 18: 52 days after; 24: nobody since.
    assert found == ["KEPT", "KEPT", "LATE", "OVERDUE", "NOT DUE"]
    found = persistence(*EXPANDED, "2020-12-20 70", "2021-07-01 60", "2022-01-09 60")
    assert found == ["MISSED", "KEPT", "KEPT", "KEPT", "NOT DUE"]


def test_no_test_is_needed_once_the_transgene_is_gone() -> None:
    found = persistence(*EXPANDED, "2020-07-11 BLQ")
    assert found == ["KEPT", "NOT NEEDED", "NOT NEEDED", "NOT NEEDED", "NOT DUE"]
    # Two in a row are asked for: the next one is due, and was not made.
    found = persistence(*EXPANDED, "2020-07-11 BLQ", undetectable=2)
    assert found == ["KEPT", "OVERDUE", "OVERDUE", "OVERDUE", "NOT DUE"]
    found = persistence(*EXPANDED, "2020-07-11 BLQ", "2021-01-09 BLQ", undetectable=2)
    assert found == ["KEPT", "KEPT", "NOT NEEDED", "NOT NEEDED", "NOT DUE"]


def test_before_an_expansion_nothing_is_gone() -> None:
    # Below the limit on day 4 only: the cells had not expanded yet.
    assert persistence("2020-01-14 BLQ")[0] == "OVERDUE"
    # Below the limit on day 60, never expanded: nothing to look for.
    assert persistence("2020-03-10 BLQ")[0] == "NOT NEEDED"


def test_persistence_found_again_is_looked_for_again() -> None:
    found = persistence(*EXPANDED, "2020-07-11 BLQ", "2021-01-09 90")
    assert found == ["KEPT", "KEPT", "OVERDUE", "OVERDUE", "NOT DUE"]


def test_nothing_is_due_of_the_dead() -> None:
    found = persistence(*EXPANDED, "2020-07-11 BLQ", died="2021-02-08")
    assert found == ["KEPT", "ENDED", "ENDED", "ENDED", "ENDED"]


def rcl(*tests: str, left: str = "") -> list[tuple[str, str]]:
    records = [t.split(maxsplit=1) for t in tests]
    lb = pd.DataFrame(
        {
            "USUBJID": "A",
            "LBTESTCD": "RCL",
            "LBDTC": [r[0] for r in records],
            "LBSTRESC": [r[1] if len(r) > 1 else "" for r in records],
        }
    )
    sdtm = {"ss": no_contacts(), "lb": lb}
    rules = LongTerm(rcl=RclTesting(window_days=30))
    found = derive_adltf(sdtm, adsl(left=left), rules, CUTOFF)
    return list(zip(found["AVALC"], found["LTRESC"], strict=True))


def test_rcl_results_and_the_baseline() -> None:
    found = rcl(
        "2019-12-20 Negative", "2020-04-01 NEGATIVE", "2020-07-11 REACTIVE", "2021-01-09 ??"
    )
    wanted = [("KEPT", "Negative")] * 2 + [("KEPT", "Positive"), ("KEPT", "??")]
    assert found == wanted


def test_rcl_without_a_baseline_and_not_done() -> None:
    found = rcl("2020-04-01 NEGATIVE", "2020-07-11 NEGATIVE")
    assert [status for status, _ in found] == ["MISSED", "KEPT", "KEPT", "OVERDUE"]
    left = rcl("2020-01-10 NEGATIVE", "2020-04-01 NEGATIVE", left="2020-06-01")
    assert [status for status, _ in left] == ["KEPT", "KEPT", "ENDED", "ENDED"]


def test_schedules_rise() -> None:
    with pytest.raises(ValueError, match="each must be after the one before it"):
        RclTesting(months=(3, 3, 6))
    with pytest.raises(ValueError, match="each must be after the one before it"):
        PersistenceTesting(months=(12, 6))
