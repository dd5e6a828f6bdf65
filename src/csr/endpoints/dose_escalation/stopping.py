"""Stopping boundaries: each monitored event against the count at which the trial would stop."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.event_criteria import criteria_needs, may_meet, meets
from csr.endpoints.dose_escalation.dlt import DLT, NO_DLT, judged_needs, judged_subjects, rules_of
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.params.dose_escalation import EventCriteria, StoppingRule
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)
from csr.stats.binomial import beta_posterior
from csr.stats.dose_finding import stopping_boundary

NAME = "stopping-boundaries"


EVENTS = reads(
    "adae",
    "USUBJID",
    "AESEQ",
    "ASTDT",
    TRTEMDT="an event that became worse on treatment is of the day on which it began",
    AINFN="events are after the first infusion by their dates alone",
    ACONTFL="lines that continue an event count as events",
)


def monitored_needs(params: Params) -> Needs:
    """What `monitored` reads for the rules of the params."""
    found = Needs()
    for rule in rules_of(params).stopping:
        if rule.event == "dlt":
            found += judged_needs(params)
            continue
        found += subject_needs(params, "safety") + reads("adsl", "TRTSDT")
        found += EVENTS + criteria_needs(rule.event)
        if rule.within_days is not None:
            found += reads("adsl", "LSTALVDT")
    return found


def monitored(adam: Adam, params: Params, rule: StoppingRule) -> pd.DataFrame:
    """Who counts under a stopping rule, in the order of their first infusion.

    One row per subject: USUBJID, TRTA, TRTSDT, EVENT (1 or 0) and AESEQ of the first event. DLT:
    the DLT-evaluable of the escalation. Any other event: the safety set. A subject whose window is
    still open, and who left or died inside it, counts only with an event. An event whose days at a
    grade are not known counts where they could be too many.
    """
    if rule.event == "dlt":
        subjects = judged_subjects(adam, params)
        subjects = subjects[subjects["STATUS"].isin([DLT, NO_DLT])]
        return _columns(subjects.assign(EVENT=subjects["STATUS"] == DLT, AESEQ=np.nan))
    subjects = subjects_in(adam, params, "safety")
    t0 = subjects.set_index("USUBJID")["TRTSDT"]
    events = _events(adam["adae"], t0, rule.event, rule.within_days, params)
    first = events.sort_values(["ASTDT", "AESEQ"]).groupby("USUBJID")["AESEQ"].first()
    sequence = subjects["USUBJID"].map(first)
    subjects = subjects.assign(AESEQ=sequence, EVENT=sequence.notna())
    if rule.within_days is not None:
        end = subjects["TRTSDT"] + pd.Timedelta(days=rule.within_days)
        subjects = subjects[subjects["EVENT"] | (subjects["LSTALVDT"] >= end)]
    return _columns(subjects)


def _columns(subjects: pd.DataFrame) -> pd.DataFrame:
    kept = subjects[["USUBJID", "TRTA", "TRTSDT", "EVENT", "AESEQ"]]
    ordered = kept.sort_values(["TRTSDT", "USUBJID"], kind="stable").reset_index(drop=True)
    return ordered.assign(EVENT=ordered["EVENT"].astype(int))


def _events(
    adae: pd.DataFrame,
    t0: pd.Series,
    criteria: EventCriteria,
    within_days: int | None,
    params: Params,
) -> pd.DataFrame:
    """The events that count: begun after the first infusion, or worse on it, inside the window."""
    events = adae[adae["USUBJID"].isin(t0.index)]
    start = events["TRTEMDT"] if "TRTEMDT" in events else events["ASTDT"]
    day = (start - events["USUBJID"].map(t0)).dt.days
    inside = (day >= 0) & (day <= (within_days if within_days is not None else np.inf))
    if "AINFN" in events:
        inside &= events["AINFN"] >= 1
    if "ACONTFL" in events:
        inside &= events["ACONTFL"] != "Y"
    cutoff = pd.Timestamp(params.cut.cutoff)
    met = meets(events, criteria, cutoff) | may_meet(events, criteria, cutoff)
    return events[inside & met]


def answer(adam: Adam, params: Params) -> Output:
    """For each rule: subjects, events, P(rate > p0), and the fewest events that stop the trial.

    `boundary` is for the subjects there are now, missing where no count of events would stop;
    `crossed` is 1 where the events reach it.
    """
    out, parts = ResultList(NAME, "safety"), []
    for rule in rules_of(params).stopping:
        subjects = monitored(adam, params, rule).assign(RULE=rule.label)
        happened = subjects[subjects["EVENT"] == 1]
        domain = "ADSL" if rule.event == "dlt" else "ADAE"
        key = "" if rule.event == "dlt" else "AESEQ"
        parts += [
            population_rows(subjects, ["TRTA", "RULE"]),
            counted_rows(happened, domain, ["TRTA", "RULE"], key),
        ]
        _state(out, rule, len(subjects), len(happened))
    return Output(make_rows(*parts), out.frame())


def _state(out: ResultList, rule: StoppingRule, n: int, x: int) -> None:
    where: Groups = (("RULE", rule.label),)
    out.add(where, "n", x, method="distinct subjects")
    out.add(where, "N", n, method="subjects monitored")
    empty = "" if n else "no subject in the group"
    out.add(where, "pct", 100 * x / n if n else None, unit="%", method="100·n/N", reason=empty)
    prior = f"Beta({rule.a:g}, {rule.b:g})"
    above = beta_posterior(x, n, rule.a, rule.b, rule.p0).prob_above
    out.add(where, "prob_above", above, method=f"{prior}, p0 {rule.p0:g}")
    fewest = boundary_at(rule, n)
    why = "" if fewest is not None else "no count of events stops with so few subjects"
    out.add(where, "boundary", fewest, method=f"{prior}, p0 {rule.p0:g}", reason=why)
    out.add(where, "crossed", float(fewest is not None and x >= fewest), method="n ≥ boundary")


def boundary_at(rule: StoppingRule, n: int) -> int | None:
    """The fewest events among n subjects that stop the trial; None where none do."""
    if n == 0:
        return None
    fewest = stopping_boundary(rule.p0, rule.a, rule.b, rule.tau, rule.min_subjects, n)[-1]
    return None if np.isnan(fewest) else int(fewest)


def unasked(params: Params) -> str:
    """Nothing is monitored unless params say what."""
    rules = params.endpoints.dlt
    return "" if rules is not None and rules.stopping else "params declare no stopping rule"


STOPPING = Analysis(NAME, answer, "METHODS §2", ("dlt",), unasked, needs=monitored_needs)
