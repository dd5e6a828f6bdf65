"""Table of every subject of the escalation: in the DLT-evaluable set or not, and why."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.endpoints.dose_escalation.dlt import (
    DLT,
    DLT_SUMMARY,
    NO_DLT,
    NOT_EVALUABLE,
    judged_needs,
    judged_subjects,
    rules_of,
)
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation
from csr.results import Adam, Needs, reads
from csr.rounding import fmt_number

COLUMNS = (
    Column("Subject", "left", 1.7),
    Column("Cohort", "center", 0.6),
    Column("First infusion", "left", 1.0),
    Column("End of window", "left", 1.0),
    Column("% of plan", "right", 0.7),
    Column("Evaluable", "center", 0.8),
    Column("Why", "left", 3.6),
)
WORDS = {DLT: "Yes, DLT", NO_DLT: "Yes", NOT_EVALUABLE: "No"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per treated subject of the escalation, under the dose received."""
    subjects, rules = judged_subjects(adam, params), rules_of(params)
    replaced_by = _replacements(subjects, rules.replaces)
    lines = []
    for level, dose in enumerate(rules.doses):
        own = subjects[subjects["LEVEL"] == level]
        if len(own):
            lines.append(Line((dose.label, *[""] * (len(COLUMNS) - 1)), heading=True))
        lines += [_line(subject, replaced_by, rules) for subject in own.to_dict("records")]
    return Table(COLUMNS, tuple(lines), landscape=True)


def _replacements(subjects: pd.DataFrame, column: str | None) -> dict[str, str]:
    """Who was replaced: by whom."""
    if column is None or column not in subjects:
        return {}
    pairs = zip(subjects[column], subjects["USUBJID"], strict=True)
    return {old: new for old, new in pairs if old}


def _line(subject: dict, replaced_by: dict[str, str], rules: DoseEscalation) -> Line:
    who, why, column = str(subject["USUBJID"]), [_reason(subject)], rules.replaces
    if who in replaced_by:
        why.append(f"replaced by {replaced_by[who]}")
    elif subject["STATUS"] == NOT_EVALUABLE and column in subject:
        why.append("not yet replaced" if rules.closed is None else "not replaced")
    if column is not None and subject.get(column):
        why.append(f"replaces {subject[column]}")
    share = subject.get("DLTDOSEP", float("nan"))
    cells = (
        who,
        str(subject["COHORT"]),
        f"{subject['TRTSDT']:%Y-%m-%d}",
        "" if pd.isna(subject["DLTWENDT"]) else f"{subject['DLTWENDT']:%Y-%m-%d}",
        "" if pd.isna(share) else fmt_number(share, 0),
        WORDS.get(str(subject["STATUS"]), "Pending"),
        "; ".join(w for w in why if w),
    )
    return Line(cells, indent=1)


def _reason(subject: dict) -> str:
    """The derived reason, and that a decision overruled it where it did."""
    reason, status = str(subject.get("DLTREAS", "")), str(subject["STATUS"])
    return reason if status == subject["DLTSTAT"] else f"{reason} (membership by decision)"


def needs(params: Params) -> Needs:
    """The judged subjects, why they are judged so, and who took whose place."""
    found = judged_needs(params) + reads(
        "adsl",
        DLTREAS="why a subject is not evaluable is not said",
        DLTDOSEP="the percent of the planned dose is not said",
    )
    if (column := rules_of(params).replaces) is None:
        return found
    return found + reads("adsl", **{column: "who takes whose place is not said"})


DISPLAY = Display(
    name="dlt-evaluability",
    kind="table",
    section="14.3.0",
    order=20,
    title="DLT evaluability of every subject of the dose escalation",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(DLT_SUMMARY,),
    needs=needs,
    draw=draw,
    footnotes=("Days are counted from the first infusion, its day being 0.",),
    source="ADSL",
)
