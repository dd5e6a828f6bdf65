"""CRS and ICANS: how many subjects, how severe, when, how long, and what was given (METHODS §5)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pandas as pd

from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import (
    UNTRACED,
    Adam,
    Analysis,
    Groups,
    Needs,
    NeedsOf,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)
from csr.stats.summary import describe

ANY, SEVERE, GRADE = "Any", "Grade ≥ 3", "Maximum grade "
NO_GRADE = "not graded"
GRADES = ("1", "2", "3", "4", "5")
ONSET, DURATION, ONGOING, DOSES = "Onset", "Duration", "Not ended", "Tocilizumab doses"
GIVEN = {
    "Tocilizumab": "TOCIFL",
    "Corticosteroids": "STERFL",
    "Vasopressors": "VASOFL",
    "Intensive care": "ICUFL",
}
LINES = (ANY, *(GRADE + g for g in (*GRADES, NO_GRADE)), SEVERE, *GIVEN)
NO_EPISODE = "no episode"


# What an episode is told by.
TOLD_BY = {ONSET: "AINFDY", DURATION: "ADURN", DOSES: "TOCIN", ONGOING: "AENDT"}


def episode_needs(params: Params) -> Needs:
    """What `episodes_of` reads, and the grade."""
    own = reads("adce", "USUBJID", "ACAT1", "AINFN", "AGRADE", "ASTDT", CESEQ=UNTRACED)
    return subject_needs(params, "safety") + own


def episodes_of(adam: Adam, params: Params, syndrome: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The safety subjects, and the episodes of a syndrome after the first infusion, in time."""
    subjects = subjects_in(adam, params, "safety")
    own = with_group(adam["adce"], subjects)
    own = own[(own["ACAT1"] == syndrome) & (own["AINFN"] > 0)]
    return subjects, own.sort_values(["USUBJID", "ASTDT"], kind="stable").reset_index(drop=True)


def answer(adam: Adam, params: Params, name: str, syndrome: str) -> Output:
    """Safety subjects with the syndrome by maximum grade and treatment; onset and duration.

    Onset: of each subject's first episode, days from the latest infusion (whose day is 0).
    Duration: of each episode that ended, both days included. `events` counts episodes.
    """
    subjects, own = episodes_of(adam, params, syndrome)
    own = own.assign(value=float("nan"))
    parts = [*_categories(own), *_timed(own)]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADCE", ["TRTA", "CATEGORY", "value"], "CESEQ") for part in parts),
    )
    out = ResultList(name, "safety")
    groups = params.treatment.values
    asked = [(line,) for line in LINES if GIVEN.get(line, "ACAT1") in own]
    count_subjects(out, rows, "TRTA", groups, [("CATEGORY",)], ("CATEGORY",), asked)
    for level in (*groups, None):
        for category, column in TOLD_BY.items():
            why = "" if column in own else f"{column} is not in ADCE"
            _summarise(out, rows, level, category, why, params)
    return Output(rows, out.frame())


def _categories(own: pd.DataFrame) -> list[pd.DataFrame]:
    grade = own["AGRADE"].where(own["AGRADE"].isin(GRADES), NO_GRADE)
    worst = own.assign(order=pd.to_numeric(own["AGRADE"], errors="coerce").fillna(0.0))
    worst = worst.assign(CATEGORY=GRADE + grade).sort_values("order", kind="stable")
    return [
        own.assign(CATEGORY=ANY),
        worst.drop_duplicates("USUBJID", keep="last").drop(columns="order"),
        own[own["AGRADE"].isin(["3", "4", "5"])].assign(CATEGORY=SEVERE),
        *(
            own[own[flag] == "Y"].assign(CATEGORY=name)
            for name, flag in GIVEN.items()
            if flag in own
        ),
    ]


