"""The data cut against an oracle: the simulator knows the clinical state on any date.

Cutting the final transfer at a date must give exactly the datasets that building them from the
state on that date, as finally recorded, gives. No tolerance: every cell of every dataset is equal.
Source of what a cut does: METHODS §0a. `csr.demo.state` never looks at `csr.cut`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from functools import lru_cache

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from csr.cut import Rules, cut_sdtm, declared_rules
from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.truth import Subject, Truth
from csr.demo.variables import layouts
from csr.demo.write import SEED

SUBJECTS = 60
RULES = declared_rules()
# A date these rules blank would be blanked by the last net of the cut as well (any date after the
# cut-off goes), so that their own work shows only without that net.
NETTED = {"reference-start"}


@lru_cache(maxsize=1)
def truth() -> Truth:
    """A whole study, with four laboratory tests and one vital sign of the twenty-six, for speed."""
    whole = simulate_study(SEED, SUBJECTS)
    findings = dict(whole.findings)
    for name, tests in (("lb", ("HGB", "NEUT", "CRP", "RCL")), ("vs", ("TEMP",))):
        table = findings[name]
        findings[name] = table[table[f"{name.upper()}TESTCD"].isin(tests)]
    return replace(whole, findings=findings)


@lru_cache(maxsize=1)
def final_transfer() -> dict[str, pd.DataFrame]:
    return write_state(truth(), dt.date.fromordinal(truth().cuts[-1].transfer))


def by_case(case: str) -> Subject:
    return next(s for s in truth().subjects if s.case == case)


def infused(subject: Subject) -> int:
    day = subject.first_infusion
    assert day is not None
    return day


def died(subject: Subject) -> int:
    assert subject.death is not None
    return subject.death.when.day


def first_of_month(day: int) -> int:
    return dt.date.fromordinal(day).replace(day=1).toordinal()


def pneumonia() -> Subject:
    """The subject whose planted fatal event the interim analysis knows."""
    return next(s for s in truth().subjects for e in s.events if e.fatal and e.decod == "Pneumonia")


@lru_cache(maxsize=1)
def cut_offs() -> dict[str, int]:
    """The days something is about to change, has just changed, or changes on."""
    again = by_case("second infusion with residual copies and CRS after it")
    fatal = by_case("fatal adverse event whose end is known to the month only")
    scan_death = by_case("death on the day of a scan")
    month_only = by_case("new therapy on the day of the scan")
    old = by_case("follow-up beyond 10 years, death in year 12")
    left = by_case("SD too early")
    replaced = by_case("death inside the DLT window, replaced")
    first = min(truth().subjects, key=lambda s: s.consent)
    chemo = next(s for s in truth().subjects if any(d.category == "CHEMOTHERAPY" for d in s.doses))
    assert chemo.apheresis is not None
    days = {cut.name: cut.cutoff for cut in truth().cuts}
    days |= {
        "before anyone consented": first.consent - 1,
        "first consent": first.consent,
        "apheresis": chemo.apheresis,
        "inside a cycle of chemotherapy": chemo.doses[1].start + 5,
        "baseline scan, not yet treated": infused(again) - 6,
        "inside lymphodepletion": infused(again) - 4,
        "day before the infusion": infused(again) - 1,
        "day of the infusion": infused(again),
        "day after the infusion": infused(again) + 1,
        "during CRS": infused(again) + 4,
        "during ICANS": infused(by_case("ICANS")) + 7,
        "day of the second infusion": again.infusions[1].day,
        "scan day": again.scans[-1].day,
        "day before a scan": again.scans[-1].day - 1,
        "withdrawal": left.departure[0] if left.departure else 0,
        "day before a death in the DLT window": died(replaced) - 1,
        "day of a death in the DLT window": died(replaced),
        "during a fatal event": died(fatal) - 3,
        "day before a fatal event's end": died(fatal) - 1,
        "day of a fatal event's end": died(fatal),
        "during a fatal event before the interim cut-off": died(pneumonia()) - 3,
        "day before a death of an adverse event": died(pneumonia()) - 1,
        "death on a scan day": died(scan_death),
        "first of the month of a death known to the month": first_of_month(died(month_only)),
        "new therapy on a scan day": infused(month_only) + 84,
        "ten years": infused(old) + 3653,
        "death in year 12": died(old),
        "before a late death": died(old) - 1,
        "after the end": max(s.end_of_follow_up for s in truth().subjects) + 30,
    }
    return days


def in_order(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(layouts()[name].keys), kind="stable", ignore_index=True)


@lru_cache(maxsize=64)
def expected(day: int) -> dict[str, pd.DataFrame]:
    state = write_state(truth(), dt.date.fromordinal(day))
    return {name: in_order(name, frame) for name, frame in state.items()}


def cut(day: int, rules: Rules) -> dict[str, pd.DataFrame]:
    done = cut_sdtm(final_transfer(), cutoff=dt.date.fromordinal(day), rules=rules).sdtm
    return {name: in_order(name, frame) for name, frame in done.items()}


@lru_cache(maxsize=64)
def differing(day: int, off: frozenset[str]) -> set[tuple[str, str]]:
    """Dataset and column (or "rows") in which a cut with some rules off is not the state."""
    rules = replace(RULES, resets=RULES.resets - off)
    found = set()
    for name, frame in cut(day, rules).items():
        state = expected(day)[name]
        if len(frame) != len(state):
            found.add((name, "rows"))
            continue
        found |= {(name, str(c)) for c in state if not frame[c].equals(state[c])}
    return found


def test_there_are_enough_different_cut_offs() -> None:
    """The issue asks for at least 25."""
    assert len(set(cut_offs().values())) >= 25


@pytest.mark.parametrize("when", list(range(33)))
def test_cutting_the_final_transfer_gives_the_state_on_that_date(when: int) -> None:
    label, day = sorted(cut_offs().items())[when]
    done = cut(day, RULES)
    assert set(done) == set(expected(day)), label
    for name, state in expected(day).items():
        assert_frame_equal(done[name], state, obj=f"{name} on the cut-off '{label}'")


SHOWN_ON = {
    "arm": "day before the infusion",
    "baseline-flag": "baseline scan, not yet treated",
    "death": "day before a death in the DLT window",
    "death-records": "day before a death in the DLT window",
    "duration": "during CRS",
    "end-date": "during a fatal event",
    "end-reference-period": "during CRS",
    "exposure-end": "inside lymphodepletion",
    "fatal-event": "during a fatal event",
    "grade-5": "during a fatal event",
    "late-date": "unnotified death",
    "late-text": "deviation made up for later",
    "outcome": "during CRS",
    "participation-end": "interim",
    "reference-end": "day of the infusion",
    "reference-start": "day before the infusion",
    "seriousness": "during a fatal event",
    "study-day": "day before the infusion",
    "supp-date": "in hospital",
    "time-point": "interim",
}


def test_every_reset_rule_is_switched_off_once() -> None:
    assert set(SHOWN_ON) == set(RULES.resets)


def shown_on(rule: str) -> int:
    if rule == "late-date":
        notified = [s.death for s in truth().subjects if s.death]
        return next(d.when.day for d in notified if d.notified > d.when.day + 1)
    if rule == "late-text":
        late = [d for s in truth().subjects for d in s.deviations if d.made_up is not None]
        return late[0].day
    if rule == "supp-date":
        stays = [e for s in truth().subjects for e in s.events if e.hospitalised and not e.fatal]
        whole = [e for e in stays if e.end and (e.onset.precision, e.end.precision) == ("day",) * 2]
        return next(e.onset.day for e in whole if e.end and e.end.day > e.onset.day)
    return cut_offs()[SHOWN_ON[rule]]


@pytest.mark.parametrize("rule", sorted(SHOWN_ON))
def test_without_any_one_reset_rule_the_cut_is_not_the_state(rule: str) -> None:
    day = shown_on(rule)
    nets = frozenset({"late-date"} if rule in NETTED else ())
    with_rule = differing(day, nets)
    without = differing(day, nets | {rule})
    assert without - with_rule
    assert nets or not with_rule
