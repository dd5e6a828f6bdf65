"""Treatment-emergent adverse events: which there are, and the overview of who had what kind.

A subject counts once per line (METHODS §5). A missing relationship follows the convention in
params. Tables by class and term, by grade, by infusion and so on stand in modules of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from csr.derive.event_criteria import grade_column
from csr.endpoints.adverse_events.aesi_groups import GENERAL, groups_of_interest, interest_columns
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.relationship import RELATED, relation_of
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
    reads_either,
)
from csr.terms import spelled

ANY = "(any)"
SPECIAL = "TEAE of special interest"
MISSING_GRADE = "Missing"
SEVERITIES = {"MILD": "1", "MODERATE": "2", "SEVERE": "3"}
SEVERITY_LEVELS = {
    "AETOXGR": ("1", "2", "3", "4", "5", MISSING_GRADE),
    "AESEV": ("MILD", "MODERATE", "SEVERE", MISSING_GRADE),
}


# They stand for the variables that tell them, which params name or of which there are several.
SEVERITY, DEATH, INTEREST = "severity", "death", "special interest"
DEATH_TOLD_BY = ("AESDTH", "AEOUT", "AETOXGR")


@dataclass(frozen=True)
class Category:
    """One line of the overview: which events count, and the variables it needs to be told from."""

    name: str
    needs: tuple[str, ...]
    which: Callable[[pd.DataFrame, Params], pd.Series]


def event_needs(params: Params, *columns: str, **optional: str) -> Needs:
    """What `emergent_events` reads, and further columns of ADAE."""
    own = reads("adae", "USUBJID", "AESEQ", "TRTEMFL", *columns, **optional)
    return subject_needs(params, "safety") + own


def severity_needs(params: Params, without: str = "") -> Needs:
    """What tells the grade or severity of an event; needed, or `without` says what becomes of it.

    The analysis grade, where ADAE has it, takes the place of the reported one.
    """
    column = params.conventions.severity
    own = reads("adae", **{column: without}) if without else reads("adae", column)
    if column != "AETOXGR":
        return own
    return own + reads("adae", AGRADE="CRS and ICANS are at their reported grades")


def death_needs() -> Needs:
    """What tells that an event led to death, each of which may say so."""
    others = "events that led to death are those of which the others of {} say so"
    text = others.format(", ".join(DEATH_TOLD_BY))
    return reads("adae", **dict.fromkeys(DEATH_TOLD_BY, text), AGRADE="grade 5 is the reported one")


def variable_needs(need: str, params: Params) -> Needs:
    """What can't be done without: a variable of ADAE, or those that tell SEVERITY or DEATH."""
    if need == SEVERITY:
        return severity_needs(params)
    if need == DEATH:
        return death_needs() + reads_either("adae", *([column] for column in DEATH_TOLD_BY))
    return reads("adae", need)


def counted_from_needs() -> Needs:
    """What `counted_from` reads."""
    return reads("adae", "ASTDT", TRTEMDT="an event that became worse counts from its start")


def is_related(events: pd.DataFrame, params: Params) -> pd.Series:
    """Related to study treatment; a missing relationship follows the convention.

    A word nobody declared counts as related (and is a finding), as in the derivation of ADAE.
    """
    missing = params.conventions.missing_relationship
    return relation_of(events["AEREL"], params.relationship.not_related, missing) == RELATED


def is_grade_at_least_3(events: pd.DataFrame, params: Params) -> pd.Series:
    """Grade 3 or above, or severe where the study reports severity; a missing grade is not."""
    if params.conventions.severity == "AETOXGR":
        return events[severity_of(events, params)].isin(["3", "4", "5"])
    return events["AESEV"] == "SEVERE"


def severity_of(events: pd.DataFrame, params: Params) -> str:
    """The column of the grade or severity: where ADAE has it, the analysis grade (AGRADE).

    AGRADE is AETOXGR but for CRS and ICANS, whose episodes have one grade for every table.
    """
    column = params.conventions.severity
    return "AGRADE" if column == "AETOXGR" and "AGRADE" in events else column


def counted_from(events: pd.DataFrame) -> pd.Series:
    """The day an event counts from: its start, or for one that became worse that of treatment."""
    return events["TRTEMDT"] if "TRTEMDT" in events else events["ASTDT"]


