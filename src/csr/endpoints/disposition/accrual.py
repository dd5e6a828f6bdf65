"""How the study filled: subjects enrolled and treated by calendar month, and by site."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
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
    reads_either,
)

NAME = "accrual"
ITEMS = ("STEP", "SITE", "MONTH")
STEPS = {"Consented": "RFICDTC", "Apheresed": "APHDT", "Treated": "TRTSDT"}


def answer(adam: Adam, params: Params) -> Output:
    """Subjects who gave consent, were apheresed and were treated, in each month (`2021-03`).

    SITE is SITEID, pooled for the study. Every month from the first to the last is there, those in
    which nobody came with n = 0.
    """
    subjects = subjects_in(adam, params, "enrolled")
    taken = [_months(subjects, step, column) for step, column in STEPS.items()]
    reached = pd.concat([part for part in taken if len(part)] or taken[:1], ignore_index=True)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]), counted_rows(reached, "ADSL", ["TRTA", *ITEMS])
    )
    out = ResultList(NAME, "enrolled")
    months = every_month(reached["MONTH"])
    steps = [s for s in STEPS if s in set(reached["STEP"])]
    for site in [None, *sorted(set(reached["SITE"]) - {""})]:
        own = reached if site is None else reached[reached["SITE"] == site]
        counts = own.groupby(["STEP", "MONTH"])["USUBJID"].nunique()
        for step in steps:
            for month in months:
                n = int(counts.get((step, month), 0))
                where: Groups = (("TRTA", None), ("STEP", step), ("SITE", site), ("MONTH", month))
                out.add(where, "n", n, method="distinct subjects")
    return Output(rows, out.frame())


def every_month(months: pd.Series) -> list[str]:
    """The months from the first to the last, as `2021-03`."""
    if months.empty:
        return []
    return [str(m) for m in pd.period_range(months.min(), months.max(), freq="M")]


def _months(subjects: pd.DataFrame, step: str, column: str) -> pd.DataFrame:
    if column not in subjects:
        return subjects.iloc[:0].assign(STEP=step, MONTH="", SITE="")
    dates = subjects[column]
    if dates.dtype == object:
        months = dates.str[:7].where(dates.str.len() >= 7, "")
    else:
        months = dates.dt.strftime("%Y-%m").fillna("")
    site = subjects.get("SITEID", "")
    reached = subjects.assign(STEP=step, MONTH=months, SITE=site)
    return reached[reached["MONTH"] != ""]


def needs(params: Params) -> Needs:
    """The date of at least one step."""
    steps = {column: f"the curve '{step}' is left out" for step, column in STEPS.items()}
    return (
        subject_needs(params, "enrolled")
        + reads("adsl", SITEID="the curves by site are left out", **steps)
        + reads_either("adsl", *([column] for column in STEPS.values()))
    )


ACCRUAL = Analysis(NAME, answer, source="METHODS §7", needs=needs)
