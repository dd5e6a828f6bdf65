"""Infections and second malignancies: who had which, how severe, and when."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    DEATH,
    SEVERITY,
    counted_from,
    counted_from_needs,
    death_needs,
    emergent_events,
    event_needs,
    every_event,
    is_fatal,
    is_grade_at_least_3,
    is_onset,
    is_related,
    onset_needs,
    severity_needs,
    why_untold,
)
from csr.endpoints.adverse_events.aesi_groups import groups_of_interest
from csr.endpoints.adverse_events.observation import Watched, in_period, period_needs
from csr.endpoints.populations import subjects_in
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
)

ITEMS = ("CATEGORY", "TERM")
ANY_EVENT, RELATED, SEVERE = "Any event", "Related", "Severe or grade ≥ 3"
SERIOUS, FATAL = "Serious", "Fatal"
PERIOD, TRANSGENE = "Period ", "Transgene "
NOT_RECORDED = "Not recorded"


def answer_infections(adam: Adam, params: Params) -> Output:
    """Treatment-emergent infections: subjects by kind of event and period of onset, and by term.

    A period is of those watched to its first day, or with an infection in it (METHODS §10.13).
    CATEGORY the kind, `Period …` the APERIODC of ADAE; TERM the preferred term, pooled or not.
    """
    subjects, events = emergent_events(adam, params)
    own = _chosen(events, params, params.safety.infections if params.safety else None)
    parts = _kinds(own, params)
    watched: dict[str, Watched] = {}
    if {"APERIOD", "APERIODC"} <= set(events):
        ordered = events.sort_values("APERIOD", kind="stable")
        for name in (n for n in ordered["APERIODC"].unique() if n):
            here = own[own["APERIODC"] == name]
            parts[PERIOD + name] = here
            watched[PERIOD + name] = in_period(subjects, params, name, here["USUBJID"])
    return _answer("infections", subjects, parts, params, watched)


def answer_second_malignancies(adam: Adam, params: Params) -> Output:
    """Malignancies that began after the first infusion, however late, with the transgene's result.

    Emergent or not: the window of collection of other events does not hold for them (METHODS §4).
    CATEGORY the kind, `Transgene …` the result of testing; TERM the preferred term, pooled or not.
    """
    subjects = subjects_in(adam, params, "safety")
    events = every_event(adam, subjects)
    t0 = events["USUBJID"].map(subjects.set_index("USUBJID")["TRTSDT"])
    after = (events["TRTEMFL"] == "Y") | ((counted_from(events) >= t0) & is_onset(events))
    rules = params.safety
    own = _chosen(events[after], params, rules.second_malignancies if rules else None)
    parts = _kinds(own, params)
    column = rules.transgene if rules else None
    if column is not None and column in own:
        results = own[column].replace("", NOT_RECORDED)
        parts |= {TRANSGENE + name: own[results == name] for name in sorted(results.unique())}
    return _answer("second-malignancies", subjects, parts, params)


def _chosen(events: pd.DataFrame, params: Params, group: str | None) -> pd.DataFrame:
    return events.iloc[:0] if group is None else events[groups_of_interest(events, params)[group]]


def _kinds(own: pd.DataFrame, params: Params) -> dict[str, pd.DataFrame]:
    """The events of each kind that the data can tell, in the order of the lines."""
    kinds = {
        RELATED: ("AEREL", lambda: is_related(own, params)),
        SEVERE: (SEVERITY, lambda: is_grade_at_least_3(own, params)),
        SERIOUS: ("AESER", lambda: own["AESER"] == "Y"),
        FATAL: (DEATH, lambda: is_fatal(own)),
    }
    parts = {ANY_EVENT: own}
    for kind, (need, which) in kinds.items():
        if not why_untold(own, [need], params):
            parts[kind] = own[which()]
    return parts


def _answer(
    name: str,
    subjects: pd.DataFrame,
    parts: dict[str, pd.DataFrame],
    params: Params,
    watched: dict[str, Watched] | None = None,
) -> Output:
    """`watched`: the kinds that are not of all subjects, each with those it is of."""
    among = {
        kind: (watched or {}).get(kind, Watched(subjects, subjects.iloc[:0])) for kind in parts
    }
    rows = make_rows(
        *(
            population_rows(own.subjects.assign(CATEGORY=kind), ["TRTA", "CATEGORY"])
            for kind, own in among.items()
        ),
        *(
            counted_rows(
                part.assign(CATEGORY=kind, TERM=part["AEDECOD"]), "ADAE", ["TRTA", *ITEMS], "AESEQ"
            )
            for kind, part in parts.items()
        ),
    )
    out = ResultList(name, "safety")
    groups = params.treatment.values
    for kind, own in among.items():
        here = rows[rows["CATEGORY"] == kind]
        count_subjects(out, here, "TRTA", groups, [("CATEGORY",)], ITEMS, [(kind,)], own.reason)
        count_subjects(out, here, "TRTA", groups, [ITEMS], ITEMS, (), own.reason)
    return Output(rows, out.frame())


def _infections_unasked(params: Params) -> str:
    asked = params.safety is not None and params.safety.infections is not None
    return "" if asked else "params declare no safety.infections"


def _malignancies_unasked(params: Params) -> str:
    asked = params.safety is not None and params.safety.second_malignancies is not None
    return "" if asked else "params declare no safety.second_malignancies"


def _group_needs(params: Params, group: str | None) -> Needs:
    """The events of a group with their terms; a line that ADAE can't tell is left out."""
    lost = {
        c: f"the line '{line}' is left out" for line, c in ((RELATED, "AEREL"), (SERIOUS, "AESER"))
    }
    columns = params.aesi[group] if group is not None else ()
    own = event_needs(params, "AEDECOD", *columns) + reads("adae", **lost)
    return own + severity_needs(params, f"the line '{SEVERE}' is left out") + death_needs()


def needs_infections(params: Params) -> Needs:
    """The infections, and the periods where ADAE has them."""
    periods = dict.fromkeys(("APERIOD", "APERIODC"), "the lines by period of onset are left out")
    group = params.safety.infections if params.safety else None
    return _group_needs(params, group) + reads("adae", **periods) + period_needs(params)


def needs_malignancies(params: Params) -> Needs:
    """The malignancies with their start, and the result of testing."""
    rules = params.safety
    own = _group_needs(params, rules.second_malignancies if rules else None)
    own += counted_from_needs() + onset_needs() + reads("adsl", "TRTSDT")
    if rules is None or rules.transgene is None:
        return own
    return own + reads("adae", **{rules.transgene: "the lines by transgene are left out"})


INFECTIONS = Analysis(
    "infections",
    answer_infections,
    "METHODS §5",
    unasked=_infections_unasked,
    needs=needs_infections,
)
SECOND_MALIGNANCIES = Analysis(
    "second-malignancies",
    answer_second_malignancies,
    "METHODS §5",
    unasked=_malignancies_unasked,
    needs=needs_malignancies,
)