def is_discontinuation(events: pd.DataFrame) -> pd.Series:
    """Led to the end of the study treatment."""
    return events["AEACN"] == "DRUG WITHDRAWN"


def is_fatal(events: pd.DataFrame) -> pd.Series:
    """Led to death, by the seriousness criterion, the outcome or grade 5, whichever says so."""
    fatal = pd.Series(False, index=events.index)
    for column, value in (("AESDTH", "Y"), ("AEOUT", "FATAL"), (grade_column(events), "5")):
        if column in events:
            fatal |= events[column] == value
    return fatal


def is_of_interest(events: pd.DataFrame, params: Params) -> pd.Series:
    """Of any group of special interest of params; where they declare none, as ADAE says."""
    if not params.aesi:
        return events[GENERAL] != ""
    groups = groups_of_interest(events, params).values()
    return pd.concat(list(groups), axis=1).any(axis=1)


OVERVIEW = (
    Category("Any TEAE", (), lambda e, p: e["USUBJID"] != ""),
    Category("Related TEAE", ("AEREL",), is_related),
    Category(
        "TEAE relationship missing",
        ("AEREL",),
        lambda e, p: e["AEREL"] == "",
    ),
    Category("Severe or grade ≥ 3 TEAE", (SEVERITY,), is_grade_at_least_3),
    Category(
        "Related severe or grade ≥ 3 TEAE",
        ("AEREL", SEVERITY),
        lambda e, p: is_related(e, p) & is_grade_at_least_3(e, p),
    ),
    Category("Serious TEAE", ("AESER",), lambda e, p: e["AESER"] == "Y"),
    Category(
        "Related serious TEAE",
        ("AESER", "AEREL"),
        lambda e, p: is_related(e, p) & (e["AESER"] == "Y"),
    ),
    Category(SPECIAL, (INTEREST,), lambda e, p: is_of_interest(e, p)),
    Category(
        "TEAE leading to discontinuation of treatment",
        ("AEACN",),
        lambda e, p: is_discontinuation(e),
    ),
    Category(
        "TEAE leading to interruption of treatment",
        ("AEACN",),
        lambda e, p: e["AEACN"].isin(["DRUG INTERRUPTED", "DOSE DELAYED"]),
    ),
    Category("Fatal TEAE", (DEATH,), lambda e, p: is_fatal(e)),
    Category(
        "Related fatal TEAE",
        ("AEREL", DEATH),
        lambda e, p: is_related(e, p) & is_fatal(e),
    ),
)


def emergent_events(adam: Adam, params: Params) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The safety subjects and their treatment-emergent events (TRTEMFL = Y), one row per record."""
    subjects = subjects_in(adam, params, "safety")
    events = every_event(adam, subjects)
    return subjects, events[events["TRTEMFL"] == "Y"].reset_index(drop=True)


def is_onset(events: pd.DataFrame) -> pd.Series:
    """All but the later lines of an event begun before treatment that are not worse (ACONTFL)."""
    if "ACONTFL" not in events:
        return pd.Series(True, index=events.index)
    return events["ACONTFL"] != "Y"


def onset_needs() -> Needs:
    """What `is_onset` reads."""
    return reads("adae", ACONTFL="lines that continue an event count as events")


def every_event(adam: Adam, subjects: pd.DataFrame) -> pd.DataFrame:
    """The adverse events of the given subjects, with TRTA, classes and terms in one spelling each.

    An event that is not coded has "Not coded" for its term and class.
    """
    events = adam["adae"]
    terms = {c: spelled(events[c]) for c in ("AEBODSYS", "AEDECOD") if c in events}
    return with_group(events.assign(**terms), subjects)


def grade_of(events: pd.DataFrame, params: Params) -> pd.Series:
    """The grade or severity of each event as a level, "Missing" where there is none."""
    column = severity_of(events, params)
    if column not in events:
        return pd.Series(MISSING_GRADE, index=events.index)
    return events[column].where(events[column] != "", MISSING_GRADE)


def answer_overview(adam: Adam, params: Params) -> Output:
    """Subjects with at least one event of each category, and the number of such events."""
    subjects, events = emergent_events(adam, params)
    usable = [c for c in OVERVIEW if _unusable(c, events, params) == ""]
    parts = [events[c.which(events, params)].assign(CATEGORY=c.name) for c in usable]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADAE", ["TRTA", "CATEGORY"], "AESEQ") for part in parts),
    )
    out = ResultList("ae-overview", "safety")
    asked = [(c.name,) for c in usable]
    count_subjects(out, rows, "TRTA", params.treatment.values, [("CATEGORY",)], ["CATEGORY"], asked)
    for category, part in zip(usable, parts, strict=True):
        _count_events(out, part, category.name, params)
    for category in OVERVIEW:
        if category not in usable:
            _say_missing(out, category.name, _unusable(category, events, params), params)
    return Output(rows, out.frame())


def _unusable(category: Category, events: pd.DataFrame, params: Params) -> str:
    """Why a category can't be told from the data; a variable blank throughout tells nothing."""
    if category.name == "TEAE relationship missing" and "AEREL" in events:
        return ""
    return why_untold(events, category.needs, params)


