"""Listing of times to event by subject."""

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
from csr.params.endpoints import Endpoint
from csr.results import Adam, Needs, reads
from csr.rounding import fmt_number


def _time(record: Record, params: Params) -> str:
    """Days; where the endpoint is delivered in months, those, so named."""
    value = record.get("AVAL")
    if not isinstance(value, int | float) or value != value:
        return ""
    months = {e.paramcd for e in _declared(params) if e.unit == "months"}
    if said(record, "PARAMCD") in months:
        return f"{fmt_number(float(value), 1)} months"
    return fmt_number(float(value), 0)


def _status(record: Record, params: Params) -> str:
    censored = record["CNSR"]
    return "Censored" if isinstance(censored, float | int) and censored >= 0.5 else "Event"


def _source(record: Record, params: Params) -> str:
    return " ".join(part for part in (said(record, c) for c in ("SRCDOM", "SRCVAR")) if part)


COLUMNS = (
    *subject_and_group(1.4, 1.3),
    shown(Column("Endpoint", "left", 2.4), "PARAM"),
    shown_date(Column("Start", "left", 1.0), "STARTDT"),
    shown_date(Column("End", "left", 1.0), "ADT"),
    Listed(Column("Time\n(days)", "right", 0.7), (), _time),
    Listed(Column("Status", "left", 0.9), (), _status),
    shown(Column("Event, or reason\nfor censoring", "left", 2.0), "EVNTDESC"),
    shown(Column("Censored at", "left", 1.6), "CNSDTDSC"),
    Listed(Column("Source", "left", 1.4), ("SRCDOM", "SRCVAR"), _source),
)
ORDER = ("USUBJID", "PARAMCD")


def _declared(params: Params) -> list[Endpoint]:
    found = (params.endpoints.of(e.name) for e in params.endpoints.declared)
    return [endpoint for endpoint in found if endpoint is not None]


def needs(params: Params) -> Needs:
    """The records of the subjects treated."""
    own = reads("adtte", "USUBJID", "PARAMCD", "AVAL", "CNSR")
    return subject_needs(params, "safety") + own + listed_needs("adtte", COLUMNS, ORDER)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """The record of each declared endpoint, by subject."""
    codes = {endpoint.paramcd for endpoint in _declared(params)}
    adtte = adam["adtte"][adam["adtte"]["PARAMCD"].isin(codes)]
    own = with_group(adtte, subjects_in(adam, params, "safety"))
    return listing_of(COLUMNS, in_order(own, *ORDER).to_dict("records"), set(own), params)


DISPLAY = Display(
    name="time-to-event-listing",
    kind="listing",
    section="16.2.6",
    order=30,
    title="Times to event by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=("Time: end − start + 1. Source: the record the end was taken from.",),
    source="ADTTE",
)
