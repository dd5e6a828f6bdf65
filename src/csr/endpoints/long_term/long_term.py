"""Survival by year since the first infusion, and who died in which year of what (METHODS §4).

Each analysis is of two sets: those who entered long-term follow-up, and all treated. Survival of
the former from the first infusion is conditional on having lived to enter, so that it is never
shown without the latter.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.adverse_events.deaths import UNKNOWN
from csr.endpoints.efficacy.time_to_event import records_of
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.params.time_to_event import OS
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
)
from csr.stats import survival
from csr.terms import spelled

NAME, DEATHS_NAME = "survival-by-year", "deaths-by-year"
LONG_TERM, TREATED = "long-term", "safety"
SETS = (LONG_TERM, TREATED)
DAYS_PER_YEAR = 365.25
SAME = 1e-9  # years; a floating error is no further year
ITEMS = ("YEAR", "CAUSE")


def years_of(params: Params) -> range:
    """The years of follow-up, from 1 on.

    Raises ValueError where params declare no long-term follow-up.
    """
    if params.long_term is None:
        raise ValueError("params declare no long_term")
    return range(1, params.long_term.years + 1)


def later_than(params: Params) -> str:
    """What the time after the last year of follow-up is called."""
    return f"After year {years_of(params)[-1]}"


def answer(adam: Adam, params: Params) -> Output:
    """Kaplan-Meier survival with its interval and subjects at risk at each year, and the steps.

    A row's `value` is years since the first infusion, `event` 1 where the subject died; a subject
    of both sets has a row in each (column SET). Source: METHODS §4.
    """
    records, everyone = _records(adam, params), _subjects(adam, params)
    key = "ASEQ" if "ASEQ" in records else ""
    rows = make_rows(
        population_rows(everyone, ["SET"]),
        counted_rows(records, "ADTTE", ["SET", "value", "event"], key),
    )
    out = ResultList(NAME, LONG_TERM)
    for name in SETS:
        own, where = records[records["SET"] == name], (("SET", name),)
        out.add(where, "N", (everyone["SET"] == name).sum(), method="subjects in the population")
        out.add(where, "n", len(own), method="subjects with a record")
        curve = survival.kaplan_meier(own["value"], own["event"])
        _add_years(out, where, curve, params)
        for time, surv, risk, left in zip(
            curve.time, curve.surv, curve.n_risk, curve.n_censor, strict=True
        ):
            at: Groups = (*where, ("TIME", repr(float(time))))
            out.add(at, "surv", 100 * float(surv), unit="%", method="Kaplan-Meier")
            out.add(at, "n_risk", float(risk), method="subjects with time ≥ t")
            out.add(at, "n_censor", float(left), method="censored at t")
    return Output(rows, out.frame())


def _add_years(out: ResultList, where: Groups, curve: survival.Curve, params: Params) -> None:
    conventions, years = params.conventions, [float(y) for y in years_of(params)]
    method = f"Kaplan-Meier, {conventions.km_interval} interval"
    for at in survival.survival_at(curve, years, conventions.conf_level, conventions.km_interval):
        groups: Groups = (*where, ("LANDMARK", f"{at.time:g}"))
        beyond = at.reason == survival.BEYOND_LAST
        for stat, value in (("surv", at.surv), ("lcl", at.low), ("ucl", at.high)):
            known = not (beyond or np.isnan(value))
            why = "" if known else at.reason or survival.NO_EVENT_YET
            number = 100 * value if known else None
            out.add(groups, stat, number, unit="%", method=method, reason=why)
        out.add(groups, "n_risk", at.n_risk, method="subjects with time ≥ t")


def answer_deaths(adam: Adam, params: Params) -> Output:
    """Subjects who died in each year since the first infusion, and of what.

    Year k is the time after k − 1 years up to and with k years, so that deaths, subjects at risk
    and survival at the end of a year agree.
    """
    records, everyone = _records(adam, params), _subjects(adam, params)
    dead = records[records["event"] > 0.5]
    year = np.ceil(dead["value"] - SAME).clip(lower=1).astype(int)
    named = year.astype(str).where(year <= years_of(params)[-1], later_than(params))
    told = "DTHCAUS" in everyone
    people = everyone.drop_duplicates("USUBJID").set_index("USUBJID")
    cause = dead["USUBJID"].map(people["DTHCAUS"]) if told else pd.Series("", dead.index)
    dead = dead.assign(YEAR=named.astype(object), CAUSE=spelled(cause, UNKNOWN))
    key = "ASEQ" if "ASEQ" in dead else ""
    rows = make_rows(
        population_rows(everyone, ["SET"]), counted_rows(dead, "ADTTE", ["SET", *ITEMS], key)
    )
    out = ResultList(DEATHS_NAME, LONG_TERM)
    years = [str(y) for y in years_of(params)] + [later_than(params)]
    count_subjects(out, rows, "SET", SETS, [ITEMS[:1]], ITEMS, [(y,) for y in years])
    asked = [(y, c) for y in years for c in sorted(dead["CAUSE"].unique())]
    if asked and told:
        count_subjects(out, rows, "SET", SETS, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def _subjects(adam: Adam, params: Params) -> pd.DataFrame:
    """The subjects of each set that were treated, one row per subject and set (column SET)."""
    treated = set(subjects_in(adam, params, TREATED)["USUBJID"])
    parts = [subjects_in(adam, params, name).assign(SET=name) for name in SETS]
    return pd.concat([p[p["USUBJID"].isin(treated)] for p in parts], ignore_index=True)


def _records(adam: Adam, params: Params) -> pd.DataFrame:
    """The records of overall survival per subject and set; value in years."""
    own = records_of(adam, params, OS)
    days = own["value"] * params.conventions.days_per_month
    own = own.assign(value=days / DAYS_PER_YEAR)
    return own.merge(_subjects(adam, params)[["USUBJID", "SET"]], on="USUBJID")


def unasked(params: Params) -> str:
    """Why params do not ask for long-term follow-up, "" where they do."""
    if params.long_term is None:
        return "params declare no long_term"
    return "" if LONG_TERM in params.populations else f"params declare no population {LONG_TERM}"


def needs(params: Params) -> Needs:
    """The times of overall survival of both sets."""
    own = reads("adtte", "USUBJID", "PARAMCD", "AVAL", "CNSR", ASEQ=UNTRACED)
    return subject_needs(params, *SETS, OS.population) + own


def death_needs(params: Params) -> Needs:
    """The deaths, and of what."""
    causes = "the causes of death are left out"
    return needs(params) + reads("adsl", "USUBJID", DTHCAUS=causes)


SOURCE = "METHODS §4"
SURVIVAL_BY_YEAR = Analysis(NAME, answer, SOURCE, (OS.name,), unasked, needs=needs)
DEATHS_BY_YEAR = Analysis(
    DEATHS_NAME, answer_deaths, SOURCE, (OS.name,), unasked, needs=death_needs
)