def why_untold(events: pd.DataFrame, needs: Sequence[str], params: Params) -> str:
    """Why ADAE can't tell what is needed, "" where it can.

    `needs`: variables, or SEVERITY, DEATH and INTEREST for those that tell these.
    """
    for need in needs:
        if why := _why_untold(events, need, params):
            return why
    return ""


def _why_untold(events: pd.DataFrame, need: str, params: Params) -> str:
    if need == DEATH:
        known = {*DEATH_TOLD_BY, grade_column(events)} & set(events)
        return "" if known else f"none of {', '.join(DEATH_TOLD_BY)} is in ADAE"
    if need == INTEREST and params.aesi:
        gone = [column for column in interest_columns(params) if column not in events]
        return f"{', '.join(gone)} not in ADAE" if gone else ""
    named = {SEVERITY: severity_of(events, params), INTEREST: GENERAL}
    return why_unusable(events, [named.get(need, need)])


def why_unusable(events: pd.DataFrame, needs: Sequence[str]) -> str:
    """Why the named variables of ADAE tell nothing, "" where they do."""
    for column in needs:
        if column not in events:
            return f"{column} is not in ADAE"
        if len(events) and (events[column] == "").all():
            return f"{column} is blank in every record"
    return ""


def say_missing(
    out: ResultList, subjects: pd.DataFrame, params: Params, items: Sequence[str], why: str
) -> None:
    """Adds that the subjects with any event can't be told, and why, for each group."""
    for level in (*params.treatment.values, None):
        size = len(subjects) if level is None else int((subjects["TRTA"] == level).sum())
        groups: Groups = (("TRTA", level), *((item, None) for item in items))
        out.add(groups, "N", size, method="subjects in the population")
        out.add(groups, "n", None, reason=why)
        out.add(groups, "pct", None, unit="%", reason=why)


def _count_events(out: ResultList, part: pd.DataFrame, name: str, params: Params) -> None:
    for level in (*params.treatment.values, None):
        own = part if level is None else part[part["TRTA"] == level]
        groups: Groups = (("TRTA", level), ("CATEGORY", name))
        out.add(groups, "events", len(own), method="records")


def _say_missing(out: ResultList, name: str, why: str, params: Params) -> None:
    for level in (*params.treatment.values, None):
        groups: Groups = (("TRTA", level), ("CATEGORY", name))
        for stat in ("n", "pct", "events"):
            out.add(groups, stat, None, reason=why)


def overview_needs(params: Params) -> Needs:
    """The events; of what tells the kinds, each line does without what it does not need."""
    lost = {
        "AEREL": "the lines of related events are not estimable",
        "AESER": "the lines of serious events are not estimable",
        "AEACN": "the lines of discontinuation and interruption of treatment are not estimable",
    }
    special = f"the line '{SPECIAL}' is not estimable"
    interest = dict.fromkeys(interest_columns(params), special)
    severe = severity_needs(params, "the lines of severe events are not estimable")
    return event_needs(params, **lost) + reads("adae", **interest) + severe + death_needs()


AE_OVERVIEW = Analysis("ae-overview", answer_overview, source="METHODS §5", needs=overview_needs)
