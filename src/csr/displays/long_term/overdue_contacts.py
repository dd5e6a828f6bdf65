"""Listing of subjects whose yearly contact is overdue at the cut-off."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.long_term.contacts import CONTACTS, POPULATION, contacts_of
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs, reads

COLUMNS = (
    ("USUBJID", Column("Subject", "left", 1.8)),
    ("TRTA", Column("Group", "left", 1.4)),
    ("TRTSDT", Column("First infusion", "left", 1.2)),
    ("AVISIT", Column("Contact", "left", 0.9)),
    ("DUEDT", Column("Due", "left", 1.2)),
    ("OVERDY", Column("Days overdue", "right", 0.9)),
    ("LASTDT", Column("Last contact", "left", 1.2)),
)
DATES = {"TRTSDT": "", "DUEDT": "", "LASTDT": "none"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """The earliest overdue contact of each subject, the longest overdue first."""
    subjects = subjects_in(adam, params, POPULATION)
    own = contacts_of(with_group(adam["adltf"], subjects))
    late = own[own["AVALC"] == "OVERDUE"].sort_values("AVISITN").drop_duplicates("USUBJID")
    order = late.sort_values(["OVERDY", "USUBJID"], ascending=[False, True], kind="stable")
    shown = [(name, column) for name, column in COLUMNS if name in order]
    lines = ([_cell(r, name, params) for name, _ in shown] for r in order.to_dict("records"))
    return Listing(tuple(column for _, column in shown), tuple(map(tuple, lines)))


def _cell(record: Record, name: str, params: Params) -> str:
    if name == "TRTA":
        return group_label(record, params)
    return (dated(record, name) or DATES[name]) if name in DATES else said(record, name)


def needs(params: Params) -> Needs:
    """The contacts that are overdue; columns of the listing beside them can be done without."""
    said_of = {"TRTSDT": "the first infusion", "AVISIT": "the contact", "DUEDT": "the due date"}
    said_of["LASTDT"] = "the last contact"
    without = {name: f"{what} is not listed" for name, what in said_of.items()}
    own = reads("adltf", "USUBJID", "PARAMCD", "AVISITN", "AVALC", "OVERDY", **without)
    return subject_needs(params, POPULATION) + own


DISPLAY = Display(
    name="overdue-contacts",
    kind="listing",
    section="14.5",
    order=50,
    title="Contacts overdue at the data cut-off",
    population="long-term",
    audience=frozenset({"closed"}),
    analyses=(CONTACTS,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Days from the due date to the data cut-off; the earliest overdue contact of each.",
    ),
    source="ADLTF",
)
