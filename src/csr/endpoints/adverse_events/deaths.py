"""Who died: when after the last study treatment, of what, and whether of an adverse event."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    emergent_events,
    is_fatal,
    is_related,
    say_missing,
    why_unusable,
)
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

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
    if "DTHFL" not in subjects:
        out = ResultList(NAME, "safety")
        say_missing(out, subjects, params, ITEMS, "DTHFL is not in ADSL")
        return Output(make_rows(population_rows(subjects, ["TRTA"])), out.frame())
    dead = subjects[subjects["DTHFL"] == "Y"]
    parts = [part.assign(CAUSE="") for part in _by_time(dead, params)]
    causes = dead["DTHCAUS"] if "DTHCAUS" in dead else pd.Series("", index=dead.index)
    parts.append(dead.assign(CATEGORY="Cause", CAUSE=causes.replace("", UNKNOWN)))
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADSL", ["TRTA", *ITEMS]) for part in parts),
        *(
            counted_rows(part, "ADAE", ["TRTA", *ITEMS], "AESEQ")
            for part in _fatal_events(adam, params)
        ),
    )
    out = ResultList(NAME, "safety")
    groups = params.treatment.values
    lines = [(c,) for c in (DIED, *time_labels(params), FATAL, RELATED)]
    count_subjects(out, rows, "TRTA", groups, [ITEMS[:1]], ITEMS, lines)
    by_cause = sorted(causes.replace("", UNKNOWN).unique())
    if by_cause:
        asked = [("Cause", cause) for cause in by_cause]
        count_subjects(out, rows, "TRTA", groups, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def _by_time(dead: pd.DataFrame, params: Params) -> Iterator[pd.DataFrame]:
    early, late, unknown = time_labels(params)
    yield dead.assign(CATEGORY=DIED)
    if not {"DTHDT", "TRTEDT"} <= set(dead):
        yield dead.assign(CATEGORY=unknown)
        return
    days = (dead["DTHDT"] - dead["TRTEDT"]).dt.days
    limit = params.conventions.early_death_days
    for name, which in ((early, days <= limit), (late, days > limit), (unknown, days.isna())):
        yield dead[which].assign(CATEGORY=name)


def _fatal_events(adam: Adam, params: Params) -> Iterator[pd.DataFrame]:
    if "adae" not in adam:
        return
    _, events = emergent_events(adam, params)
    fatal = events[is_fatal(events)].assign(CAUSE="")
    yield fatal.assign(CATEGORY=FATAL)
    if not why_unusable(events, ["AEREL"]):
        yield fatal[is_related(fatal, params)].assign(CATEGORY=RELATED)


DEATHS = Analysis(NAME, ("adsl",), answer, source="METHODS §5")
