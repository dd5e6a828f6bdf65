"""Listing of the subjects who discontinued the study."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import dated, group_label, said
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.4),
    Column("Group", "left", 1.4),
    Column("First treatment", "left", 1.0),
    Column("Last treatment", "left", 1.0),
    Column("End of study", "left", 1.0),
    Column("Reason", "left", 2.0),
    Column("Death", "left", 1.0),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every enrolled subject whose participation ended before the study did, and why."""
    subjects = subjects_in(adam, params, "enrolled")
    status = subjects["EOSSTT"] if "EOSSTT" in subjects else pd.Series("", subjects.index)
    gone = subjects[status == "DISCONTINUED"].sort_values("USUBJID")
    lines = [
        (
            said(record, "USUBJID"),
            group_label(record, params),
            dated(record, "TRTSDT"),
            dated(record, "TRTEDT"),
            dated(record, "EOSDT"),
            as_words(said(record, "DCSREAS") or said(record, "DCDECOD")),
            dated(record, "DTHDT"),
        )
        for record in gone.to_dict("records")
    ]
    return Listing(COLUMNS, tuple(lines))


DISPLAY = Display(
    name="discontinued-listing",
    kind="listing",
    section="16.2.1",
    order=10,
    title="Discontinued subjects",
    population="enrolled",
    audience=frozenset({"closed"}),
    datasets=("adsl",),
    draw=draw,
    source="ADSL",
)
