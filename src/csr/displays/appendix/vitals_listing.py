"""Listing of vital signs beyond the limits."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.laboratory.measurements import ABNORMAL
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.6),
    Column("Group", "left", 1.2),
    Column("Vital sign", "left", 2.0),
    Column("Visit", "left", 1.2),
    Column("Date (day)", "left", 1.2),
    Column("Days after\ninfusion", "center", 0.8),
    Column("Value", "right", 0.8),
    Column("Baseline", "right", 0.8),
    Column("Limit", "center", 0.8),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """By subject, vital sign and time."""
    own = with_group(adam["advs"], subjects_in(adam, params, "safety"))
    beyond = own[own["ANRIND"].isin(["LOW", "HIGH"]) & (own["ANL01FL"] == "Y")]
    order = ["USUBJID", "PARAM", "ADT", "VSSEQ"]
    rows = beyond.sort_values(order, kind="stable").to_dict("records")
    return Listing(COLUMNS, tuple(_line(record, params) for record in rows))


def _line(record: Record, params: Params) -> tuple[str, ...]:
    return (
        said(record, "USUBJID"),
        group_label(record, params),
        said(record, "PARAM"),
        said(record, "AVISIT"),
        dated(record, "ADT", "ADY", "ADTF"),
        said(record, "AINFDY"),
        said(record, "AVAL"),
        said(record, "BASE"),
        said(record, "ANRIND").lower(),
    )


DISPLAY = Display(
    name="vitals-listing",
    kind="listing",
    section="16.2.8",
    order=20,
    title="Vital signs beyond the limits",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(ABNORMAL,),
    datasets=("adsl", "advs"),
    draw=draw,
    footnotes=("Limits are those of params (measurements.limits).",),
    source="ADVS",
)
