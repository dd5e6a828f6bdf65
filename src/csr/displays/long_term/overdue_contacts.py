"""Listing of subjects whose yearly contact is overdue at the cut-off."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.long_term.contacts import CONTACTS, contacts_of
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.8),
    Column("Group", "left", 1.4),
    Column("First infusion", "left", 1.2),
    Column("Contact", "left", 0.9),
    Column("Due", "left", 1.2),
    Column("Days overdue", "right", 0.9),
    Column("Last contact", "left", 1.2),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """The earliest overdue contact of each subject, the longest overdue first."""
    subjects = subjects_in(adam, params, "long-term")
    own = contacts_of(with_group(adam["adltf"], subjects))
    late = own[own["AVALC"] == "OVERDUE"].sort_values("AVISITN").drop_duplicates("USUBJID")
    order = late.sort_values(["OVERDY", "USUBJID"], ascending=[False, True], kind="stable")
    return Listing(COLUMNS, tuple(_line(r, params) for r in order.to_dict("records")))


def _line(record: Record, params: Params) -> tuple[str, ...]:
    return (
        said(record, "USUBJID"),
        group_label(record, params),
        dated(record, "TRTSDT"),
        said(record, "AVISIT"),
        dated(record, "DUEDT"),
        said(record, "OVERDY"),
        dated(record, "LASTDT") or "none",
    )


DISPLAY = Display(
    name="overdue-contacts",
    kind="listing",
    section="14.5",
    order=50,
    title="Contacts overdue at the data cut-off",
    population="long-term",
    audience=frozenset({"closed"}),
    analyses=(CONTACTS,),
    datasets=("adsl", "adltf"),
    draw=draw,
    footnotes=(
        "Days from the due date to the data cut-off; the earliest overdue contact of each.",
    ),
    source="ADLTF",
)
