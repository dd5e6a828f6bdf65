"""Listing of demographic and baseline data by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import (
    Listed,
    Record,
    dated,
    listed_needs,
    listing_of,
    said,
    shown,
    shown_date,
    subject_and_group,
)
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.results import Adam, Needs

UNITS = {"YEARS": "", "": ""}
COLUMNS = (
    *subject_and_group(1.5, 1.3),
    Listed(Column("Age", "left", 0.6), ("AGE",), lambda r, p: _age(r), ("AGEU",)),
    shown(Column("Sex", "left", 0.5), "SEX"),
    Listed(Column("Race /\nEthnicity", "left", 1.5), ("RACE", "ETHNIC"), lambda r, p: _origin(r)),
    Listed(
        Column("Consent", "left", 1.0),
        ("RFICDT", "RFICDTC"),
        lambda r, p: dated(r, "RFICDT") or said(r, "RFICDTC")[:10],
    ),
    shown_date(Column("First treatment", "left", 1.0), "TRTSDT"),
)


def _age(record: Record) -> str:
    age, unit = said(record, "AGE"), said(record, "AGEU")
    return f"{age} {UNITS.get(unit, unit.lower())}".strip() if age else ""


def _origin(record: Record) -> str:
    origin = [as_words(said(record, c)) for c in ("RACE", "ETHNIC")]
    return " /\n".join(part for part in origin if part)


def columns_of(params: Params) -> tuple[Listed, ...]:
    """The columns; the last tells the characteristics of the protocol."""
    names = tuple(params.protocol.characteristics) if params.protocol else ()
    if not names:
        return COLUMNS
    return (
        *COLUMNS,
        Listed(
            Column("Baseline characteristics", "left", 4.2),
            names,
            lambda r, p: "; ".join(f"{c}: {as_words(said(r, c))}" for c in names if said(r, c)),
        ),
    )


def needs(params: Params) -> Needs:
    """The subjects as they are told."""
    return subject_needs(params, "enrolled") + listed_needs("adsl", columns_of(params))


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every enrolled subject with what is known of them before treatment."""
    subjects = subjects_in(adam, params, "enrolled").sort_values("USUBJID")
    return listing_of(columns_of(params), subjects.to_dict("records"), set(subjects), params)


DISPLAY = Display(
    name="demographics-listing",
    kind="listing",
    section="16.2.4",
    order=10,
    title="Demographic and baseline data by subject",
    population="enrolled",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "Age in years, if no other unit is given. Characteristics by their variable in ADSL; one "
        "that is not known of a subject is not named.",
    ),
    source="ADSL",
)
