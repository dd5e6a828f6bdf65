"""Time-to-event endpoints: the estimate, the curve and the reasons that each declaration has.

Declared in `csr.params.time_to_event`. ADTTE holds the record of each subject (CNSR 0 = event); the
Kaplan-Meier estimate is `csr.stats.survival`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from csr.derive.responders import subjects_of
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.params.time_to_event import LIBRARY, OS, TimeToEvent
from csr.results import (
    UNTRACED,
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
    reads_if_there,
)
from csr.stats import survival

EVENT, CENSORED = "Event", "Censored"
NOBODY = "no subject in the group"
QUANTILE_RULE = (
    "first time S ≤ 1 − p, the middle where S = 1 − p (SAS LIFETEST, R quantile.survfit)"
)
QUANTILE_NOTE = (
    "Median (quartile): the first time at which the Kaplan-Meier estimate is at or below 50% (75%, "
    "25%), or the middle of the time for which it is exactly that (as SAS LIFETEST and R's "
    "quantile.survfit)."
)


TIMES = reads("adtte", "USUBJID", "PARAMCD", "AVAL", "CNSR", ASEQ=UNTRACED)
# Of whom duration of and time to response are; where params say whose response counts.
WHO_RESPONDED = ("USUBJID", "PARAMCD", "AVALC", "RSEVAL")


def of_who_responded(endpoint: TimeToEvent, params: Params) -> bool:
    """Whether ADRS tells who has the endpoint."""
    told = params.endpoints.bor or params.endpoints.bor_unconfirmed
    return told is not None and endpoint.who in ("responders", "disease-control")


def record_needs(params: Params, endpoint: TimeToEvent) -> Needs:
    """What `records_of` reads for an endpoint."""
    own = subject_needs(params, endpoint.population) + TIMES
    return own + reads("adrs", *WHO_RESPONDED) if of_who_responded(endpoint, params) else own


def records_of(adam: Adam, params: Params, endpoint: TimeToEvent) -> pd.DataFrame:
    """One row per subject of its set with a record: time in months as `value`, `event` 1 or 0.

    Records of subjects who can't have the endpoint (no responder, no disease control) are left
    out, also where ADTTE is delivered; `find_contradictions` counts them.
    """
    chosen = params.endpoints.of(endpoint.name)
    if chosen is None:
        raise ValueError(f"endpoints.{endpoint.name} is not in params")
    subjects = subjects_in(adam, params, endpoint.population)
    records = adam["adtte"]
    own = with_group(records[records["PARAMCD"] == chosen.paramcd], subjects)
    among = subjects_of(endpoint, adam, params.endpoints, params.conventions)
    if among is not None:
        own = own[own["USUBJID"].isin(among)]
    months = own["AVAL"] / params.conventions.days_per_month
    if chosen.unit == "months":
        months = own["AVAL"]
    return own.assign(value=months, event=(own["CNSR"] < 0.5).astype(float)).reset_index(drop=True)


def answer(adam: Adam, params: Params, endpoint: TimeToEvent) -> Output:
    """Events, Kaplan-Meier quartiles and rates with intervals, and the steps of the curve."""
    own = records_of(adam, params, endpoint)
    subjects = subjects_in(adam, params, endpoint.population)
    key = "ASEQ" if "ASEQ" in own else ""
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADTTE", ["TRTA", "value", "event"], key),
    )
    out = ResultList(endpoint.name, endpoint.population)
    for level in (*params.treatment.values, None):
        group = own if level is None else own[own["TRTA"] == level]
        size = subjects if level is None else subjects[subjects["TRTA"] == level]
        out.add((("TRTA", level),), "N", len(size), method="subjects in the population")
        where: Groups = (("TRTA", level),)
        summarise(out, where, group["value"].to_numpy(), group["event"].to_numpy(), params)
    return Output(rows, out.frame())


def summarise(
    out: ResultList, where: Groups, time: np.ndarray, event: np.ndarray, params: Params
) -> None:
    """Events and censored, quartiles, rates at the landmarks and steps of one group's curve."""
    out.add(where, "n", len(time), method="subjects with a record")
    for stat, flag in (("events", event), ("censored", 1 - event)):
        share = 100 * float(flag.mean()) if len(time) else None
        why = "" if len(time) else NOBODY
        out.add(where, stat, float(flag.sum()), method="CNSR = 0: event; CNSR > 0: censored")
        out.add(where, f"{stat}_pct", share, unit="%", method="100·n/records", reason=why)
    if not len(time):
        for stat in ("q25", "median", "q75"):
            out.add(where, stat, None, unit="months", reason=NOBODY)
        return
    for stat, value in (("time_min", time.min()), ("time_max", time.max())):
        out.add(where, stat, float(value), unit="months", method="observed time")
    curve = survival.kaplan_meier(time, event)
    add_quantiles(out, where, curve, params)
    _add_landmarks(out, where, curve, params)
    _add_steps(out, where, curve, params)


