"""Listing of demographic and baseline data by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.5),
    Column("Group", "left", 1.3),
    Column("Age", "left", 0.6),
    Column("Sex", "left", 0.5),
    Column("Race /\nEthnicity", "left", 1.5),
    Column("Consent", "left", 1.0),
    Column("First treatment", "left", 1.0),
    Column("Baseline characteristics", "left", 4.2),
)
UNITS = {"YEARS": "", "": ""}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every enrolled subject with what is known of them before treatment."""
    subjects = subjects_in(adam, params, "enrolled").sort_values("USUBJID")
    names = list(params.protocol.characteristics) if params.protocol else []
    names = [name for name in names if name in subjects]
    lines = tuple(_cells(record, names, params) for record in subjects.to_dict("records"))
    return Listing(COLUMNS, lines)


def _cells(record: Record, names: list[str], params: Params) -> tuple[str, ...]:
    age = said(record, "AGE")
    unit = said(record, "AGEU")
    origin = [as_words(said(record, c)) for c in ("RACE", "ETHNIC")]
    consent = dated(record, "RFICDT") or said(record, "RFICDTC")[:10]
    known = [f"{name}: {as_words(said(record, name))}" for name in names if said(record, name)]
    return (
        said(record, "USUBJID"),
        group_label(record, params),
        " ".join(part for part in (age, UNITS.get(unit, unit.lower()) if age else "") if part),
        said(record, "SEX"),
        " /\n".join(part for part in origin if part),
        consent,
        dated(record, "TRTSDT"),
        "; ".join(known),
    )


DISPLAY = Display(
    name="demographics-listing",
    kind="listing",
    section="16.2.4",
    order=10,
    title="Demographic and baseline data by subject",
    population="enrolled",
    audience=frozenset({"closed"}),
    datasets=("adsl",),
    draw=draw,
    footnotes=(
        "Age in years, if no other unit is given. Characteristics by their variable in ADSL; one "
        "that is not known of a subject is not named.",
    ),
    source="ADSL",
)
