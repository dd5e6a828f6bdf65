"""Listing of tumour responses by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.efficacy_listing import day, text
from csr.displays.tables.listing_cells import (
    Listed,
    in_order,
    listed_needs,
    listing_of,
    shown,
    subject_and_group,
)
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.params.endpoints import ResponseEndpoint
from csr.results import Adam, Needs, reads

SHOWN = ("OVR", "BOR", "CBOR")
COLUMNS = (
    *subject_and_group(1.4, 1.3),
    Listed(
        Column("Evaluator", "left", 1.4),
        ("RSEVAL",),
        lambda r, p: text(r, "RSEVAL").capitalize(),
    ),
    shown(Column("Parameter", "left", 2.4), "PARAM"),
    Listed(Column("Visit", "left", 1.1), ("VISIT",), lambda r, p: text(r, "VISIT").capitalize()),
    Listed(
        Column("Date (day)", "left", 1.5), ("ADT",), lambda r, p: day(r, "ADT", "ADY"), ("ADY",)
    ),
    Listed(Column("Response", "center", 1.2), (), lambda r, p: text(r, "AVALC")),
    shown(Column("Counts for\nbest response", "center", 0.9), "ANL01FL"),
    Listed(Column("Confirmed\non", "left", 1.0), ("CONFDT",), lambda r, p: day(r, "CONFDT")),
    shown(Column("Why not evaluable", "left", 1.6), "NEREAS"),
)
ORDER = ("USUBJID", "RSEVAL", "PARAMCD", "ADT")


def needs(params: Params) -> Needs:
    """The responses as they are told."""
    own = subject_needs(params, "safety") + reads("adrs", "PARAMCD", "AVALC")
    return own + listed_needs("adrs", COLUMNS, ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Each timepoint response and each best response, by subject and evaluator."""
    wanted = {e.paramcd for e in _declared(params)} | set(SHOWN)
    adrs = adam["adrs"][adam["adrs"]["PARAMCD"].isin(wanted)]
    own = with_group(adrs, subjects_in(adam, params, "safety"))
    return listing_of(COLUMNS, in_order(own, *ORDER).to_dict("records"), set(own), params)


def _declared(params: Params) -> list[ResponseEndpoint]:
    own = params.endpoints
    return [e for e in (own.bor, own.bor_unconfirmed, own.bor_other) if e is not None]


DISPLAY = Display(
    name="responses-listing",
    kind="listing",
    section="16.2.6",
    order=20,
    title="Tumour responses by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "Best responses carry the date of the assessment that gave them. "
        "Counts for best response: before new anticancer therapy, up to the first progression.",
    ),
    source="ADRS",
)
