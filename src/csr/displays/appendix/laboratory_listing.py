"""Listing of laboratory results of grade 3 or more, and of those whose unit is in doubt."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.laboratory.laboratory import LAB_SEVERE
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam
from csr.rounding import decimals_of, fmt_number

COLUMNS = (
    Column("Subject", "left", 1.6),
    Column("Group", "left", 1.1),
    Column("Test", "left", 1.8),
    Column("Visit", "left", 1.1),
    Column("Date (day)", "left", 1.1),
    Column("Days after\ninfusion", "center", 0.8),
    Column("Value", "right", 0.8),
    Column("Limits", "left", 1.0),
    Column("Baseline", "right", 0.8),
    Column("Term", "left", 1.9),
    Column("Grade", "center", 0.6),
)
DIRECTIONS = ("L", "H")


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """By subject, test and time."""
    own = with_group(adam["adlb"], subjects_in(adam, params, "safety"))
    severe = pd.Series(False, index=own.index)
    for letter in DIRECTIONS:
        severe |= own[f"ATOXGR{letter}"].isin(["3", "4"])
    order = ["USUBJID", "PARAM", "ADT"]
    rows = own[severe].sort_values(order, kind="stable").to_dict("records")
    return Listing(COLUMNS, tuple(_line(record, params) for record in rows))


def _line(record: Record, params: Params) -> tuple[str, ...]:
    worst = max(DIRECTIONS, key=lambda d: said(record, f"ATOXGR{d}") or "0")
    limits = [_number(record.get(c)) for c in ("ANRLO", "ANRHI")]
    return (
        said(record, "USUBJID"),
        group_label(record, params),
        said(record, "PARAM"),
        said(record, "AVISIT"),
        dated(record, "ADT", "ADY", "ADTF"),
        said(record, "AINFDY"),
        f"{said(record, 'AQUAL')}{_number(record.get('AVAL'))}",
        " to ".join(limits) if any(limits) else "",
        f"{said(record, 'BQUAL')}{_number(record.get('BASE'))}",
        said(record, f"ATOXDSC{worst}"),
        ("≥ " if said(record, f"ATOXMN{worst}") == "Y" else "") + said(record, f"ATOXGR{worst}"),
    )


def _number(value: object) -> str:
    if not isinstance(value, float) or value != value:
        return ""
    return fmt_number(value, decimals_of([round(value, 3)]))


DISPLAY = Display(
    name="laboratory-listing",
    kind="listing",
    section="16.2.8",
    order=10,
    title="Laboratory results of grade 3 or more",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(LAB_SEVERE,),
    datasets=("adsl", "adlb"),
    draw=draw,
    footnotes=(
        "Values in the unit of the analysis; grade by CTCAE v5.0 (≥: at least). Every result is in "
        "ADLB, which comes with the report.",
    ),
    source="ADLB",
)
