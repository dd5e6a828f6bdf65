"""Listing of protocol deviations by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import dated, group_label, said
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.4),
    Column("Group", "left", 1.4),
    Column("Date\n(day)", "left", 1.0),
    Column("Category", "left", 1.6),
    Column("Importance", "left", 1.1),
    Column("Deviation", "left", 3.2),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every deviation of the enrolled subjects in the order of subject and date."""
    deviations = with_group(adam["addv"], subjects_in(adam, params, "enrolled"))
    ordered = deviations.sort_values(["USUBJID", "ADT", "DVSEQ"], kind="stable")
    lines = [
        (
            said(record, "USUBJID"),
            group_label(record, params),
            dated(record, "ADT", "ADY"),
            as_words(said(record, "DVCAT")),
            as_words(said(record, "DVSCAT")),
            said(record, "DVTERM"),
        )
        for record in ordered.to_dict("records")
    ]
    return Listing(COLUMNS, tuple(lines))


DISPLAY = Display(
    name="deviation-listing",
    kind="listing",
    section="16.2.2",
    order=10,
    title="Protocol deviations by subject",
    population="enrolled",
    audience=frozenset({"closed"}),
    datasets=(
        "adsl",
        "addv",
    ),
    draw=draw,
    footnotes=("Day 1 is the day of the first infusion.",),
    source="ADDV",
)
