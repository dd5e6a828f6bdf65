"""The same counts within strata: by component of the treatment, by infusion, by period."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    ANY,
    emergent_events,
    is_grade_at_least_3,
    is_related,
    severity_of,
    why_unusable,
)
from csr.endpoints.adverse_events.observation import Watched, in_period
from csr.endpoints.populations import with_group
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

TERMS = ("AEBODSYS", "AEDECOD")
ANY_EVENT, SEVERE, SERIOUS = "Any event", "Severe or grade ≥ 3", "Serious"
STUDY_TREATMENT = "STUDY TREATMENT"
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
        who = received.get(component)
        own = subjects if who is None else subjects[subjects["USUBJID"].isin(who)]
        related = events[_related_by(events, column, params)]
        with_own = related[related["USUBJID"].isin(own["USUBJID"])]
        strata.append((component, _all_of(own), with_own))
    return _count("ae-by-component", "COMPONENT", strata, params)


def answer_by_infusion(adam: Adam, params: Params) -> Output:
    """Treatment-emergent events by the latest infusion before them, among those who received it.

    INFUSION is the number of the infusion, 0 before the first; an event without a date has none.
    """
    subjects, events = emergent_events(adam, params)
    if "AINFN" not in events or "NINF" not in subjects:
        return _count("ae-by-infusion", "INFUSION", [("1", _all_of(subjects), events)], params)
    strata = []
    for number in sorted(events["AINFN"].dropna().unique()):
        own = subjects[subjects["NINF"] >= number]
        strata.append((f"{number:g}", _all_of(own), events[events["AINFN"] == number]))
    return _count("ae-by-infusion", "INFUSION", strata, params)


def answer_by_period(adam: Adam, params: Params) -> Output:
    """All adverse events of the safety subjects, emergent or not, by the period they began in.

    PERIOD is APERIODC (METHODS §5), from lymphodepletion on in order of time. The subjects of a
    period are those who were watched to its first day, or have an event in it (METHODS §10.13).
    """
    subjects, emergent = emergent_events(adam, params)
    events = with_group(adam["adae"], subjects)
    if "APERIOD" not in events:
        strata = [("Treatment", _all_of(subjects), emergent)]
        return _count("ae-by-period", "PERIOD", strata, params)
    dated = events[events["APERIOD"].notna()]
    periods = dated[["APERIOD", "APERIODC"]].drop_duplicates().sort_values("APERIOD")
    strata = []
    for name in periods["APERIODC"]:
        own = dated[dated["APERIODC"] == name]
        strata.append((name, in_period(subjects, params, name, own["USUBJID"]), own))
    return _count("ae-by-period", "PERIOD", strata, params)


def _all_of(subjects: pd.DataFrame) -> Watched:
    """A stratum whose subjects are all known."""
    return Watched(subjects, subjects.iloc[:0])


def _relationships(params: Params, events: pd.DataFrame) -> dict[str, str]:
    """Relationship variable → the component it is to."""
    rules = params.protocol.adverse_events if params.protocol else None
    if rules is None:
        return {"AEREL": STUDY_TREATMENT}
    names = {column: rules.components.get(column, column) for column in rules.relationship}
    if "AREL" in names and names["AREL"] == "AREL":
        names["AREL"] = STUDY_TREATMENT
    return {column: name for column, name in names.items() if column in events}


def _related_by(events: pd.DataFrame, column: str, params: Params) -> pd.Series:
    if column != "AEREL":
        return events[column] == "RELATED"
    if why_unusable(events, [column]):
        return pd.Series(False, index=events.index)
    return is_related(events, params)


def _recipients(adam: Adam) -> dict[str, set[str]]:
    if "adex" not in adam:
        return {}
    given = adam["adex"][adam["adex"]["PARAMCD"] == "DOSE"]
    return {name: set(own["USUBJID"]) for name, own in given.groupby("PARCAT1")}


def _count(name: str, stratum: str, strata: Sequence[Stratum], params: Params) -> Output:
    """Within each stratum: any event, the severe, the serious; then classes and terms."""
    items = (stratum, "CATEGORY", *TERMS)
    parts = []
    for level, own, events in strata:
        everyone = own.subjects.assign(**{stratum: level})
        parts.append(population_rows(everyone, ["TRTA", stratum]))
        parts += [
            counted_rows(part.assign(**{stratum: level}), "ADAE", ["TRTA", *items], "AESEQ")
            for part in _categories(events, params)
        ]
    rows = make_rows(*parts)
    out = ResultList(name, "safety")
    groups = params.treatment.values
    for level, own, events in strata:
        own_rows = rows[rows[stratum] == level]
        categories = [(level, c, ANY, ANY) for c in (ANY_EVENT, SEVERE, SERIOUS)]
        socs = [(level, ANY_EVENT, soc, ANY) for soc in sorted(events["AEBODSYS"].unique())]
        pairs = events[list(TERMS)].drop_duplicates().sort_values(list(TERMS))
        terms = [(level, ANY_EVENT, *pair) for pair in pairs.itertuples(index=False, name=None)]
        asked = categories + socs + terms
        count_subjects(out, own_rows, "TRTA", groups, [items], items, asked, own.reason)
    return Output(rows, out.frame())


def _categories(events: pd.DataFrame, params: Params) -> list[pd.DataFrame]:
    """The events as they count on each line: by term, by class, and over all in three ways."""
    at_top = events.assign(CATEGORY=ANY_EVENT, AEBODSYS=ANY, AEDECOD=ANY)
    severe, serious = at_top.iloc[:0], at_top.iloc[:0]
    if not why_unusable(events, [severity_of(events, params)]):
        severe = at_top[is_grade_at_least_3(events, params)].assign(CATEGORY=SEVERE)
    if not why_unusable(events, ["AESER"]):
        serious = at_top[events["AESER"] == "Y"].assign(CATEGORY=SERIOUS)
    by_term = events.assign(CATEGORY=ANY_EVENT)
    return [at_top, severe, serious, by_term.assign(AEDECOD=ANY), by_term]


AE_BY_COMPONENT = Analysis(
    "ae-by-component", ("adsl", "adae"), answer_by_component, source="METHODS §5"
)
AE_BY_INFUSION = Analysis(
    "ae-by-infusion", ("adsl", "adae"), answer_by_infusion, source="METHODS §5, §7"
)
AE_BY_PERIOD = Analysis("ae-by-period", ("adsl", "adae"), answer_by_period, source="METHODS §5")
