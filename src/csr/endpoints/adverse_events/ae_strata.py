"""The same counts within strata: by component of the treatment, by infusion, by period."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    ANY,
    emergent_events,
    event_needs,
    every_event,
    is_grade_at_least_3,
    is_related,
    severity_needs,
    severity_of,
    why_unusable,
)
from csr.endpoints.adverse_events.observation import Watched, in_period, period_needs
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
    reads_either,
    reads_if_there,
)

TERMS = ("AEBODSYS", "AEDECOD")
ANY_EVENT, SEVERE, SERIOUS = "Any event", "Severe or grade ≥ 3", "Serious"
STUDY_TREATMENT = "STUDY TREATMENT"
NO_ADEX = "who received the component is not known (no ADEX)"
NO_NINF = "who had the infusion is not known (NINF is not in ADSL)"
Stratum = tuple[str, Watched, pd.DataFrame]  # its level, its subjects, its events


def answer_by_component(adam: Adam, params: Params) -> Output:
    """Treatment-emergent events related to each component, among those who received it.

    COMPONENT is the component of ADEX, or the relationship variable where params name none; an
    event may be related to several.
    """
    subjects, events = emergent_events(adam, params)
    received = _recipients(adam)
    strata = []
    for column, component in _relationships(params, events).items():
        related = events[_related_by(events, column, params)]
        own = _who_got(component, subjects, related, received)
        with_own = related[related["USUBJID"].isin(own.subjects["USUBJID"])]
        strata.append((component, own, with_own))
    return _count("ae-by-component", "COMPONENT", subjects, strata, params)


def _who_got(
    component: str,
    subjects: pd.DataFrame,
    related: pd.DataFrame,
    received: dict[str, set[str]] | None,
) -> Watched:
    """Who received a component; without ADEX only those with a related event are known.

    The study treatment: the whole safety set where ADEX does not say otherwise.
    """
    if received is None and component != STUDY_TREATMENT:
        had = subjects["USUBJID"].isin(related["USUBJID"])
        return Watched(subjects[had], subjects[~had], NO_ADEX)
    who = (received or {}).get(component)
    return _all_of(subjects if who is None else subjects[subjects["USUBJID"].isin(who)])


def answer_by_infusion(adam: Adam, params: Params) -> Output:
    """Treatment-emergent events by the latest infusion before them, among those who received it.

    INFUSION is the number of the infusion, 0 before the first; an event without a date has none.
    """
    subjects, events = emergent_events(adam, params)
    numbers = events["AINFN"].dropna().unique() if "AINFN" in events else ()
    strata = []
    for number in sorted(numbers):
        own = events[events["AINFN"] == number]
        strata.append((f"{number:g}", _who_received(number, subjects, own), own))
    return _count("ae-by-infusion", "INFUSION", subjects, strata, params)


def _who_received(number: float, subjects: pd.DataFrame, events: pd.DataFrame) -> Watched:
    """Who had an infusion; without NINF only those with an event after it are known."""
    if "NINF" in subjects:
        return _all_of(subjects[subjects["NINF"] >= number])
    had = subjects["USUBJID"].isin(events["USUBJID"])
    return Watched(subjects[had], subjects[~had], NO_NINF)


def answer_by_period(adam: Adam, params: Params) -> Output:
    """All adverse events of the safety subjects, emergent or not, by the period they began in.

    PERIOD is APERIODC (METHODS §5), from lymphodepletion on in order of time. The subjects of a
    period are those who were watched to its first day, or have an event in it (METHODS §10.13).
    """
    subjects, _ = emergent_events(adam, params)
    events = every_event(adam, subjects)
    if not {"APERIOD", "APERIODC"} <= set(events):
        return _count("ae-by-period", "PERIOD", subjects, [], params)
    dated = events[events["APERIOD"].notna()]
    periods = dated[["APERIOD", "APERIODC"]].drop_duplicates().sort_values("APERIOD")
    strata = []
    for name in periods["APERIODC"]:
        own = dated[dated["APERIODC"] == name]
        strata.append((name, in_period(subjects, params, name, own["USUBJID"]), own))
    return _count("ae-by-period", "PERIOD", subjects, strata, params)


def _all_of(subjects: pd.DataFrame) -> Watched:
    """A stratum whose subjects are all known."""
    return Watched(subjects, subjects.iloc[:0])


def _relationships(params: Params, events: pd.DataFrame) -> dict[str, str]:
    """Relationship variable → the component it is to; of those that tell something."""
    names = _components(params)
    return {column: name for column, name in names.items() if not why_unusable(events, [column])}


def _components(params: Params) -> dict[str, str]:
    rules = params.protocol.adverse_events if params.protocol else None
    if rules is None:
        return {"AEREL": STUDY_TREATMENT}
    names = {column: rules.components.get(column, column) for column in rules.relationship}
    if "AREL" in names and names["AREL"] == "AREL":
        names["AREL"] = STUDY_TREATMENT
    return names


def _related_by(events: pd.DataFrame, column: str, params: Params) -> pd.Series:
    return is_related(events, params) if column == "AEREL" else events[column] == "RELATED"


def _recipients(adam: Adam) -> dict[str, set[str]] | None:
    """Component → who received it; None where there is no ADEX."""
    if "adex" not in adam:
        return None
    given = adam["adex"][adam["adex"]["PARAMCD"] == "DOSE"]
    return {name: set(own["USUBJID"]) for name, own in given.groupby("PARCAT1")}


def _count(
    name: str, stratum: str, subjects: pd.DataFrame, strata: Sequence[Stratum], params: Params
) -> Output:
    """Within each stratum: any event, the severe, the serious; then classes and terms."""
    items = (stratum, "CATEGORY", *TERMS)
    parts = [] if strata else [population_rows(subjects, ["TRTA"])]
    for level, own, events in strata:
        everyone = own.subjects.assign(**{stratum: level})
        parts.append(population_rows(everyone, ["TRTA", stratum]))
        parts += [
            counted_rows(part.assign(**{stratum: level}), "ADAE", ["TRTA", *items], "AESEQ")
            for part in (*_at_top(events, params).values(), *_by_term(events))
        ]
    rows = make_rows(*parts)
    out = ResultList(name, "safety")
    groups = params.treatment.values
    for level, own, events in strata:
        own_rows = rows[rows[stratum] == level]
        categories = [(level, c, ANY, ANY) for c in _at_top(events, params)]
        socs = [(level, ANY_EVENT, soc, ANY) for soc in sorted(events["AEBODSYS"].unique())]
        pairs = events[list(TERMS)].drop_duplicates().sort_values(list(TERMS))
        terms = [(level, ANY_EVENT, *pair) for pair in pairs.itertuples(index=False, name=None)]
        asked = categories + socs + terms
        count_subjects(out, own_rows, "TRTA", groups, [items], items, asked, own.reason)
    return Output(rows, out.frame())


def _at_top(events: pd.DataFrame, params: Params) -> dict[str, pd.DataFrame]:
    """The events over all: any, and the severe and serious ones where ADAE tells which they are."""
    at_top = events.assign(AEBODSYS=ANY, AEDECOD=ANY)
    which = {ANY_EVENT: at_top["USUBJID"] != ""}
    if severity_of(events, params) in events:
        which[SEVERE] = is_grade_at_least_3(events, params)
    if "AESER" in events:
        which[SERIOUS] = events["AESER"] == "Y"
    return {name: at_top[own].assign(CATEGORY=name) for name, own in which.items()}


def _by_term(events: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The events as they count for their class, and for their term."""
    by_term = events.assign(CATEGORY=ANY_EVENT)
    return by_term.assign(AEDECOD=ANY), by_term


