"""Time-to-event endpoints: declared once; the summary, the curve and the reasons follow.

ADTTE holds the record of each subject (CNSR 0 = event); the Kaplan-Meier estimate is
`csr.stats.survival`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from csr.derive.responders import subjects_of
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.params.endpoints import Endpoint
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


@dataclass(frozen=True)
class TimeToEvent:
    """An endpoint: its name in params and displays, its full name, its event, its time zero.

    Who has a record in ADTTE is the derivation's: everyone treated, or confirmed responders (DOR).
    """

    name: str
    param: str
    event: str
    since: str = "first dose"


PD_OR_DEATH = "progression or death from any cause"
OS = TimeToEvent("os", "Overall survival", "death from any cause")
PFS = TimeToEvent("pfs", "Progression-free survival", PD_OR_DEATH)
DOR = TimeToEvent("dor", "Duration of response", PD_OR_DEATH, "first response")
DDC = TimeToEvent("ddc", "Duration of disease control", PD_OR_DEATH, "first disease control")
TTP = TimeToEvent("ttp", "Time to progression", "progression")
TTR = TimeToEvent("ttr", "Time to response", "confirmed response")
ENDPOINTS = (OS, PFS, DOR, DDC, TTP)


def endpoint_params(endpoint: TimeToEvent, params: Params) -> Endpoint | None:
    """What the params say of the endpoint; None where the study does not have it."""
    found: Endpoint | None = getattr(params.endpoints, endpoint.name)
    return found


def records_of(adam: Adam, params: Params, endpoint: TimeToEvent) -> pd.DataFrame:
    """One row per safety subject with a record: time in months as `value`, `event` 1 or 0.

    Records of subjects who can't have the endpoint (no responder, no disease control) are left
    out, also where ADTTE is delivered; `find_contradictions` counts them.
    """
    chosen = endpoint_params(endpoint, params)
    if chosen is None:
        raise ValueError(f"endpoints.{endpoint.name} is not in params")
    subjects = subjects_in(adam, params, "safety")
    records = adam["adtte"]
    own = with_group(records[records["PARAMCD"] == chosen.paramcd], subjects)
    among = subjects_of(endpoint.name, adam, params.endpoints, params.conventions)
    if among is not None:
        own = own[own["USUBJID"].isin(among)]
    months = own["AVAL"] / params.conventions.days_per_month
    if chosen.unit == "months":
        months = own["AVAL"]
    return own.assign(value=months, event=(own["CNSR"] < 0.5).astype(float)).reset_index(drop=True)


def answer(adam: Adam, params: Params, endpoint: TimeToEvent) -> Output:
    """Events, Kaplan-Meier quartiles and rates with intervals, and the steps of the curve."""
    own = records_of(adam, params, endpoint)
    subjects = subjects_in(adam, params, "safety")
    key = "ASEQ" if "ASEQ" in own else ""
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADTTE", ["TRTA", "value", "event"], key),
    )
    out = ResultList(endpoint.name, "safety")
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


def answer_reasons(adam: Adam, params: Params) -> Output:
    """For each endpoint: what the events were, and why the others are censored."""
    items = ("ENDPOINT", "STATUS", "REASON")
    subjects = subjects_in(adam, params, "safety")
    parts = [
        _described(records_of(adam, params, e), e)
        for e in ENDPOINTS
        if endpoint_params(e, params) is not None
    ]
    records = pd.concat(parts, ignore_index=True)
    key = "ASEQ" if "ASEQ" in records else ""
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(records, "ADTTE", ["TRTA", *items], key),
    )
    out = ResultList("censoring-reasons", "safety")
    sets = (("ENDPOINT",), ("ENDPOINT", "STATUS"), items)
    count_subjects(out, rows, "TRTA", params.treatment.values, sets, items)
    return Output(rows, out.frame())


def _described(records: pd.DataFrame, endpoint: TimeToEvent) -> pd.DataFrame:
    """STATUS and REASON of each record: EVNTDESC; where that is blank, CNSDTDSC."""
    blank = pd.Series("", index=records.index)
    described = records.get("EVNTDESC", blank)
    reason = described.where(described != "", records.get("CNSDTDSC", blank))
    return records.assign(
        ENDPOINT=endpoint.name,
        STATUS=np.where(records["event"] > 0.5, EVENT, CENSORED),
        REASON=reason.where(reason != "", "Not stated"),
    )


SOURCE = "METHODS §4"
NEEDS = ("adsl", "adtte")
OS_ANALYSIS, PFS_ANALYSIS, DOR_ANALYSIS, DDC_ANALYSIS, TTP_ANALYSIS = (
    Analysis(e.name, NEEDS, partial(answer, endpoint=e), SOURCE, (e.name,)) for e in ENDPOINTS
)
CENSORING_REASONS = Analysis(
    "censoring-reasons", NEEDS, answer_reasons, SOURCE, tuple(e.name for e in ENDPOINTS)
)
