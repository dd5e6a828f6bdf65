"""Listing of laboratory results of grade 3 or more, and of those whose unit is in doubt."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.listing_cells import (
    Listed,
    Record,
    in_order,
    listed_needs,
    listing_of,
    said,
    shown,
    shown_date,
    subject_and_group,
)
from csr.endpoints.laboratory.laboratory import LAB_SEVERE
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs, reads
from csr.rounding import decimals_of, fmt_number

DIRECTIONS = ("L", "H")
GRADES = tuple(f"ATOXGR{letter}" for letter in DIRECTIONS)


def _number(value: object) -> str:
    if not isinstance(value, float) or value != value:
        return ""
    return fmt_number(value, decimals_of([round(value, 3)]))


def _limits(record: Record, params: Params) -> str:
    limits = [_number(record.get(c)) for c in ("ANRLO", "ANRHI")]
    return " to ".join(limits) if any(limits) else ""


def _worst(record: Record) -> str:
    return max(DIRECTIONS, key=lambda letter: said(record, f"ATOXGR{letter}") or "0")


def _grade(record: Record, params: Params) -> str:
    worst = _worst(record)
    least = "≥ " if said(record, f"ATOXMN{worst}") == "Y" else ""
    return least + said(record, f"ATOXGR{worst}")


COLUMNS = (
    *subject_and_group(1.6, 1.1),
    shown(Column("Test", "left", 1.8), "PARAM"),
    shown(Column("Visit", "left", 1.1), "AVISIT"),
    shown_date(Column("Date (day)", "left", 1.1), "ADT", "ADY", "ADTF"),
    shown(Column("Days after\ninfusion", "center", 0.8), "AINFDY"),
    Listed(
        Column("Value", "right", 0.8),
        ("AVAL",),
        lambda r, p: f"{said(r, 'AQUAL')}{_number(r.get('AVAL'))}",
        ("AQUAL",),
    ),
    Listed(Column("Limits", "left", 1.0), ("ANRLO", "ANRHI"), _limits),
    Listed(
        Column("Baseline", "right", 0.8),
        ("BASE",),
        lambda r, p: f"{said(r, 'BQUAL')}{_number(r.get('BASE'))}",
        ("BQUAL",),
    ),
    Listed(
        Column("Term", "left", 1.9),
        ("ATOXDSCL", "ATOXDSCH"),
        lambda r, p: said(r, f"ATOXDSC{_worst(r)}"),
    ),
    Listed(Column("Grade", "center", 0.6), (), _grade, ("ATOXMNL", "ATOXMNH")),
)
ORDER = ("USUBJID", "PARAM", "ADT")


def needs(params: Params) -> Needs:
    """The graded results as they are told."""
    own = subject_needs(params, "safety") + reads("adlb", "AVAL", *GRADES)
    return own + listed_needs("adlb", COLUMNS, ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """By subject, test and time."""
    own = with_group(adam["adlb"], subjects_in(adam, params, "safety"))
    severe = pd.concat([own[grade].isin(["3", "4"]) for grade in GRADES], axis=1).any(axis=1)
    return listing_of(COLUMNS, in_order(own[severe], *ORDER).to_dict("records"), set(own), params)


DISPLAY = Display(
    name="laboratory-listing",
    kind="listing",
    section="16.2.8",
    order=10,
    title="Laboratory results of grade 3 or more",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(LAB_SEVERE,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Values in the unit of the analysis; grade by CTCAE v5.0 (≥: at least). Every result is in "
        "ADLB, which comes with the report.",
    ),
    source="ADLB",
)
