"""Adverse events of special interest: who, how severe, when they began and how long they lasted."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    SEVERITY_LEVELS,
    emergent_events,
    grade_of,
    is_fatal,
    is_grade_at_least_3,
    is_related,
    severity_of,
    why_unusable,
)
from csr.endpoints.adverse_events.ae_by_grade import worst_grades
from csr.endpoints.adverse_events.ae_episodes import merge_episodes
from csr.endpoints.adverse_events.aesi_groups import groups_of_interest
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
from csr.stats.summary import describe

NAME = "aesi-summary"
ITEMS = ("AESI", "CATEGORY")
ANY_EVENT, SEVERE, RELATED = "Any event", "Severe or grade ≥ 3", "Related"
SERIOUS, FATAL = "Serious", "Fatal"
GRADE = "Maximum grade "
ONSET, DURATION, ONGOING = "Onset", "Duration", "Not ended"
SUMMARY = ("median", "min", "max")


def answer(adam: Adam, params: Params) -> Output:
    """A block per group: subjects by category and maximum grade; onset and duration of episodes.

    Onset: day of the first episode of each subject, in days from the latest infusion before it (the
    day of the infusion is 0). Duration: of each episode that ended, in days, both days included;
    contiguous records of the group are one episode. `events` counts episodes.
    """
    subjects, events = emergent_events(adam, params)
    out = ResultList(NAME, "safety")
    counted, episodes = [], []
    for name, belongs in groups_of_interest(events, params).items():
        own = events[belongs].assign(AESI=name)
        counted += _categories(own, params)
        episodes.append(_episodes(own, subjects, params))
    timed = pd.concat(episodes, ignore_index=True)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADAE", ["TRTA", *ITEMS], "AESEQ") for part in counted),
        counted_rows(timed, "ADAE", ["TRTA", *ITEMS, "value"], "AESEQ"),
    )
    asked = [(name, c) for name in params.aesi for c in categories(params)]
    count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    for name in params.aesi:
        for level in (*params.treatment.values, None):
            own = timed[timed["AESI"] == name]
            _summarise(
                out, name, level, own if level is None else own[own["TRTA"] == level], params
            )
    return Output(rows, out.frame())


def categories(params: Params) -> tuple[str, ...]:
    """The lines of a block: kinds of events, then the maximum grades."""
    grades = SEVERITY_LEVELS[params.conventions.severity]
    return (ANY_EVENT, RELATED, SEVERE, SERIOUS, FATAL, *(GRADE + grade for grade in grades))


def _categories(own: pd.DataFrame, params: Params) -> list[pd.DataFrame]:
    parts = [own.assign(CATEGORY=ANY_EVENT), own[is_fatal(own)].assign(CATEGORY=FATAL)]
    if not why_unusable(own, ["AEREL"]):
        parts.append(own[is_related(own, params)].assign(CATEGORY=RELATED))
    if not why_unusable(own, ["AESER"]):
        parts.append(own[own["AESER"] == "Y"].assign(CATEGORY=SERIOUS))
    if not why_unusable(own, [severity_of(own, params)]):
        parts.append(own[is_grade_at_least_3(own, params)].assign(CATEGORY=SEVERE))
    worst = worst_grades(own.assign(GRADE=grade_of(own, params), AEBODSYS="", AEDECOD=""), params)
    worst = worst.drop_duplicates(["USUBJID"]).assign(AESI=own["AESI"].iloc[0] if len(own) else "")
    return [*parts, worst.assign(CATEGORY=GRADE + worst["MAXGRADE"])]


def _episodes(own: pd.DataFrame, subjects: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Onset of the first episode, durations of those that ended, and those that did not."""
    keep = ["USUBJID", "TRTA", "AESI", "AESEQ", "CATEGORY", "value"]
    dated = own[own["ASTDT"].notna()] if "AENDT" in own else own.iloc[:0].assign(AENDT=pd.NaT)
    if dated.empty:
        return own.iloc[:0].assign(CATEGORY="", value=0.0)[keep]
    merged = merge_episodes(dated, ["TRTA", "AESI"], params.conventions.episode_gap_days)
    first = merged.drop_duplicates("USUBJID")
    since = dated.set_index(["USUBJID", "AESEQ"])
    keys = pd.MultiIndex.from_frame(first[["USUBJID", "AESEQ"]])
    t0 = first["USUBJID"].map(subjects.set_index("USUBJID")["TRTSDT"])
    onset = (first["ASTDT"] - t0).dt.days.astype(float).clip(lower=0)
    if "AINFDY" in since:
        latest = pd.Series(since["AINFDY"].reindex(keys).to_numpy(), index=first.index)
        onset = latest.where(latest.notna(), onset)
    days = (merged["AENDT"] - merged["ASTDT"]).dt.days + 1.0
    ended = days.notna()
    parts = [
        first.assign(CATEGORY=ONSET, value=onset),
        merged[ended].assign(CATEGORY=DURATION, value=days[ended]),
        merged[~ended].assign(CATEGORY=ONGOING, value=float("nan")),
    ]
    return pd.concat([p[keep] for p in parts if len(p)], ignore_index=True)


def _summarise(
    out: ResultList, name: str, level: str | None, own: pd.DataFrame, params: Params
) -> None:
    for category in (ONSET, DURATION, ONGOING):
        values = own.loc[own["CATEGORY"] == category, "value"]
        where: Groups = (("TRTA", level), ("AESI", name), ("CATEGORY", category))
        out.add(where, "events", len(values), method="episodes")
        if category == ONGOING:
            continue
        found = describe(values.to_numpy(), kind=params.conventions.quantile_type)
        for stat in SUMMARY:
            value = getattr(found, stat)
            why = "no episode" if pd.isna(value) else ""
            out.add(where, stat, value, unit="days", reason=why)


def unasked(params: Params) -> str:
    """Nothing is of special interest unless params say what."""
    return "" if params.aesi else "params declare no aesi"


AESI_SUMMARY = Analysis(NAME, ("adsl", "adae"), answer, source="METHODS §5", unasked=unasked)
