"""How long the transgene is found in blood: Kaplan-Meier from the first infusion to its loss."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.efficacy.time_to_event import NOBODY, add_quantiles
from csr.endpoints.kinetics.kinetics_summary import (
    KEY,
    POPULATION,
    found_parameters,
    key_of,
    parameter_needs,
    rules_of,
    unasked,
)
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
from csr.stats import survival

NAME = "persistence"
METHOD = "first BLQ after the peak (of `undetectable` in a row) is the loss; else the last sample"


def records_of(adam: Adam, params: Params) -> pd.DataFrame:
    """One row per subject with a quantifiable sample after the first infusion, with `event` 1 at
    the loss and `value`, months since that infusion. Without such a sample there is nothing to
    lose: those subjects have no row. Source: METHODS §6.
    """
    own = found_parameters(adam, params)
    own = own[own["AINFN"] == 1]
    times = own.pivot_table(index="USUBJID", columns="PARAMCD", values="AVAL")
    times = times.reindex(columns=["TMAX", "FBLQ", "LSTSMP"])
    times = times[times["TMAX"].notna()]
    lost = times["FBLQ"].notna()
    months = times["FBLQ"].where(lost, times["LSTSMP"]) / params.conventions.days_per_month
    ends = pd.DataFrame({"value": months, "event": lost.astype(float)}).reset_index()
    code = np.where(ends["event"] > 0, "FBLQ", "LSTSMP")
    named = own[["USUBJID", "PARAMCD", "TRTA", *([KEY] if KEY in own else [])]]
    return ends.assign(PARAMCD=code).merge(named, on=["USUBJID", "PARAMCD"], how="inner")


def answer(adam: Adam, params: Params) -> Output:
    """Losses, quartiles, the share that still has the transgene at each landmark, the curve."""
    own = records_of(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADPP", ["TRTA", "value", "event"], key_of(own, KEY)),
    )
    out = ResultList(NAME, POPULATION)
    for level in (*params.treatment.values, None):
        group = own if level is None else own[own["TRTA"] == level]
        size = subjects if level is None else subjects[subjects["TRTA"] == level]
        where: Groups = (("TRTA", level),)
        out.add(where, "N", len(size), method="subjects in the population")
        out.add(where, "n", len(group), method="subjects with a quantifiable sample")
        out.add(where, "events", group["event"].sum(), method=METHOD)
        out.add(where, "censored", (1 - group["event"]).sum(), method=METHOD)
        curve = survival.kaplan_meier(group["value"], group["event"])
        add_quantiles(out, where, curve, params)
        for stat, value in (("time_min", group["value"].min()), ("time_max", group["value"].max())):
            out.add(where, stat, value, unit="months", reason="" if len(group) else NOBODY)
        _add_landmarks(out, where, curve, params)
        _add_steps(out, where, curve)
    return Output(rows, out.frame())


def _add_landmarks(out: ResultList, where: Groups, curve: survival.Curve, params: Params) -> None:
    own = params.conventions
    months = rules_of(params).persistence_months
    method = f"Kaplan-Meier, {own.km_interval} interval"
    for found in survival.survival_at(curve, months, own.conf_level, own.km_interval):
        groups: Groups = (*where, ("LANDMARK", f"{found.time:g}"))
        beyond = found.reason in (survival.BEYOND_LAST, survival.NO_SUBJECTS)
        for stat, value in (("surv", found.surv), ("lcl", found.low), ("ucl", found.high)):
            known = not (beyond or np.isnan(value))
            why = "" if known else found.reason or survival.NO_EVENT_YET
            out.add(
                groups, stat, 100 * value if known else None, unit="%", method=method, reason=why
            )
        out.add(groups, "n_risk", found.n_risk, method="subjects with time ≥ t")


def _add_steps(out: ResultList, where: Groups, curve: survival.Curve) -> None:
    steps = zip(curve.time, curve.surv, curve.n_risk, curve.n_censor, strict=True)
    for time, surv, risk, censored in steps:
        groups: Groups = (*where, ("TIME", repr(float(time))))
        out.add(groups, "surv", 100 * float(surv), unit="%", method="Kaplan-Meier")
        out.add(groups, "n_risk", float(risk), method="subjects with time ≥ t")
        out.add(groups, "n_censor", float(censored), method="censored at t")


PERSISTENCE = Analysis(NAME, answer, "METHODS §6", unasked=unasked, needs=parameter_needs)
