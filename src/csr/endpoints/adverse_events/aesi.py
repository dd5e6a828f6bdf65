"""Adverse events of special interest: who, how severe, when they began and how long they lasted."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    DEATH,
    SEVERITY,
    SEVERITY_LEVELS,
    death_needs,
    emergent_events,
    event_needs,
    grade_of,
    is_fatal,
    is_grade_at_least_3,
    is_related,
    severity_needs,
    severity_of,
    why_untold,
)
from csr.endpoints.adverse_events.ae_by_grade import worst_grades
from csr.endpoints.adverse_events.ae_episodes import merge_episodes
from csr.endpoints.adverse_events.aesi_groups import (
    groups_needs,
    groups_of_interest,
    ways_to_groups,
)
from csr.params import Params
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
    groups = groups_of_interest(events, params)
    for name, belongs in groups.items():
        own = events[belongs].assign(AESI=name)
        counted += _categories(own, params)
        episodes.append(_episodes(own, subjects, params))
    timed = pd.concat(episodes, ignore_index=True)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADAE", ["TRTA", *ITEMS], "AESEQ") for part in counted),
        counted_rows(timed, "ADAE", ["TRTA", *ITEMS, "value"], "AESEQ"),
    )
    told = [c for c in categories(params) if not why_untold(events, told_by(c), params)]
    asked = [(name, c) for name in groups for c in told]
    count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    why = _why_no_episodes(events, subjects)
    for name in groups:
        for level in (*params.treatment.values, None):
            own = timed[timed["AESI"] == name]
            group = own if level is None else own[own["TRTA"] == level]
            _summarise(out, name, level, group, why, params)
    return Output(rows, out.frame())


def categories(params: Params) -> tuple[str, ...]:
    """The lines of a block: kinds of events, then the maximum grades."""
    grades = SEVERITY_LEVELS[params.conventions.severity]
    return (ANY_EVENT, RELATED, SEVERE, SERIOUS, FATAL, *(GRADE + grade for grade in grades))


def told_by(category: str) -> tuple[str, ...]:
    """The variables of ADAE that tell a line of a block."""
    if category == SEVERE or category.startswith(GRADE):
        return (SEVERITY,)
    return {RELATED: ("AEREL",), SERIOUS: ("AESER",), FATAL: (DEATH,)}.get(category, ())


def _categories(own: pd.DataFrame, params: Params) -> list[pd.DataFrame]:
    """The events of a group on each line that ADAE can tell."""
    parts = [own.assign(CATEGORY=ANY_EVENT), own[is_fatal(own)].assign(CATEGORY=FATAL)]
    if "AEREL" in own:
        parts.append(own[is_related(own, params)].assign(CATEGORY=RELATED))
    if "AESER" in own:
        parts.append(own[own["AESER"] == "Y"].assign(CATEGORY=SERIOUS))
    if severity_of(own, params) not in own:
        return parts
    parts.append(own[is_grade_at_least_3(own, params)].assign(CATEGORY=SEVERE))
    worst = worst_grades(own.assign(GRADE=grade_of(own, params), AEBODSYS="", AEDECOD=""), params)
    worst = worst.drop_duplicates(["USUBJID"]).assign(AESI=own["AESI"].iloc[0] if len(own) else "")
    return [*parts, worst.assign(CATEGORY=GRADE + worst["MAXGRADE"])]


def _why_no_episodes(events: pd.DataFrame, subjects: pd.DataFrame) -> str:
    """Why there are no onsets and durations, "" where there are."""
    gone = [f"{c} is not in ADAE" for c in ("ASTDT", "AENDT") if c not in events]
    gone += ["TRTSDT is not in ADSL"] if "TRTSDT" not in subjects else []
    return ", ".join(gone)


def _episodes(own: pd.DataFrame, subjects: pd.DataFrame, params: Params) -> pd.DataFrame:
    """Onset of the first episode, durations of those that ended, and those that did not."""
    keep = ["USUBJID", "TRTA", "AESI", "AESEQ", "CATEGORY", "value"]
    told = not _why_no_episodes(own, subjects)
    dated = own[own["ASTDT"].notna()] if told else own.iloc[:0]
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
    out: ResultList, name: str, level: str | None, own: pd.DataFrame, why: str, params: Params
) -> None:
    """Onset and duration of the episodes; NE, each with `why`, where there can be none."""
    for category in (ONSET, DURATION, ONGOING):
        values = own.loc[own["CATEGORY"] == category, "value"]
        where: Groups = (("TRTA", level), ("AESI", name), ("CATEGORY", category))
        out.add(where, "events", None if why else len(values), method="episodes", reason=why)
        if category == ONGOING:
            continue
        found = describe(values.to_numpy(), kind=params.conventions.quantile_type)
        for stat in SUMMARY:
            value = getattr(found, stat)
            reason = why or ("no episode" if pd.isna(value) else "")
            out.add(where, stat, value, unit="days", reason=reason)


def unasked(params: Params) -> str:
    """Nothing is of special interest unless params say what."""
    return "" if params.aesi else "params declare no aesi"


def needs(params: Params) -> Needs:
    """The events of at least one group; a line that ADAE can't tell is left out."""
    episodes = "onset and duration of episodes of special interest are not estimable"
    lines = {
        c: f"the line '{line}' is left out" for line, c in ((RELATED, "AEREL"), (SERIOUS, "AESER"))
    }
    times = dict.fromkeys(("ASTDT", "AENDT"), episodes)
    since = "onset is in days from the first treatment, not from the latest infusion"
    return (
        event_needs(params, **lines, **times, AINFDY=since)
        + reads("adsl", TRTSDT=episodes)
        + severity_needs(params, "the lines of grades are left out")
        + death_needs()
        + groups_needs(params)
        + reads_either("adae", *ways_to_groups(params))
    )


AESI_SUMMARY = Analysis(NAME, answer, source="METHODS §5", unasked=unasked, needs=needs)
