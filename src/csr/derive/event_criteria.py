"""Which adverse events meet the criteria of a DLT rule or of a stopping rule (METHODS §2, §10.12).

The grade is the analysis grade where ADAE has one (AGRADE). An event of CRS or ICANS (ACESEQ) lasts
at a grade as long as its dated components, or its rows by grade, say: at least AGRDYn and at most
AGRDXn days; any other event as long as its record. Where the two leave it open whether it lasted
too long, nothing in the data can tell.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.sources import number, text
from csr.params.dose_escalation import EventCriteria
from csr.results import Needs, reads, reads_either
from csr.terms import is_one_of

GRADES = ("1", "2", "3", "4", "5")


def criteria_needs(criteria: EventCriteria) -> Needs:
    """What is read of ADAE to tell which events meet the criteria.

    Without the attribution every event counts as related; what the criteria compare must be there.
    """
    found = reads("adae", "USUBJID", *criteria.where, *criteria.unless)
    if criteria.grade > 1:
        found += reads("adae", AGRADE="grades are those reported")
        found += reads_either("adae", ["AGRADE"], ["AETOXGR"])
    if criteria.attribution is not None:
        found += reads("adae", **{criteria.attribution: "every event counts as related"})
    if criteria.longer_than_days is not None:
        lost = "events of CRS and ICANS last as long as their records"
        days = (f"AGRDY{criteria.grade}", f"AGRDX{criteria.grade}")
        found += reads("adae", "ASTDT", "AENDT", ACESEQ=lost, **dict.fromkeys(days, lost))
    return found


def grade_column(events: pd.DataFrame) -> str:
    """The column of the grade that counts: AGRADE, or AETOXGR where there is none."""
    return "AGRADE" if "AGRADE" in events else "AETOXGR"


def meets(events: pd.DataFrame, criteria: EventCriteria, cutoff: pd.Timestamp) -> pd.Series:
    """Which events meet everything the criteria say; an ongoing one lasts to the cut-off so far."""
    met = but_for_duration(events, criteria)
    if criteria.longer_than_days is None:
        return met
    return met & (_at_grade(events, criteria, cutoff, "AGRDY") > criteria.longer_than_days)


def may_meet(events: pd.DataFrame, criteria: EventCriteria, cutoff: pd.Timestamp) -> pd.Series:
    """Which events would, did the data say for how long they were at the grade."""
    if criteria.longer_than_days is None:
        return pd.Series(False, index=events.index)
    long = _at_grade(events, criteria, cutoff, "AGRDX") > criteria.longer_than_days
    return but_for_duration(events, criteria) & long & ~meets(events, criteria, cutoff)


def but_for_duration(events: pd.DataFrame, criteria: EventCriteria) -> pd.Series:
    """Which events meet all that the criteria say beside how long they last."""
    met = pd.Series(True, index=events.index)
    if criteria.grade > 1:
        met &= number(events, grade_column(events)).ge(criteria.grade)
    for column, values in criteria.where.items():
        met &= _is_one_of(events, column, values)
    for column, values in criteria.unless.items():
        met &= ~_is_one_of(events, column, values)
    if criteria.attribution is not None:
        met &= text(events, criteria.attribution) != "NOT RELATED"
    return met


def _lasted(events: pd.DataFrame, cutoff: pd.Timestamp) -> pd.Series:
    end = events["AENDT"].where(events["AENDT"].notna(), cutoff)
    return ((end - events["ASTDT"]).dt.days + 1).astype(float)


def _at_grade(
    events: pd.DataFrame, criteria: EventCriteria, cutoff: pd.Timestamp, bound: str
) -> pd.Series:
    """Days at the grade of the criteria or a higher one: at least (AGRDY), or at most (AGRDX)."""
    lasted = _lasted(events, cutoff)
    column = f"{bound}{criteria.grade}"
    if column not in events:
        return lasted
    return lasted.where(number(events, "ACESEQ").isna(), events[column])


def _is_one_of(events: pd.DataFrame, column: str, values: tuple[str, ...]) -> pd.Series:
    return is_one_of(text(events, column), values)
