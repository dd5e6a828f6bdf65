"""Listing of the sums of target lesions by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.efficacy_listing import day, listed, measure, text
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.4),
    Column("Group", "left", 1.3),
    Column("Evaluator", "left", 1.4),
    Column("Visit", "left", 1.1),
    Column("Date (day)", "left", 1.5),
    Column("Lesions measured", "left", 1.9),
    Column("Complete", "center", 0.8),
    Column("Sum\n(mm)", "right", 0.7),
    Column("Change from\nbaseline (%)", "right", 1.0),
    Column("Change from\nnadir (%)", "right", 1.0),
    Column("Target\nresponse", "center", 0.8),
)
SUMS = ("AVAL", "PCHG", "PCHGNAD")


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every sum of every evaluator, in the order of subject, evaluator and date."""
    order = ("USUBJID", "TREVAL", "ADT", "AVISITN")
    lines = [
        (
            text(r, "USUBJID"),
            text(r, "TRTA"),
            text(r, "TREVAL").capitalize(),
            text(r, "AVISIT").capitalize() + (" [B]" if r.get("ABLFL") == "Y" else ""),
            day(r, "ADT", "ADY"),
            text(r, "LSASS"),
            text(r, "ANL01FL"),
            *(measure(r, column, 1) if _has_sum(r) else "" for column in SUMS),
            text(r, "TRGRESP"),
        )
        for r in listed(adam, params, adam["adtr"], order)
    ]
    return Listing(COLUMNS, tuple(lines))


def _has_sum(record: dict[str, object]) -> bool:
    """Whether every lesion was measured, or those that were prove progression."""
    return record.get("ANL01FL") == "Y" or record.get("TRGRESP") == "PD"


DISPLAY = Display(
    name="lesions-listing",
    kind="listing",
    section="16.2.6",
    order=10,
    title="Sums of target lesion diameters by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adtr"),
    draw=draw,
    footnotes=(
        "[B]: baseline. Complete: every lesion of the baseline was measured; else there is a sum "
        "only where the lesions that were measured prove progression. "
        "Target response by the thresholds of RECIST 1.1 on the measurements.",
    ),
    source="ADTR",
)
