"""Who died: when after the last study treatment, of what, and whether of an adverse event."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    DEATH,
    death_needs,
    emergent_events,
    is_fatal,
    is_related,
    why_untold,
    why_unusable,
)
from csr.endpoints.populations import subject_needs, subjects_in
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
    reads,
    reads_if_there,
)
from csr.terms import spelled

NAME = "deaths"
ITEMS = ("CATEGORY", "CAUSE")
DIED = "Died"
FATAL, RELATED = "Fatal TEAE", "Related fatal TEAE"
UNKNOWN = "Not recorded"


def time_labels(params: Params) -> tuple[str, str, str]:
    """Early, late, and at a time that is not known."""
    days = params.conventions.early_death_days
    after = "the last study treatment"
    return f"≤ {days} days after {after}", f"> {days} days after {after}", "Date not known"


def answer(adam: Adam, params: Params) -> Output:
    """Safety subjects who died, by time since the last infusion or dose and cause of death."""
    subjects = subjects_in(adam, params, "safety")
    dead = subjects[subjects["DTHFL"] == "Y"]
    parts = {DIED: dead, **_by_time(dead, params)}
    counted = [part.assign(CATEGORY=name, CAUSE="") for name, part in parts.items()]
    causes: list[str] = []
    if "DTHCAUS" in dead:
        of_cause = dead.assign(CATEGORY="Cause", CAUSE=spelled(dead["DTHCAUS"], UNKNOWN))
        counted.append(of_cause)
        causes = sorted(of_cause["CAUSE"].unique())
    events = _fatal_events(adam, params)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADSL", ["TRTA", *ITEMS]) for part in counted),
        *(
            counted_rows(part.assign(CATEGORY=name), "ADAE", ["TRTA", *ITEMS], "AESEQ")
            for name, part in events.items()
        ),
    )
    out = ResultList(NAME, "safety")
    groups = params.treatment.values
    lines = [(name,) for name in (*parts, *events)]
    count_subjects(out, rows, "TRTA", groups, [ITEMS[:1]], ITEMS, lines)
    if causes:
        asked = [("Cause", cause) for cause in causes]
        count_subjects(out, rows, "TRTA", groups, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def _by_time(dead: pd.DataFrame, params: Params) -> dict[str, pd.DataFrame]:
    """The dead by time since the last study treatment; nothing where ADSL has not both dates."""
    if not {"DTHDT", "TRTEDT"} <= set(dead):
        return {}
    days = (dead["DTHDT"] - dead["TRTEDT"]).dt.days
    limit = params.conventions.early_death_days
    which = (days <= limit, days > limit, days.isna())
    return {name: dead[own] for name, own in zip(time_labels(params), which, strict=True)}


def _fatal_events(adam: Adam, params: Params) -> dict[str, pd.DataFrame]:
    """The treatment-emergent events that led to death, and the related ones, where ADAE tells."""
    if "adae" not in adam:
        return {}
    _, events = emergent_events(adam, params)
    if why_untold(events, [DEATH], params):
        return {}
    fatal = events[is_fatal(events)].assign(CAUSE="")
    if why_unusable(events, ["AEREL"]):
        return {FATAL: fatal}
    return {FATAL: fatal, RELATED: fatal[is_related(fatal, params)]}


def needs(params: Params) -> Needs:
    """Who died; when, of what and after which event, where the data say."""
    times = dict.fromkeys(("DTHDT", "TRTEDT"), "the lines by time of death are left out")
    own = reads("adsl", "DTHFL", DTHCAUS="causes of death are left out", **times)
    lost = "the lines of fatal adverse events are left out"
    events = reads_if_there("adae", lost, "USUBJID", "AESEQ", "TRTEMFL")
    related = reads("adae", AEREL=f"the line '{RELATED}' is left out").optional
    told = Needs(optional={**death_needs().optional, **related})
    return subject_needs(params, "safety") + own + events + told


DEATHS = Analysis(NAME, answer, source="METHODS §5", needs=needs)
