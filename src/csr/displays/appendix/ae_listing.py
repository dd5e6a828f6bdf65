"""Listing of adverse events by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.analysis_grade import fmt_grade
from csr.displays.tables.listing_cells import (
    Listed,
    Record,
    in_order,
    listed_needs,
    listing_of,
    said,
    shown,
    shown_date,
    subject_and_group,
)
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs


def _terms(event: Record, params: Params) -> str:
    terms = [said(event, "AEBODSYS"), said(event, "AEDECOD")]
    if said(event, "AETERM").casefold() != said(event, "AEDECOD").casefold():
        terms.append(said(event, "AETERM"))
    return " /\n".join(term for term in terms if term)


def columns_of(params: Params) -> tuple[Listed, ...]:
    """The columns, under the grade variable of the conventions."""
    severity = params.conventions.severity
    return (
        *subject_and_group(1.45, 1.3),
        Listed(
            Column("System organ class /\nPreferred term /\nReported term, if other", "left", 3.1),
            ("AEDECOD", "AETERM", "AEBODSYS"),
            _terms,
        ),
        shown_date(Column("Start\n(day)", "left", 1.15), "ASTDT", "ASTDY", "ASTDTF"),
        shown_date(Column("End\n(day)", "left", 1.15), "AENDT", "AENDY", "AENDTF"),
        Listed(
            Column("Grade or\nseverity", "left", 0.95),
            (severity,),
            lambda event, params: fmt_grade(event, severity),
            ("AGRADE",) if severity == "AETOXGR" else (),
        ),
        shown(Column("Serious", "center", 0.7), "AESER"),
        shown(Column("Emergent", "center", 0.8), "TRTEMFL"),
        shown(Column("Relationship", "left", 1.1), "AEREL"),
        shown(Column("Action taken", "left", 1.45), "AEACN"),
        shown(Column("Outcome", "left", 1.6), "AEOUT"),
    )


ORDER = ("USUBJID", "ASTDT", "AESEQ")


def needs(params: Params) -> Needs:
    """The events as they are told."""
    return subject_needs(params, "safety") + listed_needs("adae", columns_of(params), ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every record of the safety subjects, in the order of subject, start and sequence."""
    return list_events(adam["adae"], adam, params)


def list_events(records: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Some records of ADAE, those of safety subjects only."""
    events = in_order(with_group(records, subjects_in(adam, params, "safety")), *ORDER)
    return listing_of(columns_of(params), events.to_dict("records"), set(records), params)


DISPLAY = Display(
    name="ae-listing",
    kind="listing",
    section="16.2.7",
    order=10,
    title="Adverse events by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "Day 1 is the day of the first dose; there is no day 0. "
        "[D], [M]: day, or day and month, of the date imputed. No end: ongoing or not known.",
    ),
    source="ADAE",
)
