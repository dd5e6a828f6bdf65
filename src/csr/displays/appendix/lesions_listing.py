"""Listing of the sums of target lesions by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.efficacy_listing import day, measure, text
from csr.displays.tables.listing_cells import (
    Listed,
    Record,
    in_order,
    listed_needs,
    listing_of,
    shown,
    subject_and_group,
)
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs, reads

SUMS = {
    "AVAL": Column("Sum\n(mm)", "right", 0.7),
    "PCHG": Column("Change from\nbaseline (%)", "right", 1.0),
    "PCHGNAD": Column("Change from\nnadir (%)", "right", 1.0),
}


def _visit(record: Record, params: Params) -> str:
    baseline = " [B]" if record.get("ABLFL") == "Y" else ""
    return text(record, "AVISIT").capitalize() + baseline


def _sum(column: Column, variable: str) -> Listed:
    """A sum, where every lesion was measured, or those that were prove progression."""

    def told(record: Record, params: Params) -> str:
        proven = record.get("ANL01FL") == "Y" or record.get("TRGRESP") == "PD"
        return measure(record, variable, 1) if proven else ""

    return Listed(column, (variable,), told)


COLUMNS = (
    *subject_and_group(1.4, 1.3),
    Listed(
        Column("Evaluator", "left", 1.4),
        ("TREVAL",),
        lambda r, p: text(r, "TREVAL").capitalize(),
    ),
    Listed(Column("Visit", "left", 1.1), ("AVISIT",), _visit, ("ABLFL",)),
    Listed(
        Column("Date (day)", "left", 1.5), ("ADT",), lambda r, p: day(r, "ADT", "ADY"), ("ADY",)
    ),
    shown(Column("Lesions measured", "left", 1.9), "LSASS"),
    shown(Column("Complete", "center", 0.8), "ANL01FL"),
    *(_sum(column, variable) for variable, column in SUMS.items()),
    shown(Column("Target\nresponse", "center", 0.8), "TRGRESP"),
)
ORDER = ("USUBJID", "TREVAL", "ADT", "AVISITN")


def needs(params: Params) -> Needs:
    """The sums as they are told; which are complete."""
    own = subject_needs(params, "safety") + reads("adtr", "USUBJID", "AVAL", "ANL01FL")
    return own + listed_needs("adtr", COLUMNS, ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every sum of every evaluator, in the order of subject, evaluator and date."""
    own = with_group(adam["adtr"], subjects_in(adam, params, "safety"))
    return listing_of(COLUMNS, in_order(own, *ORDER).to_dict("records"), set(own), params)


DISPLAY = Display(
    name="lesions-listing",
    kind="listing",
    section="16.2.6",
    order=10,
    title="Sums of target lesion diameters by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "[B]: baseline. Complete: every lesion of the baseline was measured; else there is a sum "
        "only where the lesions that were measured prove progression. "
        "Target response by the thresholds of RECIST 1.1 on the measurements.",
    ),
    source="ADTR",
)
