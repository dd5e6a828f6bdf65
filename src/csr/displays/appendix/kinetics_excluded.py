"""Listing of the samples that the kinetics analysis does not use, each with its reason."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.kinetics_cells import days, listed, value_of
from csr.displays.tables.listing_cells import dated, said
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.5),
    Column("Group", "left", 1.2),
    Column("Specimen", "left", 0.9),
    Column("Infusion", "center", 0.75),
    Column("Visit", "left", 1.4),
    Column("Date\n(day)", "left", 1.05),
    Column("Days since\ninfusion", "right", 0.9),
    Column("Result", "right", 1.0),
    Column("Reason", "left", 3.2),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every sample without ANL01FL, of whatever subject, in the order of subject and time."""
    samples = adam["adpc"]
    flag = samples["ANL01FL"] if "REASEXC" in samples else pd.Series("Y", index=samples.index)
    left_out = samples[flag != "Y"]
    lines = [
        (
            *(said(r, c) for c in ("USUBJID", "GROUP", "PCSPEC", "AINFN")),
            said(r, "VISIT").strip() or said(r, "AVISIT"),
            dated(r, "ADT", "ADY"),
            days(r),
            value_of(r),
            said(r, "REASEXC"),
        )
        for r in listed(left_out, adam, params, population="all")
    ]
    return Listing(COLUMNS, tuple(lines))


DISPLAY = Display(
    name="kinetics-excluded",
    kind="listing",
    section="16.2.5",
    order=40,
    title="Samples left out of the kinetics analysis, with the reason",
    population="all",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adpc", "adpp"),
    draw=draw,
    footnotes=(
        "BLQ: below the lower limit of quantification. <LOD: below the limit of detection. "
        "Negative days: before the infusion.",
    ),
    source="ADPC",
)
