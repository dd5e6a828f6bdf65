"""Delayed adverse events: first events of each category per 100 person-years (METHODS §4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    counted_from,
    counted_from_needs,
    every_event,
    is_onset,
    onset_needs,
)
from csr.endpoints.long_term.contacts import POPULATION
from csr.endpoints.long_term.contacts import unasked as no_long_term
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.results import (
    COUNTED,
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    make_rows,
    population_rows,
    reads,
)
from csr.stats.binomial import poisson_rate_interval
from csr.terms import is_one_of

NAME = "delayed-ae"
DAYS_PER_YEAR, PER = 365.25, 100.0
GARWOOD = "Garwood 1936, exact Poisson"


def unasked(params: Params) -> str:
    """Needs categories."""
    if why := no_long_term(params):
        return why
    declared = params.long_term is not None and params.long_term.delayed
    return "" if declared else "params declare no long_term.delayed"


def answer(adam: Adam, params: Params) -> Output:
    """By category and group: subjects with an event, person-years to the first, the rate.

    Person-time from the first infusion to the first event of the category, else to death or the
    last date known alive, both days included; a counted row per subject and category, event 1 where
    there was one.
    """
    subjects = subjects_in(adam, params, POPULATION)
    events = every_event(adam, subjects)
    events = events[events["ASTDT"].notna() & is_onset(events)]
    parts = [
        _times(subjects, events[_of(events, columns)], name)
        for name, columns in (params.long_term.delayed if params.long_term else {}).items()
    ]
    times = pd.concat(parts, ignore_index=True)
    rows = make_rows(population_rows(subjects, ["TRTA"]), times)
    out = ResultList(NAME, POPULATION)
    for category in times["CATEGORY"].unique():
        for level in (*params.treatment.values, None):
            own = times[times["CATEGORY"] == category]
            own = own if level is None else own[own["TRTA"] == level]
            _add(out, (("TRTA", level), ("CATEGORY", category)), own, params)
    return Output(rows, out.frame())


def _of(events: pd.DataFrame, columns: dict[str, tuple[str, ...]]) -> pd.Series:
    which = pd.Series(False, index=events.index)
    for column, values in columns.items():
        which |= is_one_of(events[column], values)
    return which


def _times(subjects: pd.DataFrame, events: pd.DataFrame, category: str) -> pd.DataFrame:
    events = events.assign(START=counted_from(events))
    infused = events["USUBJID"].map(subjects.set_index("USUBJID")["TRTSDT"])
    late = events[events["START"] >= infused]
    first = subjects["USUBJID"].map(late.groupby("USUBJID")["START"].min())
    until = subjects["DTHDT"].where(subjects["DTHDT"].notna(), subjects["LSTALVDT"])
    end = first.where(first.notna(), until)
    days = ((end - subjects["TRTSDT"]).dt.days + 1).clip(lower=0).fillna(0)
    return subjects[["USUBJID", "TRTA"]].assign(
        role=COUNTED,
        SRCDOM=first.notna().map({True: "ADAE", False: "ADSL"}),
        SRCKEY="",
        CATEGORY=category,
        value=days / DAYS_PER_YEAR,
        event=first.notna().astype(float),
    )


def _add(out: ResultList, where: Groups, own: pd.DataFrame, params: Params) -> None:
    n, years = float(own["event"].sum()), float(own["value"].sum())
    out.add(where, "N", len(own), method="subjects in the population")
    out.add(where, "events", n, method="subjects with a first event")
    out.add(where, "years", years, unit="years", method="person-time to the first event")
    found = poisson_rate_interval(int(n), years, params.conventions.conf_level, PER)
    for stat, value in zip(("rate", "rate_lcl", "rate_ucl"), found, strict=True):
        why = "no person-time" if np.isnan(value) else ""
        out.add(where, stat, value, unit="per 100 person-years", method=GARWOOD, reason=why)


def needs(params: Params) -> Needs:
    """Events by what tells their category, and until when each subject was watched."""
    named = params.long_term.delayed.values() if params.long_term else ()
    told_by = sorted({column for columns in named for column in columns})
    return (
        subject_needs(params, POPULATION)
        + reads("adsl", "TRTSDT", "DTHDT", "LSTALVDT")
        + reads("adae", "USUBJID", *told_by)
        + counted_from_needs()
        + onset_needs()
    )


DELAYED = Analysis(NAME, answer, "METHODS §4", unasked=unasked, needs=needs)
