"""Listing of every sample of the cellular kinetics."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.kinetics_cells import days, listed, value_of
from csr.displays.tables.listing_cells import Record, dated, said
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.5),
    Column("Group", "left", 1.2),
    Column("Specimen", "left", 0.9),
    Column("Infusion", "center", 0.75),
    Column("Visit", "left", 1.3),
    Column("Date\n(day)", "left", 1.05),
    Column("Days since\ninfusion", "right", 0.9),
    Column("Result", "right", 1.0),
    Column("Unit", "left", 0.9),
    Column("LLOQ", "right", 0.65),
    Column("Remarks", "left", 1.2),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """All samples of the safety subjects, and a line for each set of replicates."""
    return Listing(COLUMNS, tuple(_cells(r) for r in listed(adam["adpc"], adam, params)))


def _cells(record: Record) -> tuple[str, ...]:
    remarks = [
        word
        for column, word in (("PREDOSFL", "pre-dose"), ("REPFL", "replicate"))
        if record.get(column) == "Y"
    ]
    if said(record, "DTYPE"):
        remarks[-1:] = [f"{said(record, 'DTYPE').lower()} of replicates"]
    if said(record, "REASEXC"):
        remarks.append("not used")
    return (
        said(record, "USUBJID"),
        said(record, "GROUP"),
        said(record, "PCSPEC"),
        said(record, "AINFN"),
        said(record, "AVISIT"),
        dated(record, "ADT", "ADY"),
        days(record),
        value_of(record),
        said(record, "AVALU"),
        said(record, "LLOQ"),
        ", ".join(remarks),
    )


DISPLAY = Display(
    name="kinetics-listing",
    kind="listing",
    section="16.2.5",
    order=30,
    title="Cellular kinetics by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adpc", "adpp"),
    draw=draw,
    footnotes=(
        "BLQ: below the lower limit of quantification (LLOQ). <LOD: below the limit of detection. "
        "Negative days: before the infusion. Not used: see the listing of samples left out.",
    ),
    source="ADPC",
)
