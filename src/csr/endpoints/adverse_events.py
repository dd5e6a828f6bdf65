"""Treatment-emergent adverse events: who had any, which, and how severe.

A subject counts once per line, at the maximum grade (METHODS §5). A missing grade has its own row;
a missing relationship follows the convention in params.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

ANY = "(any)"
MISSING_GRADE = "Missing"
SEVERITIES = {"MILD": "1", "MODERATE": "2", "SEVERE": "3"}
SEVERITY_LEVELS = {
    "AETOXGR": ("1", "2", "3", "4", "5", MISSING_GRADE),
    "AESEV": ("MILD", "MODERATE", "SEVERE", MISSING_GRADE),
}


@dataclass(frozen=True)
class Category:
    """One line of the overview: which events count, and the variables it needs to be told from."""

    name: str
    needs: tuple[str, ...]
    which: Callable[[pd.DataFrame, Params], pd.Series]


def is_related(events: pd.DataFrame, params: Params) -> pd.Series:
    """Related to study treatment; a missing relationship follows the convention."""
    related = events["AEREL"].isin(params.relationship.related)
    if params.conventions.missing_relationship == "related":
        return related | (events["AEREL"] == "")
    return related


def _grade_at_least_3(events: pd.DataFrame, params: Params) -> pd.Series:
    if params.conventions.severity == "AETOXGR":
        return events["AETOXGR"].isin(["3", "4", "5"])
    return events["AESEV"] == "SEVERE"


def _is_fatal(events: pd.DataFrame) -> pd.Series:
    fatal = pd.Series(False, index=events.index)
    for column, value in (("AESDTH", "Y"), ("AEOUT", "FATAL"), ("AETOXGR", "5")):
        if column in events:
            fatal |= events[column] == value
    return fatal


OVERVIEW = (
    Category("Any TEAE", (), lambda e, p: e["USUBJID"] != ""),
    Category("Related TEAE", ("AEREL",), is_related),
    Category(
        "TEAE relationship missing",
        ("AEREL",),
        lambda e, p: e["AEREL"] == "",
    ),
    Category("Severe or grade ≥ 3 TEAE", (), _grade_at_least_3),
    Category(
        "Related severe or grade ≥ 3 TEAE",
        ("AEREL",),
        lambda e, p: is_related(e, p) & _grade_at_least_3(e, p),
    ),
    Category("Serious TEAE", ("AESER",), lambda e, p: e["AESER"] == "Y"),
    Category(
        "Related serious TEAE",
        ("AESER", "AEREL"),
        lambda e, p: is_related(e, p) & (e["AESER"] == "Y"),
    ),
    Category("TEAE of special interest", ("CQ01NAM",), lambda e, p: e["CQ01NAM"] != ""),
    Category(
        "TEAE leading to discontinuation of treatment",
        ("AEACN",),
        lambda e, p: e["AEACN"] == "DRUG WITHDRAWN",
    ),
    Category(
        "TEAE leading to interruption of treatment",
        ("AEACN",),
        lambda e, p: e["AEACN"].isin(["DRUG INTERRUPTED", "DOSE DELAYED"]),
    ),
    Category("Fatal TEAE", (), lambda e, p: _is_fatal(e)),
    Category(
        "Related fatal TEAE",
        ("AEREL",),
        lambda e, p: is_related(e, p) & _is_fatal(e),
    ),
)


def emergent_events(adam: Adam, params: Params) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The safety subjects and their treatment-emergent events (TRTEMFL = Y), one row per record."""
    subjects = subjects_in(adam, params, "safety")
    events = with_group(adam["adae"], subjects)
    return subjects, events[events["TRTEMFL"] == "Y"].reset_index(drop=True)


def grade_of(events: pd.DataFrame, params: Params) -> pd.Series:
    """The grade or severity of each event as a level, "Missing" where there is none."""
    column = params.conventions.severity
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
    needs = list(category.needs)
    if "grade ≥ 3" in category.name:
        needs.append(params.conventions.severity)
    if category.name == "TEAE relationship missing" and "AEREL" in events:
        return ""
    for column in needs:
        if column not in events:
            return f"{column} is not in ADAE"
        if len(events) and (events[column] == "").all():
            return f"{column} is blank in every record"
    return ""


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


def answer_by_soc_pt(adam: Adam, params: Params) -> Output:
    """Subjects with any event, by system organ class, and by preferred term within it."""
    subjects, events = emergent_events(adam, params)
    items = ("AEBODSYS", "AEDECOD")
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(events, "ADAE", ["TRTA", *items], "AESEQ"),
    )
    out = ResultList("ae-by-soc-pt", "safety")
    sets: tuple[tuple[str, ...], ...] = ((), ("AEBODSYS",), items)
    count_subjects(out, rows, "TRTA", params.treatment.values, sets, items)
    return Output(rows, out.frame())


def answer_by_soc_pt_grade(adam: Adam, params: Params) -> Output:
    """Subjects by maximum grade: over all events, within each class, and within each term."""
    subjects, events = emergent_events(adam, params)
    items = ("AEBODSYS", "AEDECOD", "MAXGRADE")
    worst = worst_grades(events.assign(GRADE=grade_of(events, params)), params)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(worst, "ADAE", ["TRTA", *items], "AESEQ"),
    )
    out = ResultList("ae-by-soc-pt-grade", "safety")
    terms = worst[["AEBODSYS", "AEDECOD"]].drop_duplicates().sort_values(["AEBODSYS", "AEDECOD"])
    grades = SEVERITY_LEVELS[params.conventions.severity]
    asked = [(soc, pt, g) for soc, pt in terms.itertuples(index=False) for g in grades]
    if asked:
        count_subjects(out, rows, "TRTA", params.treatment.values, [items], items, asked)
    return Output(rows, out.frame())


def worst_grades(events: pd.DataFrame, params: Params) -> pd.DataFrame:
    """One record per subject and term, per subject and class, and per subject: the worst one.

    AEDECOD is "(any)" on the class level, AEBODSYS and AEDECOD on the subject's. A missing grade
    ranks below every grade; among equals the earliest record (lowest AESEQ) stands.
    """
    rank = {grade: i for i, grade in enumerate(SEVERITY_LEVELS[params.conventions.severity], 1)}
    rank[MISSING_GRADE] = 0
    ordered = events.assign(RANK=events["GRADE"].map(rank)).sort_values(
        ["USUBJID", "RANK", "AESEQ"], ascending=[True, False, True], kind="stable"
    )
    by_class = ordered.assign(AEDECOD=ANY)
    overall = by_class.assign(AEBODSYS=ANY)
    parts = [
        overall.drop_duplicates(["USUBJID"]),
        by_class.drop_duplicates(["USUBJID", "AEBODSYS"]),
        ordered.drop_duplicates(["USUBJID", "AEBODSYS", "AEDECOD"]),
    ]
    return pd.concat(parts, ignore_index=True).rename(columns={"GRADE": "MAXGRADE"})


AE_OVERVIEW = Analysis("ae-overview", ("adsl", "adae"), answer_overview, source="METHODS §5")
AE_BY_SOC_PT = Analysis("ae-by-soc-pt", ("adsl", "adae"), answer_by_soc_pt, source="METHODS §5")
AE_BY_SOC_PT_GRADE = Analysis(
    "ae-by-soc-pt-grade", ("adsl", "adae"), answer_by_soc_pt_grade, source="METHODS §5"
)
