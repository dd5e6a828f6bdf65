"""Cox models against R 4.2.2, survival 3.5-3 `coxph` and `cox.zph`; sources in data/SOURCES.md.

Tolerance 1e-6 relative for coefficients and what follows from them (R stops iterating when the
log-likelihood changes by less than 1e-9), 1e-9 for the log-likelihoods and the score test. The
covariates of the lung data come with lifelines (MIT), those of the veteran data are in
data/veteran.csv. R's ties "exact" are `discrete` here, as in SAS.
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
VETERAN = pd.read_csv(DATA / "veteran.csv")
STRATA = pd.read_csv(DATA / "cox_strata_r.csv")
ZPH_STRATA = pd.read_csv(DATA / "zph_strata_r.csv")
TIES = {"efron": "efron", "breslow": "breslow", "discrete": "exact"}
SIX = "Surv(time, status) ~ trt + celltype + karno + diagtime + age +     prior"
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


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("formula", FORMULAS)
def test_model(formula, ties):
    name, columns = FORMULAS[formula]
    rows = EXPECTED[(EXPECTED["formula"] == formula) & (EXPECTED["ties"] == TIES[ties])]
    assert rows["term"].tolist() == columns
    fit = cox(*subjects(name, columns), ties)
    check(fit, rows)


def check(fit, rows):
    """A fit is that of R, whose rows are one per term."""
    columns = rows["term"].tolist()
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


@pytest.mark.parametrize("ties", TIES)
def test_veteran_with_all_its_terms(ties):
    """Factor levels against the first in R's order (large); one of the rows once left out."""
    terms = ["trt", "celltypesquamous", "celltypesmallcell", "celltypeadeno", "karno", "diagtime",
             "age", "prior"]  # fmt: skip
    types = {f"celltype{t}": VETERAN["celltype"] == t for t in ("squamous", "smallcell", "adeno")}
    x = VETERAN.assign(**types)[terms].to_numpy(float)
    rows = EXPECTED[(EXPECTED["formula"] == SIX) & (EXPECTED["ties"] == TIES[ties])]
    assert rows["term"].tolist() == terms
    check(cox(VETERAN["time"], VETERAN["status"], x, ties), rows)


def test_every_row_is_tested():
    assert set(EXPECTED["formula"]) == {*FORMULAS, SIX}


def stratified(formula):
    """Times, events, covariates and strata of a model with strata() or in months."""
    terms = [t for t in formula.split(" ~ ")[1].split(" + ") if not t.startswith("strata")]
    if "status == 2" in formula:
        rows = load_lung()
        rows = rows[rows["ph.ecog"] < 3]
    else:
        rows = VETERAN.assign(month=np.ceil(VETERAN["time"] / 30.4375))
    by = formula.split("strata(")[1].rstrip(")") if "strata(" in formula else None
    time = "month" if "(month" in formula else "time"
    strata = rows[by] if by else None
    return rows[time], rows["status"], rows[terms].to_numpy(float), strata


@pytest.mark.parametrize("ties", TIES)
@pytest.mark.parametrize("formula", sorted(set(STRATA["formula"])))
def test_strata_and_heavy_ties(formula, ties):
    rows = STRATA[(STRATA["formula"] == formula) & (STRATA["ties"] == TIES[ties])]
    time, event, x, strata = stratified(formula)
    check(cox(time, event, x, ties, strata=strata), rows)


@pytest.mark.parametrize(("name", "formula"), [
    ("lung", "Surv(time, status == 2) ~ age + sex + strata(ph.ecog)"),
    ("veteran", "Surv(time, status) ~ trt + strata(celltype)"),
])  # fmt: skip
def test_proportional_hazards_within_strata(name, formula):
    time, event, x, strata = stratified(formula)
    found = schoenfeld_test(time, event, x, strata=strata)
    rows = ZPH_STRATA[ZPH_STRATA["test"] == name]
    terms = rows[rows["term"] != "GLOBAL"]
    assert found.chi_square.tolist() == near(terms["chisq"].tolist())
    assert found.global_p == near(rows.loc[rows["term"] == "GLOBAL", "p"].item())


def test_strata_of_one_subject_say_nothing():
    fit = cox([1, 2, 3, 4], [1, 1, 1, 1], [0, 1, 0, 1], strata=["a", "b", "c", "d"])
    assert fit.reason == NO_CONTRAST


def test_discrete_ties_do_not_overflow():
    """1,500 subjects, 400 events on one day: more sets of events than a double can count."""
    x = np.tile([0.0, 1.0], 750)
    event = np.zeros(1500)
    event[:240:2], event[1:561:2] = 1, 1
    time = np.where(event == 1, 5.0, 9.0)
    fit = cox(time, event, x, "discrete")
    assert fit.reason == ""
    # One time: the conditional likelihood of a 2x2 table. R 4.2.2:
    # fisher.test(matrix(c(280, 470, 120, 630), 2))$estimate, a root found to about 1e-4.
    assert fit.hr[0] == pytest.approx(3.12524563755, rel=1e-4)
    assert conditional_mean(750, 750, 400, fit.hr[0]) == pytest.approx(280, rel=1e-9)


def conditional_mean(n1, n0, drawn, ratio):
    """Mean of the noncentral hypergeometric distribution, by logarithms."""
    from scipy.special import gammaln

    k = np.arange(max(0, drawn - n0), min(n1, drawn) + 1)

    def choose(n, r):
        return gammaln(n + 1) - gammaln(r + 1) - gammaln(n - r + 1)

    logs = choose(n1, k) + choose(n0, drawn - k) + k * np.log(ratio)
    weights = np.exp(logs - logs.max())
    return float((weights * k).sum() / weights.sum())


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
    with pytest.raises(ValueError, match="ties: 'discrete'; the test is of efron or breslow"):
        schoenfeld_test([1, 2], [1, 1], [0, 1], ties="discrete")
    with pytest.raises(ValueError, match="strata: 1 values for 2 times"):
        cox([1, 2], [1, 1], [0, 1], strata=["a"])
