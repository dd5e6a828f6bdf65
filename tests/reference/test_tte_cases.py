"""PFS and OS against the worked examples of METHODS §4 (tte_pfs_cases.csv).

The examples: scans every 28 days, window 7 days, strategy `censor` for new therapy. Days and
statuses are exact. Source: tests/reference/data/SOURCES-derive.md.
"""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from csr.derive.missed_visits import two_missed_after
from csr.derive.time_to_event import Dated, Facts, Scan, answer
from csr.params.protocol import Schedule
from csr.params.time_to_event import OS, PFS, TTP, TimeToEvent, under

T0 = pd.Timestamp("2024-03-10")
EVERY_28_DAYS = Schedule(every=((28, None),), window=7)
REASONS = {
    "PD": "Progressive disease",
    "death": "Death",
    "PD after one missed": "Progressive disease",
    "death before first assessment": "Death",
    "no baseline assessment": "No baseline assessment",
    "new anticancer therapy": "New anticancer therapy",
    "no event, last adequate assessment": "No event",
    "NE not adequate": "No event",
}


def on_day(day: str | int | None) -> Dated | None:
    return Dated(T0 + pd.Timedelta(days=int(day)), "ADSL", "DT") if day not in ("", None) else None


def scans(text: str) -> tuple[Scan, ...]:
    found = (part.split(":") for part in text.split())
    return tuple(
        Scan(T0 + pd.Timedelta(days=int(day)), "ADRS", "ADT", i, response)
        for i, (day, response) in enumerate(found)
    )


def facts_of(case: dict[str, str]) -> Facts:
    return Facts(
        t0=on_day(0),
        has_baseline=case["baseline_scan"] == "Y",
        scans=scans(case["scans"]),
        new_therapy=on_day(case["new_therapy_day"]),
        death=on_day(case["death_day"]),
        last_alive=on_day(case["last_contact_day"]),
        schedule=EVERY_28_DAYS,
    )


def cases() -> list[dict[str, str]]:
    path = Path(__file__).parent / "data" / "tte_pfs_cases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_all_eight_examples_were_read() -> None:
    assert len(cases()) == 8


@pytest.mark.parametrize("case", cases(), ids=lambda c: c["case"])
def test_worked_examples_of_methods(case: dict[str, str]) -> None:
    facts = facts_of(case)
    pfs = answer(under(PFS, "censor", "", ""), facts)
    assert (pfs.end.date - T0).days == int(case["pfs_day"])
    assert pfs.days == int(case["pfs_aval_days"])
    assert pfs.censored == (case["pfs_status"] == "censored")
    assert pfs.description == REASONS[case["reason"]]
    os = answer(OS, facts)
    assert (os.end.date - T0).days == int(case["os_day"])
    assert os.censored == (case["os_status"] == "censored")


def pfs_of(endpoint: TimeToEvent = PFS, **changed: object) -> tuple[int, str]:
    known = Facts(t0=on_day(0), schedule=EVERY_28_DAYS)
    time = answer(endpoint, replace(known, **changed))
    return (time.end.date - T0).days, time.description


def test_limit_after_an_assessment_is_70_days_with_28_day_visits() -> None:
    """reference/README: interval 28 d, window 7 d, gap 70 d."""
    assert two_missed_after(28, EVERY_28_DAYS) == 98
    assert two_missed_after(0, EVERY_28_DAYS) == 70


def test_the_limit_follows_a_schedule_that_changes() -> None:
    """METHODS §4: last scan day 140, day 168 missed, PD day 224: one missed, an event."""
    assert two_missed_after(140, Schedule()) == 224 + 14
    seen = scans("28:SD 56:SD 84:SD 112:SD 140:SD 224:PD")
    assert pfs_of(scans=seen, schedule=Schedule()) == (224, "Progressive disease")


@pytest.mark.parametrize(("day", "limit"), [(133, 238), (140, 238), (147, 238), (154, 238)])
def test_an_early_or_late_scan_is_the_visit_it_was_made_for(day: int, limit: int) -> None:
    """Within ±7 days of day 140 it is that visit; day 154 lies between visits 140 and 168."""
    assert two_missed_after(day, Schedule()) == limit


def test_default_schedule_changes_at_168_and_365() -> None:
    """METHODS §9: every 28 d to 168, every 56 d to 365 (224, 280, 336), then every 84 d (420)."""
    assert two_missed_after(280, Schedule()) == 420 + 14
    assert two_missed_after(336, Schedule()) == 504 + 14


def test_progression_one_day_beyond_the_limit_is_censored_before_the_gap() -> None:
    assert pfs_of(scans=scans("28:SD 98:PD")) == (98, "Progressive disease")
    assert pfs_of(scans=scans("28:SD 99:PD")) == (28, "Two or more missed visits")
    assert pfs_of(death=on_day(70)) == (70, "Death")
    assert pfs_of(death=on_day(71)) == (0, "Two or more missed visits")


def test_new_therapy_under_each_strategy() -> None:
    seen = {"scans": scans("28:SD 56:SD 84:PD"), "new_therapy": on_day(40)}
    assert pfs_of(under(PFS, "treatment-policy", "", ""), **seen) == (84, "Progressive disease")
    assert pfs_of(under(PFS, "censor", "", ""), **seen) == (28, "New anticancer therapy")
    assert pfs_of(under(PFS, "event", "", ""), **seen) == (40, "New anticancer therapy")


def test_new_therapy_on_the_day_of_progression() -> None:
    """METHODS §9: the assessment on the start day is kept; or dropped, by protocol."""
    seen = {"scans": scans("28:SD 56:PD"), "new_therapy": on_day(56)}
    assert pfs_of(**seen) == (56, "Progressive disease")
    dropped = pfs_of(**seen, same_day_therapy_censors=True)
    assert dropped == (28, "New anticancer therapy")


def test_the_other_rows_of_the_table() -> None:
    """METHODS §4: clinical PD without imaging, lost, no assessment after baseline."""
    seen = {"scans": scans("28:SD")}
    clinical = pfs_of(**seen, clinical_progression=on_day(40))
    assert clinical == (28, "Clinical progression without imaging")
    assert pfs_of(**seen, left_study=True) == (28, "Lost to follow-up or withdrawn")
    assert pfs_of() == (0, "No assessment after the start")


def test_ttp_censors_death_without_progression_at_the_last_adequate_scan() -> None:
    seen = {"scans": scans("28:SD"), "death": on_day(50)}
    assert pfs_of(TTP, **seen) == (28, "Death without progression")
