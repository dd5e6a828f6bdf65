"""Dose-limiting toxicity: who was judged, and the DLT rate of each dose and cohort."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csr.errors import DataError
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation
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
from csr.stats.binomial import beta_posterior, proportion_interval

NAME = "dlt-summary"
DLT, NO_DLT, PENDING, NOT_EVALUABLE = "DLT", "NO DLT", "PENDING", "NOT EVALUABLE"
TREATED, EVALUABLE = "TREATED", "EVALUABLE"
ITEMS = (TREATED, EVALUABLE, DLT, PENDING, NOT_EVALUABLE)
NEEDED = ("DLTFL", "DLTYN", "DLTSTAT", "TRTSDT", "DLTWENDT", "DLTDT")


def rules_of(params: Params) -> DoseEscalation:
    """What the params say of the escalation; raises ValueError where they say nothing."""
    if params.endpoints.dlt is None:
        raise ValueError("endpoints.dlt is not in params")
    return params.endpoints.dlt


def judged_needs(params: Params) -> Needs:
    """What `judged_subjects` reads."""
    rules = rules_of(params)
    cohort = [rules.cohort] if rules.cohort else []
    lost = "whoever is pending may turn out free of a DLT"
    return reads(
        "adsl", "USUBJID", params.treatment.actual, *NEEDED, *cohort, DLTOBS=lost, DLTASK=lost
    )


def judged_subjects(adam: Adam, params: Params) -> pd.DataFrame:
    """The treated subjects of the escalation, in the order of their first infusion.

    One row per subject: USUBJID, TRTA (the dose received), LEVEL (its place, 0 the lowest), COHORT,
    TRTSDT, DLTWENDT, DLTDT, and STATUS: DLT, NO DLT, PENDING or NOT EVALUABLE. Those with DLTFL = Y
    are DLT-evaluable. Raises DataError where ADSL lacks a column, or a dose is none of the params'.
    """
    rules, adsl = rules_of(params), adam["adsl"]
    wanted = [*NEEDED, *([rules.cohort] if rules.cohort else [])]
    if missing := [c for c in wanted if c not in adsl]:
        raise DataError(
            f"ADSL: column(s) {', '.join(missing)} missing; endpoints.dlt needs them. Map them "
            "under data.datasets.adsl.columns, or leave endpoints.dlt out of the params."
        )
    mine = adsl[adsl["DLTSTAT"] != ""].sort_values(["TRTSDT", "USUBJID"], kind="stable")
    places = {value: place for place, value in enumerate(rules.values)}
    level = mine[params.treatment.actual].map(places)
    if level.isna().any():
        raise DataError(
            f"ADSL.{params.treatment.actual}: {int(level.isna().sum())} subject(s) of the "
            f"escalation at none of its doses; allowed are {', '.join(rules.values)}. Correct the "
            "data, or the doses of endpoints.dlt in params."
        )
    evaluable, had = mine["DLTFL"] == "Y", mine["DLTYN"] == "Y"
    status = pd.Series(NOT_EVALUABLE, index=mine.index, dtype=object)
    status = status.mask(mine["DLTSTAT"] == PENDING, PENDING).mask(evaluable, NO_DLT)
    subjects = mine.assign(
        TRTA=mine[params.treatment.actual],
        LEVEL=level.astype(int),
        STATUS=status.mask(evaluable & had, DLT),
    ).reset_index(drop=True)
    return subjects.assign(COHORT=_cohorts(subjects, rules))


def _cohorts(subjects: pd.DataFrame, rules: DoseEscalation) -> pd.Series:
    """The cohort of each subject, as recorded; or made: a dose until its cohort is complete.

    A made cohort closes when `cohort_size` of its subjects are evaluable or pending.
    """
    if rules.cohort is not None:
        return subjects[rules.cohort].astype(str)
    numbers, number, filled, before = [], 0, rules.cohort_size, None
    for level, status in zip(subjects["LEVEL"], subjects["STATUS"], strict=True):
        if level != before or filled >= rules.cohort_size:
            number, filled, before = number + 1, 0, level
        filled += status != NOT_EVALUABLE
        numbers.append(str(number))
    return pd.Series(numbers, index=subjects.index, dtype=object)


def counts_by_dose(
    subjects: pd.DataFrame, rules: DoseEscalation
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """DLT-evaluable subjects, and those with a DLT, at each dose from the lowest up."""
    doses = len(rules.doses)
    evaluable = subjects[subjects["STATUS"].isin([DLT, NO_DLT])]
    had = evaluable[evaluable["STATUS"] == DLT]
    return (
        np.bincount(evaluable["LEVEL"].to_numpy(dtype=int), minlength=doses),
        np.bincount(had["LEVEL"].to_numpy(dtype=int), minlength=doses),
    )


def _items(subjects: pd.DataFrame) -> pd.DataFrame:
    evaluable = subjects[subjects["STATUS"].isin([DLT, NO_DLT])]
    parts = [
        subjects.assign(ITEM=TREATED),
        evaluable.assign(ITEM=EVALUABLE),
        subjects.assign(ITEM=subjects["STATUS"])[subjects["STATUS"] != NO_DLT],
    ]
    return pd.concat(parts, ignore_index=True)


def answer(adam: Adam, params: Params) -> Output:
    """Counts treated, evaluable, with DLT, pending and not evaluable, and gives the DLT rate.

    By dose and pooled, and by cohort within its dose. The rate is of the DLT-evaluable, with the
    interval of the conventions, the posterior by the prior of the params (mean, equal-tailed
    interval) and `prob_above`, P(rate > target). All rates in percent, `prob_above` a probability.
    """
    subjects, rules = judged_subjects(adam, params), rules_of(params)
    items = _items(subjects)
    evaluable = subjects[subjects["STATUS"].isin([DLT, NO_DLT])]
    out = ResultList(NAME, "dlt" if "dlt" in params.populations else "safety")
    places: list[tuple[str | None, str | None]] = [(value, None) for value in rules.values]
    cohorts = subjects.drop_duplicates(["TRTA", "COHORT"])
    places += [*zip(cohorts["TRTA"], cohorts["COHORT"], strict=True), (None, None)]
    for dose, cohort in places:
        _count(out, items, dose, cohort, params)
    rows = make_rows(
        population_rows(evaluable, ["TRTA", "COHORT"]),
        counted_rows(items, "ADSL", ["TRTA", "COHORT", "ITEM"]),
    )
    return Output(rows, out.frame())


def _count(
    out: ResultList, items: pd.DataFrame, dose: str | None, cohort: str | None, params: Params
) -> None:
    own = items if dose is None else items[items["TRTA"] == dose]
    own = own if cohort is None else own[own["COHORT"] == cohort]
    numbers = {item: int((own["ITEM"] == item).sum()) for item in ITEMS}
    for item in ITEMS:
        where: Groups = (("TRTA", dose), ("COHORT", cohort), ("ITEM", item))
        out.add(where, "n", numbers[item], method="subjects")
    _rate(out, (("TRTA", dose), ("COHORT", cohort), ("ITEM", DLT)), numbers, params)


def _rate(out: ResultList, where: Groups, numbers: dict[str, int], params: Params) -> None:
    rules, own = rules_of(params), params.conventions
    x, n = numbers[DLT], numbers[EVALUABLE]
    why = "" if n else "no DLT-evaluable subject"
    low, high = proportion_interval(x, n, own.conf_level, own.proportion_interval)
    belief = beta_posterior(x, n, *rules.prior, rules.target, own.conf_level)
    prior = f"Beta({rules.prior[0]:g}, {rules.prior[1]:g})"
    out.add(where, "N", n, method="DLT-evaluable subjects")
    out.add(where, "pct", 100 * x / n if n else None, unit="%", method="100·n/N", reason=why)
    out.add(where, "lcl", 100 * low, unit="%", method=own.proportion_interval, reason=why)
    out.add(where, "ucl", 100 * high, unit="%", method=own.proportion_interval, reason=why)
    values = {"post_mean": belief.mean, "post_lcl": belief.low, "post_ucl": belief.high}
    for stat, value in values.items():
        out.add(where, stat, 100 * value if n else None, unit="%", method=prior, reason=why)
    above = belief.prob_above if n else None
    out.add(where, "prob_above", above, method=f"{prior}, target {rules.target:g}", reason=why)


DLT_SUMMARY = Analysis(NAME, answer, "METHODS §1, §2", ("dlt",), needs=judged_needs)
