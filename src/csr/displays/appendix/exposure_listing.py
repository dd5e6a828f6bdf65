"""Listing of every administration by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
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
from csr.endpoints.disposition.exposure import STUDY_TREATMENT
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs, reads, reads_if_there
from csr.rounding import fmt_number

QUALITY = ("VIAB", "TRANSD")
MILLION = 1e6
PLAN, MADE = "PLAN", "QUALITY"  # beside the records of ADEX, where plan and quality are known


def _dose(record: Record) -> str:
    unit = said(record, "AVALU")
    amount = record.get("AVAL")
    if not isinstance(amount, float) or amount != amount:
        return ""
    if unit == "CELLS":
        return f"{fmt_number(amount / MILLION, 1)} × 10⁶ cells"
    return f"{amount:g} {unit}".strip()


COLUMNS = (
    *subject_and_group(1.5, 1.3),
    Listed(Column("Component", "left", 1.5), (), lambda r, p: as_words(said(r, "PARCAT1"))),
    shown(Column("Treatment", "left", 1.8), "EXTRT"),
    shown(Column("Infusion", "left", 0.7), "AINFN"),
    shown_date(Column("Start\n(day)", "left", 1.1), "ASTDT", "ASTDY", "ADTF"),
    shown_date(Column("End\n(day)", "left", 1.1), "AENDT", "AENDY"),
    Listed(Column("Dose", "left", 1.3), (), lambda r, p: _dose(r)),
)
OF_PLAN = Listed(Column("Percent\nof plan", "left", 0.8), (PLAN,), lambda r, p: said(r, PLAN))
OF_QUALITY = Listed(
    Column("Viability /\ntransduction (%)", "left", 1.2), (MADE,), lambda r, p: said(r, MADE)
)
ORDER = ("USUBJID", "ASTDT", "EXSEQ")


def needs(params: Params) -> Needs:
    """The doses as they are told; the quality of the product where manufacturing is derived."""
    own = reads("adex", "USUBJID", "PARAMCD", "PARCAT1", "AVAL", "AVALU")
    made = reads_if_there(
        "admfg",
        "the column 'Viability / transduction (%)' is left out",
        *("USUBJID", "PARAMCD", "AINFN", "AVAL"),
    )
    return subject_needs(params, "safety") + own + listed_needs("adex", COLUMNS, ORDER) + made


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every dose of the safety subjects in the order of subject, start and sequence."""
    given = with_group(adam["adex"], subjects_in(adam, params, "safety"))
    doses = in_order(given[given["PARAMCD"] == "DOSE"], *ORDER)
    columns, there = list(COLUMNS), {*doses, PLAN, MADE}
    if "AINFN" in doses:
        doses = doses.assign(**{PLAN: _of_plan(doses, given)})
        columns.append(OF_PLAN)
        if "admfg" in adam:
            doses = doses.assign(**{MADE: _quality(doses, adam["admfg"])})
            columns.append(OF_QUALITY)
    return listing_of(columns, doses.to_dict("records"), there, params)


def _of_plan(doses: pd.DataFrame, given: pd.DataFrame) -> pd.Series:
    """Percent of the dose planned, beside the doses of the first infusion."""
    percent = given[given["PARAMCD"] == "PCTDOSE"].set_index("USUBJID")["AVAL"].to_dict()
    known = doses["USUBJID"].map(percent).astype(float)
    first = (doses["PARCAT1"] == STUDY_TREATMENT) & (doses["AINFN"] == 1)
    return known.where(first).map(lambda v: "" if pd.isna(v) else fmt_number(v, 1))


def _quality(doses: pd.DataFrame, made: pd.DataFrame) -> pd.Series:
    """Viability and transduction of the product of each infusion, in percent."""
    own = made[made["PARAMCD"].isin(QUALITY)]
    keys = zip(own["USUBJID"], own["AINFN"].astype(float), own["PARAMCD"], strict=True)
    percent = dict(zip(keys, own["AVAL"].astype(float), strict=True))
    cells = []
    for subject, number in zip(doses["USUBJID"], doses["AINFN"].astype(float), strict=True):
        found = [percent.get((subject, number, code)) for code in QUALITY]
        cells.append(" / ".join(fmt_number(v, 1) for v in found if v is not None))
    return pd.Series(cells, index=doses.index, dtype=object)


DISPLAY = Display(
    name="exposure-listing",
    kind="listing",
    section="16.2.5",
    order=10,
    title="Exposure by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "Day 1 is the day of the first infusion or dose; there is no day 0. Percent of plan: of "
        "the first infusion. [D], [M]: day, or day and month, of the date imputed.",
    ),
    source="ADEX",
)
