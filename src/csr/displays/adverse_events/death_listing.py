"""Listing of deaths by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import (
    Listed,
    listed_needs,
    listing_of,
    said,
    shown,
    shown_date,
    subject_and_group,
)
from csr.endpoints.adverse_events.adverse_events import (
    DEATH,
    death_needs,
    emergent_events,
    is_fatal,
    why_untold,
)
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.results import Adam, Needs, reads, reads_if_there

SINCE, FATAL = "SINCE", "FATAL"  # beside the records of ADSL, where they are known
COLUMNS = (
    *subject_and_group(1.4, 1.2),
    shown_date(Column("First treatment", "left", 1.0), "TRTSDT"),
    shown_date(Column("Last treatment", "left", 1.0), "TRTEDT"),
    shown_date(Column("Death\n(day)", "left", 1.1), "DTHDT", "DTHADY", "DTHDTF"),
    shown(Column("Days since\nlast treatment", "left", 1.0), SINCE),
    Listed(Column("Cause", "left", 1.8), ("DTHCAUS",), lambda r, p: as_words(said(r, "DTHCAUS"))),
    shown(Column("Fatal adverse events", "left", 2.2), FATAL),
)


def needs(params: Params) -> Needs:
    """Who died, when and of what; the fatal events where ADAE tells them."""
    told = [c for c in COLUMNS if not {SINCE, FATAL} & set(c.shows)]
    lost = "the column 'Fatal adverse events' is left out"
    events = reads_if_there("adae", lost, "USUBJID", "AESEQ", "TRTEMFL", "AEDECOD")
    own = subject_needs(params, "safety") + reads("adsl", "DTHFL") + listed_needs("adsl", told)
    return own + events + Needs(optional=death_needs().optional)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every safety subject who died, with the adverse events that led to death."""
    subjects = subjects_in(adam, params, "safety")
    dead = subjects[subjects["DTHFL"] == "Y"].sort_values("USUBJID")
    if {"DTHDT", "TRTEDT"} <= set(dead):
        days = (dead["DTHDT"] - dead["TRTEDT"]).dt.days
        dead = dead.assign(**{SINCE: days.map(lambda n: "" if pd.isna(n) else f"{n:.0f}")})
    if "adae" in adam:
        _, events = emergent_events(adam, params)
        if not why_untold(events, [DEATH], params):
            fatal = events[is_fatal(events)].groupby("USUBJID")["AEDECOD"].agg("; ".join)
            dead = dead.assign(**{FATAL: dead["USUBJID"].map(fatal.to_dict()).fillna("")})
    return listing_of(COLUMNS, dead.to_dict("records"), set(dead), params)


DISPLAY = Display(
    name="death-listing",
    kind="listing",
    section="14.3.2",
    order=60,
    title="Deaths by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "[D], [M]: day, or day and month, of the date imputed. Day 1 is the day of the first "
        "infusion.",
    ),
    source="ADSL, ADAE",
)
