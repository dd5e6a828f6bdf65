"""Restricted means of the time-to-event endpoints, and the arms compared where params name one."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm

from csr.endpoints.efficacy.time_to_event import NOBODY, analysis_of, record_needs, records_of
from csr.endpoints.populations import subjects_in
from csr.endpoints.strata import STRATUM, said_strata, strata_of, with_strata, without_stratum
from csr.params import Params
from csr.params.time_to_event import TimeToEvent
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
from csr.stats.compare import Weight, compare_groups
from csr.stats.cox import cox, schoenfeld_test
from csr.stats.partial_likelihood import Ties
from csr.stats.survival import kaplan_meier, restricted_mean

POOLED: Groups = (("TRTA", None),)
TESTS: tuple[tuple[str, Weight], ...] = (("logrank_p", "log-rank"), ("gehan_p", "gehan-breslow"))


def answer(adam: Adam, params: Params, endpoint: TimeToEvent) -> Output:
    """Mean time without the event up to tau, by group; tests and hazard ratios of the arms.

    tau is the smallest of the groups' largest times. Where `treatment.reference` names a group:
    log-rank and Gehan's test of all groups (under Total), and for each other group the log-rank
    test and the hazard ratio against it (Cox, ties by `cox_ties`) with its interval and the p of
    its test of proportional hazards; all within `treatment.strata` where there are such. Source:
    METHODS §4.
    """
    subjects = subjects_in(adam, params, endpoint.population)
    own = with_strata(records_of(adam, params, endpoint), subjects, params)
    columns = ["TRTA", "value", "event", *([STRATUM] if STRATUM in own else [])]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADTTE", columns, "ASEQ" if "ASEQ" in own else ""),
    )
    out = ResultList(f"{endpoint.name}-comparison", endpoint.population)
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
    """All groups by log-rank and Gehan; then each arm against the reference."""
    if why := without_stratum(own):
        _say_unknown(out, seen, params, why)
        return
    within, strata = said_strata(params), strata_of(own)
    for stat, weight in TESTS:
        found = compare_groups(own["value"], own["event"], own["TRTA"], weight, strata)
        out.add(POOLED, stat, found.p, method=f"{weight}, all groups{within}", reason=found.reason)
    reference = params.treatment.reference
    for level in _compared(seen, params):
        pair = own[own["TRTA"].isin([level, str(reference)])]
        _compare_pair(out, level, pair, params)


def _compare_pair(out: ResultList, level: str, pair: pd.DataFrame, params: Params) -> None:
    """Log-rank test, hazard ratio and proportional hazards of one arm against the reference."""
    reference, within = params.treatment.reference, said_strata(params)
    strata, ties = strata_of(pair), params.conventions.cox_ties
    where: Groups = (("TRTA", level),)
    test = compare_groups(pair["value"], pair["event"], pair["TRTA"], "log-rank", strata)
    method = f"log-rank against {reference}{within}, not adjusted for the number of arms"
    out.add(where, "logrank_p", test.p, method=method, reason=test.reason)
    arm = (pair["TRTA"] == level).astype(float).to_numpy()
    fit = cox(pair["value"], pair["event"], arm, ties, params.conventions.conf_level, strata)
    method = f"Cox against {reference}, ties {ties}{within}"
    for stat, value in (("hr", fit.hr), ("hr_lcl", fit.low), ("hr_ucl", fit.high)):
        number = float(value[0])
        why = (fit.reason or "not finite") if np.isnan(number) else ""
        out.add(where, stat, number, method=method, reason=why)
    # The test is not defined for discrete ties.
    tied: Ties = "efron" if ties == "discrete" else ties
    held = schoenfeld_test(pair["value"], pair["event"], arm, tied, strata)
    why = (held.reason or "not finite") if np.isnan(held.p[0]) else ""
    method = f"scaled Schoenfeld residuals, ties {tied}{within}"
    out.add(where, "ph_p", float(held.p[0]), method=method, reason=why)


def _compared(seen: list[str], params: Params) -> list[str]:
    """The arms with records, but for the reference; none where it has none."""
    reference = params.treatment.reference
    return [level for level in seen if level != reference] if reference in seen else []


def _say_unknown(out: ResultList, seen: list[str], params: Params, why: str) -> None:
    """A test of some of the subjects would be another test: none is made."""
    for stat, weight in TESTS:
        out.add(POOLED, stat, None, method=f"{weight}, all groups", reason=why)
    for level in _compared(seen, params):
        for stat in ("logrank_p", "hr", "hr_lcl", "hr_ucl", "ph_p"):
            out.add((("TRTA", level),), stat, None, reason=why)


def needs(params: Params, endpoint: TimeToEvent) -> Needs:
    """The records, and the strata within which arms are compared."""
    return record_needs(params, endpoint) + reads("adsl", "USUBJID", *params.treatment.strata)


def comparison_of(endpoint: TimeToEvent) -> Analysis:
    """The comparison of the groups in an endpoint."""
    return analysis_of(endpoint, "-comparison", answer, needs)
