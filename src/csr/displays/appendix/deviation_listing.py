"""Listing of protocol deviations by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import (
    Listed,
    in_order,
    listed_needs,
    listing_of,
    said,
    shown_date,
    subject_and_group,
)
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs

COLUMNS = (
    *subject_and_group(1.4, 1.4),
    shown_date(Column("Date\n(day)", "left", 1.0), "ADT", "ADY"),
    Listed(Column("Category", "left", 1.6), ("DVCAT",), lambda r, p: as_words(said(r, "DVCAT"))),
    Listed(
        Column("Importance", "left", 1.1), ("DVSCAT",), lambda r, p: as_words(said(r, "DVSCAT"))
    ),
    Listed(
        Column("Deviation", "left", 3.2),
        ("DVTERM", "DVDECOD"),
        lambda r, p: said(r, "DVTERM") or as_words(said(r, "DVDECOD")),
    ),
)
ORDER = ("USUBJID", "ADT", "DVSEQ")


def needs(params: Params) -> Needs:
    """The deviations as they are told."""
    return subject_needs(params, "enrolled") + listed_needs("addv", COLUMNS, ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every deviation of the enrolled subjects in the order of subject and date."""
    deviations = with_group(adam["addv"], subjects_in(adam, params, "enrolled"))
    records = in_order(deviations, *ORDER).to_dict("records")
    return listing_of(COLUMNS, records, set(deviations), params)


DISPLAY = Display(
    name="deviation-listing",
    kind="listing",
    section="16.2.2",
    order=10,
    title="Protocol deviations by subject",
    population="enrolled",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=("Day 1 is the day of the first infusion.",),
    source="ADDV",
)
