"""Delayed adverse events: first events of each category per 100 person-years (METHODS §4)."""

from __future__ import annotations

from functools import partial

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
    UNTRACED,
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)
from csr.stats.binomial import poisson_rate_interval
from csr.terms import is_one_of

NAME, ENTERED = "delayed-ae", "delayed-ae-entered"
# Whose events, and from when they and the person-time count.
SETS = {NAME: ("safety", "TRTSDT"), ENTERED: (POPULATION, "LTFUSDT")}
UNDATED = "(without a date)"  # stands for the category of events that are in no rate
UNKNOWN = "{n} subject(s) of whom the time of follow-up is not known"
DAYS_PER_YEAR, PER = 365.25, 100.0
GARWOOD = "Garwood 1936, exact Poisson"


def unasked(params: Params) -> str:
    """Needs categories."""
    if why := no_long_term(params):
        return why
    declared = params.long_term is not None and params.long_term.delayed
    return "" if declared else "params declare no long_term.delayed"


def answer(adam: Adam, params: Params, name: str = NAME) -> Output:
    """By category and group: subjects with an event, person-years to the first, the rate.

    NAME: all treated, from the first infusion. ENTERED: the long-term set, from its entry (LTFUSDT;
    nothing where ADSL does not say it), since whoever is in it had lived until then. Person-time to
    the first event of the category, else to death or the last date known alive, both days included;
    a counted row per subject and category, event 1 where there was one. An event without a date is
    counted under UNDATED. Source: METHODS §10.13; FDA long-term follow-up guidance 2020.
    """
    population, origin = SETS[name]
    subjects = subjects_in(adam, params, population)
    out = ResultList(name, population)
    if origin not in subjects:
        return Output(make_rows(population_rows(subjects, ["TRTA"])), out.frame())
    events = every_event(adam, subjects)
    events = events[is_onset(events)]
    named = {
        category: events[_of(events, columns)]
        for category, columns in (params.long_term.delayed if params.long_term else {}).items()
    }
    every = pd.concat(list(named.values()))
    undated = every[counted_from(every).isna() & ~every.index.duplicated()]
    undated = undated.assign(CATEGORY=UNDATED)
    times = pd.concat(
        [_times(subjects, own, category, origin) for category, own in named.items()],
        ignore_index=True,
    )
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        times,
        counted_rows(undated, "ADAE", ["TRTA", "CATEGORY"], "AESEQ"),
    )
    for category in named:
        for level in (*params.treatment.values, None):
            own = times[times["CATEGORY"] == category]
            own = own if level is None else own[own["TRTA"] == level]
            _add(out, (("TRTA", level), ("CATEGORY", category)), own, params)
    for level in (*params.treatment.values, None):
        n = len(undated if level is None else undated[undated["TRTA"] == level])
        where: Groups = (("TRTA", level), ("CATEGORY", UNDATED))
        out.add(where, "undated", n, method="events without a start date")
    return Output(rows, out.frame())


def _of(events: pd.DataFrame, columns: dict[str, tuple[str, ...]]) -> pd.Series:
    which = pd.Series(False, index=events.index)
    for column, values in columns.items():
        which |= is_one_of(events[column], values)
    return which


def _times(
    subjects: pd.DataFrame, events: pd.DataFrame, category: str, origin: str
) -> pd.DataFrame:
    events = events.assign(START=counted_from(events))
    begun = events["USUBJID"].map(subjects.set_index("USUBJID")[origin])
    late = events[events["START"] >= begun]
    first = subjects["USUBJID"].map(late.groupby("USUBJID")["START"].min())
    until = subjects["DTHDT"].where(subjects["DTHDT"].notna(), subjects["LSTALVDT"])
    until = until.where(until >= subjects[origin])
    end = first.where(first.notna(), until)
    days = (end - subjects[origin]).dt.days + 1
    return subjects[["USUBJID", "TRTA"]].assign(
        role=COUNTED,
        SRCDOM=first.notna().map({True: "ADAE", False: "ADSL"}),
        SRCKEY="",
        CATEGORY=category,
        value=days / DAYS_PER_YEAR,
        event=first.notna().astype(float),
    )


def _add(out: ResultList, where: Groups, own: pd.DataFrame, params: Params) -> None:
    n, unknown = float(own["event"].sum()), int(own["value"].isna().sum())
    lacking = UNKNOWN.format(n=unknown) if unknown else ""
    years = None if unknown else float(own["value"].sum())
    out.add(where, "N", len(own), method="subjects in the population")
    out.add(where, "events", n, method="subjects with a first event")
    method = "person-time to the first event"
    out.add(where, "years", years, unit="years", method=method, reason=lacking)
    found = poisson_rate_interval(int(n), years or 0.0, params.conventions.conf_level, PER)
    for stat, value in zip(("rate", "rate_lcl", "rate_ucl"), found, strict=True):
        why = lacking or ("no person-time" if np.isnan(value) else "")
        number = None if lacking else value
        out.add(where, stat, number, unit="per 100 person-years", method=GARWOOD, reason=why)


def needs(params: Params, name: str = NAME) -> Needs:
    """Events by what tells their category, and until when each subject was watched."""
    named = params.long_term.delayed.values() if params.long_term else ()
    told_by = sorted({column for columns in named for column in columns})
    population, _ = SETS[name]
    entered = {"LTFUSDT": "delayed events of the long-term set from its entry are left out"}
    return (
        subject_needs(params, population)
        + reads("adsl", "TRTSDT", "DTHDT", "LSTALVDT", **(entered if name == ENTERED else {}))
        + reads("adae", "USUBJID", *told_by, AESEQ=UNTRACED)
        + counted_from_needs()
        + onset_needs()
    )


DELAYED, DELAYED_ENTERED = (
    Analysis(
        name,
        partial(answer, name=name),
        "METHODS §4, §10.13",
        unasked=unasked,
        needs=partial(needs, name=name),
    )
    for name in SETS
)
