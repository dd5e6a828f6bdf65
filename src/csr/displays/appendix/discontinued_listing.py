"""Listing of the subjects who discontinued the study."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import (
    Listed,
    listed_needs,
    listing_of,
    said,
    shown_date,
    subject_and_group,
)
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.results import Adam, Needs, reads

COLUMNS = (
    *subject_and_group(1.4, 1.4),
    shown_date(Column("First treatment", "left", 1.0), "TRTSDT"),
    shown_date(Column("Last treatment", "left", 1.0), "TRTEDT"),
    shown_date(Column("End of study", "left", 1.0), "EOSDT"),
    Listed(
        Column("Reason", "left", 2.0),
        ("DCSREAS", "DCDECOD"),
        lambda r, p: as_words(said(r, "DCSREAS") or said(r, "DCDECOD")),
    ),
    shown_date(Column("Death", "left", 1.0), "DTHDT"),
)


def needs(params: Params) -> Needs:
    """Who ended, when, and why."""
    own = subject_needs(params, "enrolled") + reads("adsl", "EOSSTT")
    return own + listed_needs("adsl", COLUMNS)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every enrolled subject whose participation ended before the study did, and why."""
    subjects = subjects_in(adam, params, "enrolled")
    gone = subjects[subjects["EOSSTT"] == "DISCONTINUED"].sort_values("USUBJID")
    return listing_of(COLUMNS, gone.to_dict("records"), set(subjects), params)


DISPLAY = Display(
    name="discontinued-listing",
    kind="listing",
    section="16.2.1",
    order=10,
    title="Discontinued subjects",
    population="enrolled",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    source="ADSL",
)
