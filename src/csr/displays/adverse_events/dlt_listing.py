"""Listing of dose-limiting toxicities, each with the rule that made it one."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.analysis_grade import fmt_grade
from csr.displays.tables.listing_cells import (
    Listed,
    Record,
    listed_needs,
    listing_of,
    said,
    shown,
    shown_date,
)
from csr.endpoints.dose_escalation.dlt import DLT_SUMMARY, judged_needs, judged_subjects, rules_of
from csr.params import Params
from csr.results import Adam, Needs, reads

DOSE, SINCE = "DOSE", "SINCE"  # beside the records of ADAE


def _terms(event: Record, params: Params) -> str:
    terms = dict.fromkeys(said(event, c) for c in ("AEDECOD", "AETERM"))
    return " /\n".join(term for term in terms if term)


COLUMNS = (
    Listed(Column("Subject", "left", 1.9), (), lambda e, p: said(e, "USUBJID")),
    Listed(Column("Dose", "left", 1.0), (), lambda e, p: said(e, DOSE)),
    Listed(Column("Cohort", "center", 0.6), (), lambda e, p: said(e, "COHORT")),
    Listed(Column("Preferred term /\nReported term", "left", 2.4), ("AEDECOD", "AETERM"), _terms),
    shown_date(Column("Start", "left", 1.0), "ASTDT"),
    shown_date(Column("End", "left", 1.0), "AENDT"),
    Listed(Column("Day after\ninfusion", "center", 0.8), (), lambda e, p: said(e, SINCE)),
    Listed(Column("Grade", "center", 0.6), ("AETOXGR",), lambda e, p: fmt_grade(e), ("AGRADE",)),
    shown(Column("Relationship", "left", 1.1), "AEREL"),
    shown(Column("Outcome", "left", 1.5), "AEOUT"),
    Listed(
        Column("Made a DLT by", "left", 2.4),
        (),
        lambda e, p: said(e, "ADLTRULE") or f"To be decided: {said(e, 'ADLTASK')}",
    ),
)


def needs(params: Params) -> Needs:
    """The judged subjects, and the events by what made them a DLT."""
    asked = "events to be decided on are not listed"
    own = reads("adae", "USUBJID", "AESEQ", "ASTDT", "ADLTRULE", ADLTASK=asked)
    return judged_needs(params) + own + listed_needs("adae", COLUMNS)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every event that is a DLT, those a decision took back, and those to be decided on."""
    subjects, rules = judged_subjects(adam, params), rules_of(params)
    events = adam["adae"]
    mine = subjects[["USUBJID", "LEVEL", "COHORT", "TRTSDT"]]
    asked = events["ADLTASK"] if "ADLTASK" in events else events["ADLTRULE"]
    kept = events[(events["ADLTRULE"] != "") | (asked != "")].drop(
        columns="TRTSDT", errors="ignore"
    )
    ordered = kept.merge(mine, on="USUBJID").sort_values(["ASTDT", "USUBJID", "AESEQ"])
    ordered = ordered.assign(
        **{DOSE: ordered["LEVEL"].map(rules.label)},
        **{SINCE: (ordered["ASTDT"] - ordered["TRTSDT"]).dt.days.astype(float)},
    )
    return listing_of(COLUMNS, ordered.to_dict("records"), set(events), params)


DISPLAY = Display(
    name="dlt-listing",
    kind="listing",
    section="14.3.2",
    order=40,
    title="Dose-limiting toxicities",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(DLT_SUMMARY,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Events inside the DLT window after the first infusion, and those that people have to "
        "decide on. Day 0 is the day of the infusion. "
        "No end: ongoing or not known.",
    ),
    source="ADAE",
)
