"""Listing of every administration by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.layout import as_words
from csr.displays.tables.listing_cells import Record, dated, group_label, said
from csr.endpoints.disposition.exposure import STUDY_TREATMENT
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_number

COLUMNS = (
    Column("Subject", "left", 1.5),
    Column("Group", "left", 1.3),
    Column("Component", "left", 1.5),
    Column("Treatment", "left", 1.8),
    Column("Infusion", "left", 0.7),
    Column("Start\n(day)", "left", 1.1),
    Column("End\n(day)", "left", 1.1),
    Column("Dose", "left", 1.3),
    Column("Percent\nof plan", "left", 0.8),
    Column("Viability /\ntransduction (%)", "left", 1.2),
)
QUALITY = ("VIAB", "TRANSD")
MILLION = 1e6


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every dose of the safety subjects in the order of subject, start and sequence."""
    given = with_group(adam["adex"], subjects_in(adam, params, "safety"))
    doses = given[given["PARAMCD"] == "DOSE"]
    ordered = doses.sort_values(
        [c for c in ("USUBJID", "ASTDT", "EXSEQ") if c in doses], kind="stable"
    )
    plan = given[given["PARAMCD"] == "PCTDOSE"].set_index("USUBJID")["AVAL"].to_dict()
    quality = _quality(adam)
    return Listing(
        COLUMNS,
        tuple(_cells(r, plan, quality, params) for r in ordered.to_dict("records")),
    )


def _quality(adam: Adam) -> dict[tuple[str, float, str], float]:
    """Subject, infusion and parameter → percent, where manufacturing is derived."""
    if "admfg" not in adam:
        return {}
    made = adam["admfg"]
    own = made[made["PARAMCD"].isin(QUALITY)]
    keys = zip(own["USUBJID"], own["AINFN"].astype(float), own["PARAMCD"], strict=True)
    return dict(zip(keys, own["AVAL"].astype(float), strict=True))


def _cells(
    record: Record,
    plan: dict[str, float],
    quality: dict[tuple[str, float, str], float],
    params: Params,
) -> tuple[str, ...]:
    subject, infusion = said(record, "USUBJID"), said(record, "AINFN")
    first = said(record, "PARCAT1") == STUDY_TREATMENT and infusion == "1"
    number = float(infusion) if infusion else 0.0
    measured = [quality.get((subject, number, code)) for code in QUALITY]
    return (
        subject,
        group_label(record, params),
        as_words(said(record, "PARCAT1")),
        said(record, "EXTRT"),
        infusion,
        dated(record, "ASTDT", "ASTDY", "ADTF"),
        dated(record, "AENDT", "AENDY"),
        _dose(record),
        fmt_number(plan[subject], 1) if first and subject in plan else "",
        " / ".join(fmt_number(m, 1) for m in measured if m is not None),
    )


def _dose(record: Record) -> str:
    unit = said(record, "AVALU")
    amount = record.get("AVAL")
    if not isinstance(amount, float) or amount != amount:
        return ""
    if unit == "CELLS":
        return f"{fmt_number(amount / MILLION, 1)} × 10⁶ cells"
    return f"{amount:g} {unit}".strip()


DISPLAY = Display(
    name="exposure-listing",
    kind="listing",
    section="16.2.5",
    order=10,
    title="Exposure by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adex"),
    draw=draw,
    footnotes=(
        "Day 1 is the day of the first infusion or dose; there is no day 0. Percent of plan: of "
        "the first infusion. [D], [M]: day, or day and month, of the date imputed.",
    ),
    source="ADEX",
)
