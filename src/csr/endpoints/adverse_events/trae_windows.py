"""Of how many subjects the whole window of related events is known (METHODS §10.13)."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    emergent_events,
    event_needs,
    is_related,
    why_unusable,
)
from csr.endpoints.adverse_events.ae_by_grade import (
    ALL,
    LOST_WINDOWS,
    window_needs,
    windows_told,
    within,
)
from csr.endpoints.adverse_events.observation import (
    observation_needs,
    observed_until,
    window_complete,
)
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

NAME = "trae-windows"
WINDOW = "WINDOW"
UNKNOWN = "the last day under observation is not known of {} subject(s)"


def answer(adam: Adam, params: Params) -> Output:
    """Subjects with the window complete, or with a related event in it, of everyone treated.

    WINDOW: days after the first infusion or dose, that day included. A window is complete where
    observation for related events lasts to its end: new anticancer therapy does not end it, death
    and the cut-off do. NE with the reason where a subject without a related event has no date of
    last observation, since whether the window is complete can't be told.
    """
    subjects, events = emergent_events(adam, params)
    windows = [w for w in windows_told(events, subjects, params) if w != ALL]
    out = ResultList(NAME, "safety")
    why = why_unusable(events, ["AEREL"])
    related = events.iloc[:0] if why else events[is_related(events, params)]
    parts, told = [subjects.iloc[:0].assign(**{WINDOW: ""})], []
    for window in windows:
        has_event = subjects["USUBJID"].isin(
            related.loc[within(related, subjects, window), "USUBJID"]
        )
        unknown = int((_last_day(subjects, params).isna() & ~has_event).sum())
        reason = why or (UNKNOWN.format(unknown) if unknown else "")
        if reason:
            _say_missing(out, window, reason, subjects, params)
            continue
        whole = window_complete(subjects, params, int(window))
        parts.append(subjects[whole | has_event].assign(**{WINDOW: window}))
        told.append((window,))
    own = counted_rows(pd.concat(parts, ignore_index=True), "ADSL", ["TRTA", WINDOW])
    rows = make_rows(population_rows(subjects, ["TRTA"]), own)
    if told:
        count_subjects(out, rows, "TRTA", params.treatment.values, [(WINDOW,)], [WINDOW], told)
    return Output(rows, out.frame())


def _last_day(subjects: pd.DataFrame, params: Params) -> pd.Series:
    """The last day on which a related event would be known; missing where ADSL does not say."""
    return observed_until(subjects, params, related=True)


def _say_missing(
    out: ResultList, window: str, why: str, subjects: pd.DataFrame, params: Params
) -> None:
    for level in (*params.treatment.values, None):
        size = len(subjects) if level is None else int((subjects["TRTA"] == level).sum())
        where = (("TRTA", level), (WINDOW, window))
        out.add(where, "n", None, method="distinct subjects", reason=why)
        out.add(where, "N", size, method="subjects in the population")


def needs(params: Params) -> Needs:
    """The related events and when they began; how long each subject was observed."""
    return event_needs(params, "AEREL") + window_needs() + observation_needs(params, LOST_WINDOWS)


TRAE_WINDOWS = Analysis(NAME, answer, source="METHODS §10.13", needs=needs)
