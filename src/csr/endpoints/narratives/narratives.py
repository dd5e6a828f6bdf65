"""Who has a narrative, and why: deaths, serious events, dose-limiting toxicities, severe AESI."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    emergent_events,
    event_needs,
    is_grade_at_least_3,
    severity_needs,
)
from csr.endpoints.adverse_events.aesi import groups_of_interest
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.params.narratives import Narratives
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
    reads,
)
from csr.terms import is_one_of

NAME = "narrative-subjects"
ANY, DIED = "Any narrative", "Death"
SERIOUS, LIMITING = "Serious adverse event", "Dose-limiting toxicity"
REASONS = ("TRTA", "REASON")


def severe(group: str) -> str:
    """The reason as the tables call it."""
    return f"{group}, severe or grade ≥ 3"


def narrative_events(adam: Adam, params: Params) -> pd.DataFrame:
    """The adverse events that call for a narrative, with REASON: one row per event and reason."""
    rules = _rules(params)
    _, events = emergent_events(adam, params)
    return pd.concat(
        [events[which].assign(REASON=reason) for reason, which in _which(events, rules, params)],
        ignore_index=True,
    )


def _rules(params: Params) -> Narratives:
    if params.narratives is None:
        raise ValueError("params declare no narratives")
    return params.narratives


def _which(
    events: pd.DataFrame, rules: Narratives, params: Params
) -> Iterator[tuple[str, pd.Series]]:
    nothing = pd.Series(False, index=events.index)
    yield SERIOUS, events["AESER"] == "Y" if rules.serious else nothing
    limiting = events["ADLTFL"] == "Y" if "ADLTFL" in events else nothing
    yield LIMITING, limiting if rules.dose_limiting else nothing
    groups = groups_of_interest(events, params)
    for name in rules.special:
        yield severe(name), groups[name] & is_grade_at_least_3(events, params)


def narrative_deaths(adam: Adam, params: Params) -> pd.DataFrame:
    """The treated subjects whose death calls for a narrative: rows of ADSL, with TRTA."""
    rules = _rules(params)
    subjects = subjects_in(adam, params, "safety")
    if rules.deaths == "none":
        return subjects.iloc[:0]
    dead = subjects[subjects["DTHFL"] == "Y"]
    if rules.deaths == "all" or "DTHCAUS" not in dead:
        return dead
    return dead[~is_one_of(dead["DTHCAUS"], rules.progression)]


def answer(adam: Adam, params: Params) -> Output:
    """Safety subjects with a narrative, by reason; a subject may have several."""
    subjects = subjects_in(adam, params, "safety")
    deaths = narrative_deaths(adam, params).assign(REASON=DIED)
    events = narrative_events(adam, params)
    parts = [
        counted_rows(deaths, "ADSL", REASONS),
        counted_rows(events, "ADAE", REASONS, "AESEQ"),
    ]
    every = [part.assign(REASON=ANY) for part in parts]
    rows = make_rows(population_rows(subjects, ["TRTA"]), *parts, *every)
    rules = _rules(params)
    asked_for = {
        DIED: rules.deaths != "none",
        SERIOUS: rules.serious,
        LIMITING: rules.dose_limiting and "ADLTFL" in adam["adae"],
    }
    named = [reason for reason, asked in asked_for.items() if asked]
    reasons = [ANY, *named, *(severe(n) for n in rules.special)]
    out = ResultList(NAME, "safety")
    asked = [(reason,) for reason in reasons]
    count_subjects(out, rows, "TRTA", params.treatment.values, [("REASON",)], ("REASON",), asked)
    return Output(rows, out.frame())


def narrative_needs(params: Params) -> Needs:
    """What tells who has a narrative, by the reasons of params."""
    rules = _rules(params)
    own = event_needs(params)
    if rules.serious:
        own += reads("adae", "AESER")
    if rules.dose_limiting:
        own += reads("adae", ADLTFL="no narrative is written because of a dose-limiting toxicity")
    if rules.special:
        columns = (column for name in rules.special for column in params.aesi[name])
        own += reads("adae", *columns) + severity_needs(params)
    if rules.deaths != "none":
        own += reads("adsl", "DTHFL")
    if rules.deaths == "not-progression":
        own += reads("adsl", DTHCAUS="every death has a narrative, whatever its cause")
    return own


NARRATIVES = Analysis(
    NAME,
    answer,
    source="ICH E3 12.3.2; METHODS §5",
    unasked=lambda params: "" if params.narratives else "params declare no narratives",
    needs=narrative_needs,
)
