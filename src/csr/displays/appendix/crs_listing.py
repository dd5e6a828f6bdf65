"""Listing of every episode of CRS, ICANS and kindred syndromes."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.6),
    Column("Group", "left", 1.1),
    Column("Syndrome", "left", 0.9),
    Column("Infusion", "center", 0.7),
    Column("Onset (day)", "left", 1.1),
    Column("End (day)", "left", 1.1),
    Column("Days after\ninfusion", "center", 0.8),
    Column("Duration\n(days)", "center", 0.8),
    Column("Grade\nreported", "center", 0.8),
    Column("Grade from\ncomponents", "center", 0.9),
    Column("Why none,\nor difference", "left", 1.5),
    Column("Given", "left", 1.5),
)
GIVEN = {
    "TOCIFL": "tocilizumab",
    "STERFL": "corticosteroids",
    "VASOFL": "vasopressors",
    "ICUFL": "intensive care",
}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """By subject, in time."""
    own = with_group(adam["adce"], subjects_in(adam, params, "safety"))
    ordered = own.sort_values(["USUBJID", "ASTDT", "CESEQ"], kind="stable")
    return Listing(COLUMNS, tuple(_line(r, params) for r in ordered.to_dict("records")))


def _line(record: Record, params: Params) -> tuple[str, ...]:
    given = [name for flag, name in GIVEN.items() if said(record, flag) == "Y"]
    doses = said(record, "TOCIN")
    words = [
        f"{g} ({doses} doses)" if g == "tocilizumab" and doses not in ("", "1") else g
        for g in given
    ]
    return (
        said(record, "USUBJID"),
        group_label(record, params),
        said(record, "ACAT1"),
        said(record, "AINFN"),
        dated(record, "ASTDT", "ASTDY", "ASTDTF"),
        dated(record, "AENDT", "AENDY"),
        said(record, "AINFDY"),
        said(record, "ADURN"),
        said(record, "ATOXGR"),
        said(record, "ATOXGRA"),
        "differs" if said(record, "ADIFFL") == "Y" else said(record, "AGRREAS"),
        "; ".join(words),
    )


DISPLAY = Display(
    name="crs-listing",
    kind="listing",
    section="16.2.7",
    order=60,
    title="Episodes of CRS, ICANS and kindred syndromes",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adce"),
    draw=draw,
    footnotes=(
        "Day: study day, day 1 is that of the first infusion. Days after infusion: from the "
        "latest, whose day is 0. [D], [M]: imputed. No end: it had not ended at the data cut-off.",
    ),
    source="ADCE",
)
