"""How often adverse events came for the time subjects were watched: first events per 100 years."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    ANY,
    counted_from_needs,
    emergent_events,
    event_needs,
)
from csr.endpoints.adverse_events.ae_by_term import ITEMS
from csr.endpoints.adverse_events.observation import (
    DAYS_PER_YEAR,
    UNSEEN,
    first_starts,
    observation_needs,
    observed_from,
    observed_until,
    undated,
)
from csr.params import Params
from csr.results import (
    COUNTED,
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
)
from csr.stats.binomial import poisson_rate_interval

NAME = "ae-exposure-adjusted"
PER = 100.0
GARWOOD = "Garwood 1936, exact Poisson"
UNDATED = "(without a date)"  # stands for the term of events that are in no rate


def answer(adam: Adam, params: Params) -> Output:
    """First events per 100 person-years at risk, over all events, by class and by term.

    One counted row per subject and line of the table: value, the years at risk (to the first such
    event, else to the end of observation, both days included); event, 1 where there was one.
    AEBODSYS and AEDECOD are "(any)" on the upper levels. An event without a date is in no rate: it
    is counted under UNDATED. Where a subject of the group has no last day of observation and no
    event, nothing is estimable in it (METHODS §10.19).
    """
    subjects, events = emergent_events(adam, params)
    times = _times_at_risk(subjects, events, params)
    without = events[undated(events)].assign(AEBODSYS=ANY, AEDECOD=UNDATED)
    unknown = subjects[observed_until(subjects, params).isna()]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        times,
        counted_rows(without, "ADAE", ["TRTA", *ITEMS], "AESEQ"),
    )
    out = ResultList(NAME, "safety")
    levels = params.treatment.values
    by_group = times.groupby([*ITEMS, "TRTA"])["value"].agg(["sum", "size"])
    by_group["events"] = times.groupby([*ITEMS, "TRTA"])["event"].sum()
    pooled = times.groupby(list(ITEMS))["value"].agg(["sum", "size"])
    pooled["events"] = times.groupby(list(ITEMS))["event"].sum()
    for soc, pt in list(pooled.index) or [(ANY, ANY)]:
        for level in (*levels, None):
            key = (soc, pt) if level is None else (soc, pt, level)
            frame = pooled if level is None else by_group
            years, size, n = frame.loc[key] if key in frame.index else (0.0, 0, 0)
            where: Groups = (("TRTA", level), ("AEBODSYS", soc), ("AEDECOD", pt))
            unseen = len(unknown if level is None else unknown[unknown["TRTA"] == level])
            time = None if unseen else float(years)
            why = UNSEEN.format(n=unseen) if unseen else ""
            _add_rate(out, where, (int(n), int(size)), time, why, params.conventions.conf_level)
    for level in (*levels, None):
        where = (("TRTA", level), ("AEBODSYS", ANY), ("AEDECOD", UNDATED))
        n = len(without if level is None else without[without["TRTA"] == level])
        out.add(where, "undated", n, method="events without a start date")
    return Output(rows, out.frame())


def _add_rate(
    out: ResultList, where: Groups, counts: tuple[int, int], years: float | None, why: str,
    conf_level: float,
) -> None:  # fmt: skip
    """`counts`: subjects with an event, and all; `years` None where not known, for the reason."""
    n, size = counts
    out.add(where, "N", size, method="subjects in the population")
    out.add(where, "events", n, method="subjects with a first event")
    method = "person-time to the first event"
    out.add(where, "years", years, unit="years", method=method, reason=why)
    found = poisson_rate_interval(n, years or 0.0, conf_level, PER)
    for stat, value in zip(("rate", "rate_lcl", "rate_ucl"), found, strict=True):
        reason = why or ("no person-time" if np.isnan(value) else "")
        number = None if why else value
        unit = "per 100 person-years"
        out.add(where, stat, number, unit=unit, method=GARWOOD, reason=reason)


def _times_at_risk(subjects: pd.DataFrame, events: pd.DataFrame, params: Params) -> pd.DataFrame:
    firsts = pd.concat(
        [
            first_starts(level, subjects, list(ITEMS), params)
            for level in (
                events.assign(AEBODSYS=ANY, AEDECOD=ANY),
                events.assign(AEDECOD=ANY),
                events,
            )
        ],
        ignore_index=True,
    )
    watched = subjects.assign(
        FROM=observed_from(subjects, params), UNTIL=observed_until(subjects, params)
    )[["USUBJID", "TRTA", "FROM", "UNTIL"]]
    top = pd.DataFrame({"AEBODSYS": [ANY], "AEDECOD": [ANY]})
    lines = pd.concat([top, firsts[list(ITEMS)]]).drop_duplicates()
    every = watched.merge(lines, how="cross").merge(firsts, on=["USUBJID", *ITEMS], how="left")
    event = every["START"].notna()
    end = every["START"].where(event, every["UNTIL"])
    days = (end - every["FROM"]).dt.days + 1
    return every[["USUBJID", "TRTA", *ITEMS]].assign(
        role=COUNTED,
        SRCDOM=event.map({True: "ADAE", False: "ADSL"}),
        SRCKEY="",
        value=days / DAYS_PER_YEAR,
        event=event.astype(float),
    )


def needs(params: Params) -> Needs:
    """The events with class, term and start; how long each subject was observed."""
    return event_needs(params, *ITEMS) + counted_from_needs() + observation_needs(params)


AE_EXPOSURE_ADJUSTED = Analysis(NAME, answer, source="METHODS §5", needs=needs)
