"""Restricted means of the time-to-event endpoints, and the arms compared where params name one."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
from scipy.stats import norm

from csr.endpoints.efficacy.time_to_event import ENDPOINTS, NEEDS, NOBODY, TimeToEvent, records_of
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
)
from csr.stats.compare import Weight, compare_groups
from csr.stats.cox import cox, schoenfeld_test
from csr.stats.survival import kaplan_meier, restricted_mean

REFERENCE = "the reference group"


def answer(adam: Adam, params: Params, endpoint: TimeToEvent) -> Output:
    """Mean time without the event up to tau, by group; tests and hazard ratios of the arms.

    tau is the smallest of the groups' largest times. Where `treatment.reference` names a group:
    log-rank and Gehan's test of all groups (under Total), and for each other group the hazard ratio
    (Cox, ties by `cox_ties`) with its interval and the p of its test of proportional hazards.
    Source: METHODS §4.
    """
    own = records_of(adam, params, endpoint)
    subjects = subjects_in(adam, params, "safety")
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADTTE", ["TRTA", "value", "event"], "ASEQ" if "ASEQ" in own else ""),
    )
    out = ResultList(f"{endpoint.name}-comparison", "safety")
    seen = [level for level in params.treatment.values if (own["TRTA"] == level).any()]
    ends = [own.loc[own["TRTA"] == level, "value"].max() for level in seen]
    tau = float(min(ends)) if ends else float("nan")
    for level in (*params.treatment.values, None):
        group = own if level is None else own[own["TRTA"] == level]
        _add_mean(out, (("TRTA", level),), group, tau, params)
    if params.treatment.reference is not None:
        _compare(out, own[own["TRTA"].isin(seen)], seen, params)
    return Output(rows, out.frame())


def _add_mean(
    out: ResultList, where: Groups, own: pd.DataFrame, tau: float, params: Params
) -> None:
    method = "area under Kaplan-Meier to tau, the smallest of the groups' largest times"
    if own.empty:
        for stat in ("rmean", "rmean_lcl", "rmean_ucl"):
            out.add(where, stat, None, unit="months", method=method, reason=NOBODY)
        return
    found = restricted_mean(kaplan_meier(own["value"], own["event"]), tau)
    half = norm.ppf((1 + params.conventions.conf_level) / 2) * found.se
    why = found.reason
    values = {"rmean": found.mean, "rmean_lcl": found.mean - half, "rmean_ucl": found.mean + half}
    for stat, value in values.items():
        out.add(where, stat, value, unit="months", method=method, reason=why)
    out.add(where, "tau", tau, unit="months", method="smallest of the groups' largest times")


def _compare(out: ResultList, own: pd.DataFrame, seen: list[str], params: Params) -> None:
    pooled: Groups = (("TRTA", None),)
    weights: tuple[tuple[str, Weight], ...] = (
        ("logrank_p", "log-rank"),
        ("gehan_p", "gehan-breslow"),
    )
    for stat, weight in weights:
        found = compare_groups(own["value"], own["event"], own["TRTA"], weight)
        out.add(pooled, stat, found.p, method=f"{weight}, all groups", reason=found.reason)
    reference = params.treatment.reference
    ties = params.conventions.cox_ties
    for level in seen:
        if level == reference or reference not in seen:
            continue
        pair = own[own["TRTA"].isin([level, str(reference)])]
        arm = (pair["TRTA"] == level).astype(float).to_numpy()
        fit = cox(pair["value"], pair["event"], arm, ties, params.conventions.conf_level)
        where: Groups = (("TRTA", level),)
        method = f"Cox against {reference}, ties {ties}"
        for stat, value in (("hr", fit.hr), ("hr_lcl", fit.low), ("hr_ucl", fit.high)):
            number = float(value[0])
            why = (fit.reason or "not finite") if np.isnan(number) else ""
            out.add(where, stat, number, method=method, reason=why)
        test = schoenfeld_test(pair["value"], pair["event"], arm, ties)
        why = (test.reason or "not finite") if np.isnan(test.p[0]) else ""
        out.add(where, "ph_p", float(test.p[0]), method="scaled Schoenfeld residuals", reason=why)


COMPARISONS = {
    e.name: Analysis(
        f"{e.name}-comparison", NEEDS, partial(answer, endpoint=e), "METHODS §4", (e.name,)
    )
    for e in ENDPOINTS
}