def strata_needs(params: Params) -> Needs:
    """The events with class and term; lines of the severe and serious ones where ADAE tells."""
    severe = severity_needs(params, "the lines of severe events are left out")
    serious = reads("adae", AESER="the lines of serious events are left out")
    return event_needs(params, *TERMS) + severe + serious


def needs_by_component(params: Params) -> Needs:
    """At least one relationship, and who received the component it is to."""
    names = _components(params)
    lost = {column: f"the block of {name.lower()} is left out" for column, name in names.items()}
    whole = "of how many a component was received is not estimable"
    return (
        strata_needs(params)
        + reads("adae", **lost)
        + reads_either("adae", *([column] for column in names))
        + reads_if_there("adex", whole, "USUBJID", "PARAMCD", "PARCAT1")
    )


def needs_by_infusion(params: Params) -> Needs:
    """The infusion before each event, and how many each subject had."""
    return (
        strata_needs(params)
        + reads("adae", AINFN="the blocks by infusion are left out")
        + reads("adsl", NINF="of how many an infusion was given is not estimable")
    )


def needs_by_period(params: Params) -> Needs:
    """The period of each event, and how long each subject was observed."""
    lost = dict.fromkeys(("APERIOD", "APERIODC"), "the blocks by period are left out")
    return strata_needs(params) + reads("adae", **lost) + period_needs(params)


AE_BY_COMPONENT = Analysis(
    "ae-by-component",
    answer_by_component,
    source="METHODS §5",
    needs=needs_by_component,
)
AE_BY_INFUSION = Analysis(
    "ae-by-infusion",
    answer_by_infusion,
    source="METHODS §5, §7",
    needs=needs_by_infusion,
)
AE_BY_PERIOD = Analysis(
    "ae-by-period", answer_by_period, source="METHODS §5", needs=needs_by_period
)
