"""Listing of the samples that the kinetics analysis does not use, each with its reason."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.kinetics_cells import ORDER, RESULT, dated_columns, listed
from csr.displays.tables.listing_cells import Listed, listed_needs, listing_of, said
from csr.endpoints.populations import subject_needs
from csr.params import Params
from csr.results import Adam, Needs, reads

VISIT = Listed(
    Column("Visit", "left", 1.4),
    ("VISIT", "AVISIT"),
    lambda r, p: said(r, "VISIT").strip() or said(r, "AVISIT"),
)
COLUMNS = (
    *dated_columns(VISIT),
    Listed(Column("Reason", "left", 3.2), (), lambda r, p: said(r, "REASEXC")),
)


def needs(params: Params) -> Needs:
    """The samples as they are told, which are not used and why, where kinetics are analysed."""
    own = reads("adpc", "USUBJID", "AVAL", "ANL01FL", "REASEXC") + RESULT
    told = listed_needs("adpc", COLUMNS, ORDER)
    return subject_needs(params, "all") + reads("adpp", "USUBJID") + own + told


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every sample without ANL01FL, of whatever subject, in the order of subject and time."""
    samples = adam["adpc"]
    left_out = samples[samples["ANL01FL"] != "Y"]
    records = listed(left_out, adam, params, population="all")
    return listing_of(COLUMNS, records, set(samples), params)


DISPLAY = Display(
    name="kinetics-excluded",
    kind="listing",
    section="16.2.5",
    order=40,
    title="Samples left out of the kinetics analysis, with the reason",
    population="all",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "BLQ: below the lower limit of quantification. <LOD: below the limit of detection. "
        "Negative days: before the infusion.",
    ),
    source="ADPC",
)
