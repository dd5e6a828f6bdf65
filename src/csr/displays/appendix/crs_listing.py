"""Listing of every episode of CRS, ICANS and kindred syndromes."""

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
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs, reads

GIVEN = {
    "TOCIFL": "tocilizumab",
    "STERFL": "corticosteroids",
    "VASOFL": "vasopressors",
    "ICUFL": "intensive care",
}


def _given(record: Record) -> str:
    given = [name for flag, name in GIVEN.items() if said(record, flag) == "Y"]
    doses = said(record, "TOCIN")
    several = doses not in ("", "1")
    words = [f"{g} ({doses} doses)" if g == "tocilizumab" and several else g for g in given]
    return "; ".join(words)


COLUMNS = (
    *subject_and_group(1.6, 1.1),
    Listed(Column("Syndrome", "left", 0.9), (), lambda r, p: said(r, "ACAT1")),
    shown(Column("Infusion", "center", 0.7), "AINFN"),
    shown_date(Column("Onset (day)", "left", 1.1), "ASTDT", "ASTDY", "ASTDTF"),
    shown_date(Column("End (day)", "left", 1.1), "AENDT", "AENDY"),
    shown(Column("Days after\ninfusion", "center", 0.8), "AINFDY"),
    shown(Column("Duration\n(days)", "center", 0.8), "ADURN"),
    shown(Column("Grade\nreported", "center", 0.8), "ATOXGR"),
    shown(Column("Grade from\ncomponents", "center", 0.9), "ATOXGRA"),
    Listed(
        Column("Why none,\nor difference", "left", 1.5),
        ("AGRREAS", "ADIFFL"),
        lambda r, p: "differs" if said(r, "ADIFFL") == "Y" else said(r, "AGRREAS"),
    ),
    Listed(Column("Given", "left", 1.5), tuple(GIVEN), lambda r, p: _given(r), ("TOCIN",)),
)
ORDER = ("USUBJID", "ASTDT", "CESEQ")


def needs(params: Params) -> Needs:
    """The episodes as they are told."""
    own = subject_needs(params, "safety") + reads("adce", "ACAT1")
    return own + listed_needs("adce", COLUMNS, ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """By subject, in time."""
    own = with_group(adam["adce"], subjects_in(adam, params, "safety"))
    return listing_of(COLUMNS, in_order(own, *ORDER).to_dict("records"), set(own), params)


DISPLAY = Display(
    name="crs-listing",
    kind="listing",
    section="16.2.7",
    order=60,
    title="Episodes of CRS, ICANS and kindred syndromes",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "Day: study day, day 1 is that of the first infusion. Days after infusion: from the "
        "latest, whose day is 0. [D], [M]: imputed. No end: it had not ended at the data cut-off.",
    ),
    source="ADCE",
)
