"""Listing of every sample of the cellular kinetics."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.kinetics_cells import ORDER, RESULT, dated_columns, listed
from csr.displays.tables.listing_cells import Listed, Record, listed_needs, listing_of, said, shown
from csr.endpoints.populations import subject_needs
from csr.params import Params
from csr.results import Adam, Needs, reads


def _remarks(record: Record) -> str:
    remarks = [
        word
        for column, word in (("PREDOSFL", "pre-dose"), ("REPFL", "replicate"))
        if record.get(column) == "Y"
    ]
    if said(record, "DTYPE"):
        remarks[-1:] = [f"{said(record, 'DTYPE').lower()} of replicates"]
    if said(record, "REASEXC"):
        remarks.append("not used")
    return ", ".join(remarks)


COLUMNS = (
    *dated_columns(shown(Column("Visit", "left", 1.3), "AVISIT")),
    shown(Column("Unit", "left", 0.9), "AVALU"),
    shown(Column("LLOQ", "right", 0.65), "LLOQ"),
    Listed(
        Column("Remarks", "left", 1.2),
        ("PREDOSFL", "REPFL", "DTYPE", "REASEXC"),
        lambda r, p: _remarks(r),
    ),
)


def needs(params: Params) -> Needs:
    """The samples as they are told, where the kinetics are analysed."""
    own = reads("adpc", "USUBJID", "AVAL") + RESULT + listed_needs("adpc", COLUMNS, ORDER)
    return subject_needs(params, "safety") + reads("adpp", "USUBJID") + own


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """All samples of the safety subjects, and a line for each set of replicates."""
    samples = adam["adpc"]
    return listing_of(COLUMNS, listed(samples, adam, params), set(samples), params)


DISPLAY = Display(
    name="kinetics-listing",
    kind="listing",
    section="16.2.5",
    order=30,
    title="Cellular kinetics by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "BLQ: below the lower limit of quantification (LLOQ). <LOD: below the limit of detection. "
        "Negative days: before the infusion. Not used: see the listing of samples left out.",
    ),
    source="ADPC",
)
