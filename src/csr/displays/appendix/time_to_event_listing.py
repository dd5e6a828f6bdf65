"""Listing of times to event by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.displays.tables.efficacy_listing import day, listed, measure, text
from csr.params import Params
from csr.results import Adam

COLUMNS = (
    Column("Subject", "left", 1.4),
    Column("Group", "left", 1.3),
    Column("Endpoint", "left", 2.4),
    Column("Start", "left", 1.0),
    Column("End", "left", 1.0),
    Column("Time\n(days)", "right", 0.7),
    Column("Status", "left", 0.9),
    Column("Event, or reason\nfor censoring", "left", 2.0),
    Column("Censored at", "left", 1.6),
    Column("Source", "left", 1.4),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """The record of each declared endpoint, by subject."""
    declared = [params.endpoints.of(e.name) for e in params.endpoints.declared]
    codes = {e.paramcd for e in declared if e is not None}
    adtte = adam["adtte"]
    order = ("USUBJID", "PARAMCD")
    lines = [_cells(r) for r in listed(adam, params, adtte[adtte["PARAMCD"].isin(codes)], order)]
    return Listing(COLUMNS, tuple(lines))


def _cells(record: dict[str, object]) -> tuple[str, ...]:
    censored = record["CNSR"]
    status = "Censored" if isinstance(censored, float | int) and censored >= 0.5 else "Event"
    source = " ".join(part for part in (text(record, "SRCDOM"), text(record, "SRCVAR")) if part)
    return (
        text(record, "USUBJID"),
        text(record, "TRTA"),
        text(record, "PARAM"),
        day(record, "STARTDT"),
        day(record, "ADT"),
        measure(record, "AVAL", 0),
        status,
        text(record, "EVNTDESC"),
        text(record, "CNSDTDSC"),
        source,
    )


DISPLAY = Display(
    name="time-to-event-listing",
    kind="listing",
    section="16.2.6",
    order=30,
    title="Times to event by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=("Time: end − start + 1. Source: the record the end was taken from.",),
    source="ADTTE",
)
