"""Listing of deaths by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import dated, group_label, said
from csr.endpoints.adverse_events.adverse_events import emergent_events, is_fatal
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.4),
    Column("Group", "left", 1.2),
    Column("First treatment", "left", 1.0),
    Column("Last treatment", "left", 1.0),
    Column("Death\n(day)", "left", 1.1),
    Column("Days since\nlast treatment", "left", 1.0),
    Column("Cause", "left", 1.8),
    Column("Fatal adverse events", "left", 2.2),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every safety subject who died, with the adverse events that led to death."""
    subjects = subjects_in(adam, params, "safety")
    dead = subjects[subjects["DTHFL"] == "Y"] if "DTHFL" in subjects else subjects.iloc[:0]
    fatal: dict[str, str] = {}
    if "adae" in adam:
        _, events = emergent_events(adam, params)
        own = events[is_fatal(events)]
        fatal = own.groupby("USUBJID")["AEDECOD"].agg("; ".join).to_dict()
    lines = []
    for record in dead.sort_values("USUBJID").to_dict("records"):
        since = pd.NaT
        if "DTHDT" in record and "TRTEDT" in record:
            since = record["DTHDT"] - record["TRTEDT"]
        lines.append(
            (
                said(record, "USUBJID"),
                group_label(record, params),
                dated(record, "TRTSDT"),
                dated(record, "TRTEDT"),
                dated(record, "DTHDT", "DTHADY", "DTHDTF"),
                "" if pd.isna(since) else str(since.days),
                as_words(said(record, "DTHCAUS")),
                fatal.get(str(record["USUBJID"]), ""),
            )
        )
    return Listing(COLUMNS, tuple(lines))


DISPLAY = Display(
    name="death-listing",
    kind="listing",
    section="14.3.2",
    order=60,
    title="Deaths by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl",),
    draw=draw,
    footnotes=(
        "[D], [M]: day, or day and month, of the date imputed. Day 1 is the day of the first "
        "infusion.",
    ),
    source="ADSL, ADAE",
)
