"""Cox models against R 4.2.2, survival 3.5-3 `coxph` and `cox.zph`; sources in data/SOURCES.md.

Tolerance 1e-6 relative for coefficients and what follows from them (R stops iterating when the
log-likelihood changes by less than 1e-9), 1e-9 for the log-likelihoods and the score test. The
covariates of the lung data come with lifelines (MIT). The veteran model with six terms can't be
tested from files we may copy; it was compared once against R's own data (data/SOURCES.md).
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung

from csr.stats import partial_likelihood
from csr.stats.compare import compare_groups
from csr.stats.cox import TOO_FEW, cox, schoenfeld_test

DATA = Path(__file__).parent / "data"
INPUTS = pd.read_csv(DATA / "km_inputs_public.csv")
EXPECTED = pd.read_csv(DATA / "cox_r.csv")
ZPH = pd.read_csv(DATA / "zph_r.csv")
FORMULAS = {
    "Surv(time, status == 2) ~ sex": ("lung_by_sex", ["sex"]),
    "Surv(time, status == 2) ~ age + sex + ph.ecog": ("lung", ["age", "sex", "ph.ecog"]),
    "Surv(time, status) ~ trt": ("veteran_by_trt", ["trt"]),
    "Surv(time, status) ~ nonmaint": ("aml_by_x", ["nonmaint"]),
}


def near(value: float, rel: float = 1e-6) -> object:
    return pytest.approx(value, rel=rel)


def subjects(name: str, columns: list[str]) -> tuple[pd.Series, pd.Series, np.ndarray]:
    if name == "lung":
        rows = load_lung().dropna(subset=columns)
        return rows["time"], rows["status"], rows[columns].to_numpy(float)
    rows = INPUTS[INPUTS["dataset"] == name]
    last = rows["group"].str[-1]
    x = rows["group"] == "x=Nonmaintained" if name == "aml_by_x" else last
    return rows["time"], rows["status"], x.astype(float).to_numpy()


@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("formula", FORMULAS)
def test_model(formula, ties):
    name, columns = FORMULAS[formula]
    rows = EXPECTED[(EXPECTED["formula"] == formula) & (EXPECTED["ties"] == ties)]
    assert rows["term"].tolist() == columns
    fit = cox(*subjects(name, columns), ties)
    assert (fit.n, fit.n_event, fit.df) == (*rows[["n", "events"]].iloc[0], len(columns))
    assert fit.reason == ""
    found = {"coef": fit.coef, "se": fit.se, "hr": fit.hr, "z": fit.z, "p": fit.p}
    found |= {"hr_lcl": fit.low, "hr_ucl": fit.high}
    for column, values in found.items():
        assert values.tolist() == near(rows[column].tolist()), column
    one = rows.iloc[0]
    assert (fit.loglik0, fit.loglik1) == (near(one["loglik0"], 1e-9), near(one["loglik1"], 1e-9))
    assert (fit.lrt, fit.wald) == (near(one["lrt"]), near(one["wald"]))
    assert fit.score == near(one["score"], 1e-9)


def test_every_row_but_one_model_is_tested():
    # "exact" (SAS DISCRETE) is not offered.
    rest = EXPECTED[(EXPECTED["ties"] != "exact") & ~EXPECTED["formula"].isin(FORMULAS)]
    assert set(rest["dataset"]) == {"veteran"}
    assert len(set(rest["formula"])) == 1


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_proportional_hazards(ties):
    columns = ["age", "sex", "ph.ecog"]
    found = schoenfeld_test(*subjects("lung", columns), ties)
    rows = ZPH[ZPH["ties"] == ties].set_index("term")
    assert found.chi_square.tolist() == near(rows.loc[columns, "chisq"].tolist())
    assert found.p.tolist() == near(rows.loc[columns, "p"].tolist())
    assert found.global_chi_square == near(rows.loc["GLOBAL", "chisq"])
    assert found.global_df == rows.loc["GLOBAL", "df"]
    assert found.global_p == near(rows.loc["GLOBAL", "p"])


def test_without_ties_the_score_test_is_the_log_rank_test():
    time, event, group = [1, 2, 3, 4, 5, 6, 7], [1, 1, 0, 1, 1, 1, 0], [0, 1, 0, 1, 1, 0, 0]
    fit = cox(time, event, group)
    assert fit.score == near(compare_groups(time, event, group).chi_square, 1e-12)


def test_the_unit_and_origin_of_a_covariate_do_not_matter():
    time, event, age = subjects("lung", ["age"])
    years, odd = cox(time, event, age), cox(time, event, 1e6 + age * 365.25)
    assert odd.coef[0] * 365.25 == near(years.coef[0])
    assert odd.score == near(years.score)


MONOTONE = partial_likelihood.MONOTONE
NO_CONTRAST = partial_likelihood.NO_CONTRAST


@pytest.mark.parametrize(
    ("event", "x", "reason"),
    [
        ([1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0], MONOTONE),  # a group without events
        ([1, 1, 1, 1, 1, 1], [6, 5, 4, 3, 2, 1], MONOTONE),  # ordered as the times
        ([1, 1, 1, 0, 0, 0], [1, 1, 1, 1, 1, 1], NO_CONTRAST),
        ([0, 0, 0, 0, 1, 1], [1, 1, 1, 1, 0, 0], NO_CONTRAST),  # alike among those at risk
        ([1, 1, 1, 1, 0, 0], [[0, 0], [1, 2], [0, 0], [1, 2], [0, 0], [1, 2]], NO_CONTRAST),
        ([0, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0], partial_likelihood.NO_EVENTS),
    ],
)
def test_no_finite_answer_says_why(event, x, reason):
    fit = cox([1, 2, 3, 4, 5, 6], event, x)
    assert fit.reason == reason
    assert np.isnan(fit.hr).all()
    assert np.isnan(fit.p).all()
    assert math.isnan(fit.lrt)
    assert fit.n_event == sum(event)
    tested = schoenfeld_test([1, 2, 3, 4, 5, 6], event, x)
    assert tested.reason == reason
    assert math.isnan(tested.global_p)


def test_one_monotone_covariate_among_others_is_found():
    rng = np.random.default_rng(1)
    time, age = rng.permutation(60) + 1.0, rng.normal(60, 10, 60)
    rare = np.zeros(60)
    rare[np.argsort(time)[-3:]] = 1
    event = np.where(rare == 1, 0, 1)
    assert cox(time, event, np.column_stack([age, rare])).reason == MONOTONE


def test_a_strong_effect_is_not_called_monotone():
    # R: x <- c(rep(1, 20), 0, 1, rep(0, 200)); summary(coxph(Surv(1:222, rep(1, 222)) ~ x))$coef:
    # coef 6.718353076, exp(coef) 827.453635, se(coef) 1.057853382.
    x = [1] * 20 + [0, 1] + [0] * 200
    fit = cox(range(1, 223), [1] * 222, x)
    assert fit.reason == ""
    assert fit.coef[0] == near(6.718353076)
    assert fit.hr[0] == near(827.453635)
    assert fit.se[0] == near(1.057853382)


def test_a_change_over_time_at_one_event_time_is_not_seen():
    found = schoenfeld_test([2, 2, 5, 6], [1, 1, 0, 0], [0, 1, 0, 1])
    assert found.reason == TOO_FEW
    assert np.isnan(found.p).all()
    assert found.global_df == 1


def test_no_subjects():
    assert cox([], [], np.empty((0, 1))).reason == partial_likelihood.NO_EVENTS


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match=r"covariates: 1 of 2 subjects have a missing.*row 1"):
        cox([1, 2], [1, 1], [0, math.nan])
    with pytest.raises(ValueError, match=r"covariates: shape \(3, 1\) for 2 times"):
        cox([1, 2], [1, 1], [0, 1, 1])
    with pytest.raises(ValueError, match="ties: 'exact'"):
        cox([1, 2], [1, 1], [0, 1], ties="exact")
