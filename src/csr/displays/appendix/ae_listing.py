"""Listing of adverse events by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.analysis_grade import fmt_grade
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.45),
    Column("Group", "left", 1.3),
    Column("System organ class /\nPreferred term /\nReported term, if other", "left", 3.1),
    Column("Start\n(day)", "left", 1.15),
    Column("End\n(day)", "left", 1.15),
    Column("Grade or\nseverity", "left", 0.95),
    Column("Serious", "center", 0.7),
    Column("Emergent", "center", 0.8),
    Column("Relationship", "left", 1.1),
    Column("Action taken", "left", 1.45),
    Column("Outcome", "left", 1.6),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every record of the safety subjects, in the order of subject, start and sequence."""
    return Listing(COLUMNS, event_lines(adam["adae"], adam, params))


def event_lines(records: pd.DataFrame, adam: Adam, params: Params) -> tuple[tuple[str, ...], ...]:
    """The lines of some records of ADAE, those of safety subjects only."""
    events = with_group(records, subjects_in(adam, params, "safety"))
    ordered = events.sort_values(
        [c for c in ("USUBJID", "ASTDT", "AESEQ") if c in events], kind="stable"
    )
    severity = params.conventions.severity
    return tuple(_cells(event, params, severity) for event in ordered.to_dict("records"))


def _cells(event: Record, params: Params, severity: str) -> tuple[str, ...]:
    terms = [said(event, "AEBODSYS"), said(event, "AEDECOD")]
    if said(event, "AETERM").casefold() != said(event, "AEDECOD").casefold():
        terms.append(said(event, "AETERM"))
    return (
        said(event, "USUBJID"),
        group_label(event, params),
        " /\n".join(term for term in terms if term),
        dated(event, "ASTDT", "ASTDY", "ASTDTF"),
        dated(event, "AENDT", "AENDY", "AENDTF"),
        fmt_grade(event, severity),
        *(said(event, column) for column in ("AESER", "TRTEMFL", "AEREL", "AEACN", "AEOUT")),
    )


DISPLAY = Display(
    name="ae-listing",
    kind="listing",
    section="16.2.7",
    order=10,
    title="Adverse events by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adae"),
    draw=draw,
    footnotes=(
        "Day 1 is the day of the first dose; there is no day 0. "
        "[D], [M]: day, or day and month, of the date imputed. No end: ongoing or not known.",
    ),
    source="ADAE",
)
