"""Listing of vital signs beyond the limits."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.listing_cells import (
    Listed,
    in_order,
    listed_needs,
    listing_of,
    said,
    shown,
    shown_date,
    subject_and_group,
)
from csr.endpoints.laboratory.measurements import ABNORMAL
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs, reads

COLUMNS = (
    *subject_and_group(1.6, 1.2),
    shown(Column("Vital sign", "left", 2.0), "PARAM"),
    shown(Column("Visit", "left", 1.2), "AVISIT"),
    shown_date(Column("Date (day)", "left", 1.2), "ADT", "ADY", "ADTF"),
    shown(Column("Days after\ninfusion", "center", 0.8), "AINFDY"),
    shown(Column("Value", "right", 0.8), "AVAL"),
    shown(Column("Baseline", "right", 0.8), "BASE"),
    Listed(Column("Limit", "center", 0.8), (), lambda r, p: said(r, "ANRIND").lower()),
)
ORDER = ("USUBJID", "PARAM", "ADT", "VSSEQ")


def needs(params: Params) -> Needs:
    """The values that are analysed, and which of them are abnormal."""
    own = subject_needs(params, "safety") + reads("advs", "PARAM", "AVAL", "ANRIND", "ANL01FL")
    return own + listed_needs("advs", COLUMNS, ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """By subject, vital sign and time."""
    own = with_group(adam["advs"], subjects_in(adam, params, "safety"))
    beyond = own[own["ANRIND"].isin(["LOW", "HIGH"]) & (own["ANL01FL"] == "Y")]
    return listing_of(COLUMNS, in_order(beyond, *ORDER).to_dict("records"), set(own), params)


DISPLAY = Display(
    name="vitals-listing",
    kind="listing",
    section="16.2.8",
    order=20,
    title="Vital signs beyond the limits",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(ABNORMAL,),
    needs=needs,
    draw=draw,
    footnotes=("Limits are those of params (measurements.limits).",),
    source="ADVS",
)