def add_quantiles(out: ResultList, where: Groups, curve: survival.Curve, params: Params) -> None:
    """Quartiles of a Kaplan-Meier curve with their intervals, NE with its reason."""
    conventions = params.conventions
    method = f"Kaplan-Meier, {conventions.km_interval} interval; {QUANTILE_RULE}"
    for stat, p in (("q25", 0.25), ("median", 0.5), ("q75", 0.75)):
        found = survival.quantile_time(curve, p, conventions.conf_level, conventions.km_interval)
        for suffix, value in (("", found.time), ("_lcl", found.low), ("_ucl", found.high)):
            why = (found.reason or survival.NOT_REACHED) if np.isnan(value) else ""
            out.add(where, stat + suffix, value, unit="months", method=method, reason=why)


def _add_landmarks(out: ResultList, where: Groups, curve: survival.Curve, params: Params) -> None:
    conventions = params.conventions
    method = f"Kaplan-Meier, {conventions.km_interval} interval"
    for found in survival.survival_at(
        curve, conventions.landmark_months, conventions.conf_level, conventions.km_interval
    ):
        groups: Groups = (*where, ("LANDMARK", f"{found.time:g}"))
        # Also where the curve ended at 0 before: METHODS §4 prints NE beyond the last observation.
        beyond = found.reason == survival.BEYOND_LAST
        for stat, value in (("surv", found.surv), ("lcl", found.low), ("ucl", found.high)):
            known = not (beyond or np.isnan(value))
            why = "" if known else found.reason or survival.NO_EVENT_YET
            number = 100 * value if known else None
            out.add(groups, stat, number, unit="%", method=method, reason=why)
        out.add(groups, "n_risk", found.n_risk, method="subjects with time ≥ t")


def _add_steps(out: ResultList, where: Groups, curve: survival.Curve, params: Params) -> None:
    for time, surv, risk, censored in zip(
        curve.time, curve.surv, curve.n_risk, curve.n_censor, strict=True
    ):
        groups: Groups = (*where, ("TIME", repr(float(time))))
        out.add(groups, "surv", 100 * float(surv), unit="%", method="Kaplan-Meier")
        out.add(groups, "n_risk", float(risk), method="subjects with time ≥ t")
        out.add(groups, "n_censor", float(censored), method="censored at t")


def with_reasons(params: Params) -> tuple[TimeToEvent, ...]:
    """The endpoints of the table of reasons for censoring, in their order.

    One of another set than the safety set has a table of its own.
    """
    declared = params.endpoints.declared
    return tuple(e for e in declared if "reasons" in e.displays and e.population == "safety")


def unasked_reasons(params: Params) -> str:
    """Why params ask for no reasons for censoring, "" where they do."""
    ours = " or ".join(f"endpoints.{e.name}" for e in LIBRARY if "reasons" in e.displays)
    return "" if with_reasons(params) else f"params declare no {ours}"