def _timed(own: pd.DataFrame) -> list[pd.DataFrame]:
    """The episodes, or first episodes, of which each time or number is known."""
    parts = []
    if "AINFDY" in own:
        first = own.drop_duplicates("USUBJID")
        parts.append(first.assign(CATEGORY=ONSET, value=first["AINFDY"].astype(float)))
    if "ADURN" in own:
        ended = own[own["ADURN"].notna()]
        parts.append(ended.assign(CATEGORY=DURATION, value=ended["ADURN"].astype(float)))
    if "AENDT" in own:
        parts.append(own[own["AENDT"].isna()].assign(CATEGORY=ONGOING))
    if "TOCIN" in own:
        given = own[own["TOCIN"] > 0]
        parts.append(given.assign(CATEGORY=DOSES, value=given["TOCIN"].astype(float)))
    return parts


def _summarise(
    out: ResultList,
    rows: pd.DataFrame,
    level: str | None,
    category: str,
    unknown: str,
    params: Params,
) -> None:
    """The moments of a time or number; NE, each for the reason `unknown`, where it is not known."""
    own = rows[rows["CATEGORY"] == category]
    values = (own if level is None else own[own["TRTA"] == level])["value"]
    where: Groups = (("TRTA", level), ("CATEGORY", category))
    n = None if unknown else len(values)
    out.add(where, "events", n, method="episodes", reason=unknown)
    if category == ONGOING:
        return
    found = describe(values.to_numpy(), kind=params.conventions.quantile_type)
    unit = "doses" if category == DOSES else "days"
    for stat in ("median", "min", "max"):
        value = getattr(found, stat)
        why = unknown or (NO_EPISODE if pd.isna(value) else "")
        out.add(where, stat, value, unit=unit, reason=why)


def answer_by_infusion(adam: Adam, params: Params, name: str, syndrome: str) -> Output:
    """Of the subjects who had an infusion, those with an episode after it: by its number."""
    subjects, own = episodes_of(adam, params, syndrome)
    given = with_group(adam["adex"], subjects)
    given = given[given["AINFN"].notna()].drop_duplicates(["USUBJID", "AINFN"])
    population = population_rows(_numbered(given), ["TRTA", "INFUSION"])
    rows = make_rows(
        population, counted_rows(_numbered(own), "ADCE", ["TRTA", "INFUSION"], "CESEQ")
    )
    out = ResultList(name, "safety")
    for number in sorted(population["INFUSION"].unique(), key=int):
        for level in (*params.treatment.values, None):
            _count(out, rows, (("TRTA", level), ("INFUSION", number)))
    return Output(rows, out.frame())


def _numbered(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(INFUSION=frame["AINFN"].map("{:g}".format).astype(object))


def _count(out: ResultList, rows: pd.DataFrame, where: Groups) -> None:
    own = rows
    for column, level in where:
        own = own if level is None else own[own[column] == level]
    total = own.loc[own["role"] == "population", "USUBJID"].nunique()
    n = own.loc[own["role"] == "counted", "USUBJID"].nunique()
    out.add(where, "n", n, method="distinct subjects")
    out.add(where, "N", total, method="subjects who had this infusion")
    percent = 100 * n / total if total else None
    reason = "" if total else "nobody had this infusion"
    out.add(where, "pct", percent, unit="%", method="100·n/N", reason=reason)


def summary_needs(params: Params) -> Needs:
    """The episodes, what was given in them, and their times."""
    given = {flag: f"the line '{name}' is left out" for name, flag in GIVEN.items()}
    times = {column: f"'{name}' is not estimable" for name, column in TOLD_BY.items()}
    return episode_needs(params) + reads("adce", **given, **times)


def by_infusion_needs(params: Params) -> Needs:
    """The episodes, and who had which infusion."""
    return episode_needs(params) + reads("adex", "USUBJID", "AINFN")


def _analysis(name: str, syndrome: str, how: Callable[..., Output], needs: NeedsOf) -> Analysis:
    answered = partial(how, name=name, syndrome=syndrome)
    return Analysis(name, answered, "METHODS §5; Lee 2019", needs=needs)


CRS, ICANS = "CRS", "ICANS"
SUMMARIES = {s: _analysis(f"{s.lower()}-summary", s, answer, summary_needs) for s in (CRS, ICANS)}
BY_INFUSION = {
    s: _analysis(
        f"{s.lower()}-by-infusion",
        s,
        answer_by_infusion,
        by_infusion_needs,
    )
    for s in (CRS, ICANS)
}
