"""Listing of dose-limiting toxicities, each with the rule that made it one."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.analysis_grade import fmt_grade
from csr.endpoints.dose_escalation.dlt import DLT_SUMMARY, judged_subjects, rules_of
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.9),
    Column("Dose", "left", 1.0),
    Column("Cohort", "center", 0.6),
    Column("Preferred term /\nReported term", "left", 2.4),
    Column("Start", "left", 1.0),
    Column("End", "left", 1.0),
    Column("Day after\ninfusion", "center", 0.8),
    Column("Grade", "center", 0.6),
    Column("Relationship", "left", 1.1),
    Column("Outcome", "left", 1.5),
    Column("Made a DLT by", "left", 2.4),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every event that is a DLT, those a decision took back, and those to be decided on."""
    subjects, rules = judged_subjects(adam, params), rules_of(params)
    events = adam["adae"]
    if "ADLTRULE" not in events:
        return Listing(COLUMNS, ())
    mine = subjects[["USUBJID", "LEVEL", "COHORT", "TRTSDT"]]
    asked = events["ADLTASK"] if "ADLTASK" in events else events["ADLTRULE"]
    kept = events[(events["ADLTRULE"] != "") | (asked != "")].drop(
        columns="TRTSDT", errors="ignore"
    )
    ordered = kept.merge(mine, on="USUBJID").sort_values(["ASTDT", "USUBJID", "AESEQ"])
    lines = [_cells(event, rules.label(event["LEVEL"])) for event in ordered.to_dict("records")]
    return Listing(COLUMNS, tuple(lines))


def _cells(event: dict, dose: str) -> tuple[str, ...]:
    since = (event["ASTDT"] - event["TRTSDT"]).days if not pd.isna(event["ASTDT"]) else None
    terms = dict.fromkeys(str(event.get(c, "")) for c in ("AEDECOD", "AETERM"))
    return (
        str(event["USUBJID"]),
        dose,
        str(event["COHORT"]),
        " /\n".join(term for term in terms if term),
        _date(event["ASTDT"]),
        _date(event["AENDT"]),
        "" if since is None else str(since),
        fmt_grade(event),
        *(str(event.get(c, "")) for c in ("AEREL", "AEOUT")),
        str(event["ADLTRULE"]) or f"To be decided: {event.get('ADLTASK', '')}",
    )


def _date(day: pd.Timestamp) -> str:
    return "" if pd.isna(day) else f"{day:%Y-%m-%d}"


DISPLAY = Display(
    name="dlt-listing",
    kind="listing",
    section="14.3.2",
    order=40,
    title="Dose-limiting toxicities",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(DLT_SUMMARY,),
    datasets=("adsl", "adae"),
    draw=draw,
    footnotes=(
        "Events inside the DLT window after the first infusion, and those that people have to "
        "decide on. Day 0 is the day of the infusion. "
        "No end: ongoing or not known.",
    ),
    source="ADAE",
)