def answer_reasons(adam: Adam, params: Params, endpoint: TimeToEvent | None = None) -> Output:
    """For each endpoint, or one alone: what the events were, and why the others are censored."""
    items = ("ENDPOINT", "STATUS", "REASON")
    name, population = REASONS, "safety"
    if endpoint is not None:
        name, population = f"{endpoint.name}-reasons", endpoint.population
    endpoints = with_reasons(params) if endpoint is None else (endpoint,)
    if "adrs" not in adam:
        endpoints = tuple(e for e in endpoints if not of_who_responded(e, params))
    subjects = subjects_in(adam, params, population)
    parts = [_described(records_of(adam, params, e), e) for e in endpoints]
    records = pd.concat(parts, ignore_index=True)
    key = "ASEQ" if "ASEQ" in records else ""
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(records, "ADTTE", ["TRTA", *items], key),
    )
    out = ResultList(name, population)
    sets = (("ENDPOINT",), ("ENDPOINT", "STATUS"), items)
    count_subjects(out, rows, "TRTA", params.treatment.values, sets, items)
    return Output(rows, out.frame())


def _described(records: pd.DataFrame, endpoint: TimeToEvent) -> pd.DataFrame:
    """STATUS and REASON of each record: EVNTDESC; where that is blank, CNSDTDSC."""
    blank = pd.Series("", index=records.index)
    described = records.get("EVNTDESC", blank)
    reason = described.where(described != "", records.get("CNSDTDSC", blank))
    if not {"EVNTDESC", "CNSDTDSC"} & set(records):
        return records.assign(ENDPOINT=endpoint.name, STATUS=_status(records), REASON=None)
    return records.assign(
        ENDPOINT=endpoint.name,
        STATUS=_status(records),
        REASON=reason.where(reason != "", "Not stated"),
    )


def _status(records: pd.DataFrame) -> np.ndarray:
    return np.where(records["event"] > 0.5, EVENT, CENSORED)


def reason_needs(params: Params, endpoint: TimeToEvent | None = None) -> Needs:
    """The records, and what they say of their event or censoring."""
    endpoints = with_reasons(params) if endpoint is None else (endpoint,)
    own = subject_needs(params, *(e.population for e in endpoints)) + TIMES
    if of_some := [e.label for e in endpoints if of_who_responded(e, params)]:
        left_out = f"these endpoints are left out: {', '.join(of_some)}"
        others = len(of_some) < len(endpoints)
        own += (
            reads_if_there("adrs", left_out, *WHO_RESPONDED)
            if others
            else reads("adrs", *WHO_RESPONDED)
        )
    return own + reads(
        "adtte",
        "USUBJID",
        EVNTDESC="reasons are what CNSDTDSC says of the date, and what the events were is not said",
        CNSDTDSC="a record without EVNTDESC has no stated reason",
    )


def has_its_set(endpoint: TimeToEvent, params: Params) -> str:
    """Why params do not allow an endpoint, "" where they do: its analysis set must be declared."""
    name = endpoint.population
    return "" if name in params.populations else f"params declare no populations.{name}"


def analysis_of(
    endpoint: TimeToEvent,
    suffix: str = "",
    answer: Callable[..., Output] = answer,
    needs: Callable[[Params, TimeToEvent], Needs] = record_needs,
) -> Analysis:
    """One of the analyses of an endpoint, named by it: its estimate, or what a suffix says.

    `answer(adam, params, endpoint)`, `needs(params, endpoint)`.
    """
    return Analysis(
        endpoint.name + suffix,
        partial(answer, endpoint=endpoint),
        SOURCE,
        (endpoint.name,),
        partial(has_its_set, endpoint),
        needs=lambda params: needs(params, endpoint),
    )


def reasons_of(endpoint: TimeToEvent) -> Analysis:
    """The reasons for censoring of one endpoint alone."""
    return analysis_of(endpoint, "-reasons", answer_reasons, reason_needs)


SOURCE = "METHODS §4"
REASONS = "censoring-reasons"
OS_ANALYSIS = analysis_of(OS)
CENSORING_REASONS = Analysis(
    REASONS, answer_reasons, SOURCE, (), unasked_reasons, needs=reason_needs
)
