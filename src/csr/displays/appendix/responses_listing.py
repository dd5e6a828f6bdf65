"""Listing of tumour responses by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.efficacy_listing import day, listed, text
from csr.params import Params
from csr.params.endpoints import ResponseEndpoint
from csr.results import Adam

SHOWN = ("OVR", "BOR", "CBOR")
COLUMNS = (
    Column("Subject", "left", 1.4),
    Column("Group", "left", 1.3),
    Column("Evaluator", "left", 1.4),
    Column("Parameter", "left", 2.4),
    Column("Visit", "left", 1.1),
    Column("Date (day)", "left", 1.5),
    Column("Response", "center", 1.2),
    Column("Counts for\nbest response", "center", 0.9),
    Column("Confirmed\non", "left", 1.0),
    Column("Why not evaluable", "left", 1.6),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Each timepoint response and each best response, by subject and evaluator."""
    adrs = adam["adrs"]
    wanted = {e.paramcd for e in _declared(params)} | set(SHOWN)
    shown = adrs[adrs["PARAMCD"].isin(wanted)]
    order = ("USUBJID", "RSEVAL", "PARAMCD", "ADT")
    lines = [
        (
            text(r, "USUBJID"),
            text(r, "TRTA"),
            text(r, "RSEVAL").capitalize(),
            text(r, "PARAM"),
            text(r, "VISIT").capitalize(),
            day(r, "ADT", "ADY"),
            text(r, "AVALC"),
            text(r, "ANL01FL"),
            day(r, "CONFDT"),
            text(r, "NEREAS"),
        )
        for r in listed(adam, params, shown, order)
    ]
    return Listing(COLUMNS, tuple(lines))


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
    datasets=("adsl", "adrs"),
    draw=draw,
    footnotes=(
        "Best responses carry the date of the assessment that gave them. "
        "Counts for best response: before new anticancer therapy, up to the first progression.",
    ),
    source="ADRS",
)
