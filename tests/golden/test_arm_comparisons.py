"""Three arms, one the reference: pairs, strata and exact ties, against R 4.2.2, survival 3.5-3.

days <- c(30,44,44,58,30,30,44,58,58,72,72,86); ev <- c(1,1,0,1,1,0,1,1,0,1,1,1)
arm <- rep(c("A","B","C"), each = 4); sex <- rep(c("F","M"), 6); time <- days / 30.4375
survdiff(Surv(time, ev) ~ arm + strata(sex)); survdiff() of A with B, and of A with C
coxph(Surv(time, ev) ~ x + strata(sex), ties = "exact"); cox.zph() of the same with ties = "efron"
Responses A 3/4, B 0/4, C 1/4, disease control 4/4, 2/4, 2/4: Newcombe's limits from
prop.test(correct = FALSE) of each, prop.test() of both, fisher.test(); odds ratio by hand.
Relative tolerance 1e-6 for Cox, 1e-9 else.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.small_study import PARAMS, adsl, adtte, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Table
from csr.endpoints.efficacy.response import EMPTY_CELL, RESPONSE_SUMMARY
from csr.endpoints.efficacy.survival_comparison import comparison_of
from csr.endpoints.incidence_comparison import add_gray_tests
from csr.errors import DataError
from csr.params.file import read_params
from csr.params.time_to_event import OS
from csr.pipeline.data import check_data
from csr.results import ResultList

DISPLAYS = {d.name: d for d in all_displays()}
DATA = Path(__file__).parents[1] / "reference" / "data"
DAYS = [30, 44, 44, 58, 30, 30, 44, 58, 58, 72, 72, 86]
EVENTS = [1, 1, 0, 1, 1, 0, 1, 1, 0, 1, 1, 1]
ARMS = ["A"] * 4 + ["B"] * 4 + ["C"] * 4
LEVELS = """\
treatment:
  reference: A
  levels:
    - {value: A, label: Arm A}
    - {value: B, label: Arm B}
    - {value: C, label: Arm C}
"""
OLD = PARAMS[PARAMS.index("treatment:") : PARAMS.index("endpoints:")]
PLAIN = PARAMS.replace(OLD, LEVELS)
STRATIFIED = PLAIN.replace("  reference: A\n", "  reference: A\n  strata: [SEX]\n").replace(
    "endpoints:", "conventions: {cox_ties: discrete}\nendpoints:"
)
PLAIN_R = {
    ("all", "logrank_p"): 0.02912241728624,
    ("B", "logrank_p"): 0.8218071136765,
    ("C", "logrank_p"): 0.02074876906228,
}
STRATIFIED_R = {
    ("all", "logrank_p"): 0.05965531962921,
    ("B", "logrank_p"): 0.8526836843346,
    ("C", "logrank_p"): 0.04986020375691,
    ("B", "hr"): 1.227924970629,
    ("B", "hr_lcl"): 0.1403154796288,
    ("B", "hr_ucl"): 10.74578326984,
    ("B", "ph_p"): 0.9918102451114,
}


def study(folder: Path, text: str, **columns: object) -> tuple:
    """The small study in three arms, with the times of R."""
    subjects = adsl().assign(TRT01A=ARMS, TRT01P=ARMS, **columns)
    times = adtte().assign(AVAL=[*DAYS, *DAYS], CNSR=[1 - e for e in EVENTS] * 2)
    path = write_study(folder, adsl=subjects, adtte=times)
    path.write_text(text, encoding="utf-8")
    params = read_params(path)
    return params, check_data(params, folder).adam


def found(folder: Path, text: str, **columns: object) -> pd.DataFrame:
    params, adam = study(folder, text, **columns)
    results = comparison_of(OS).answer(adam, params).results
    return results.set_index([results["level1"].fillna("all"), "stat"])


@pytest.mark.parametrize(("text", "expected"), [(PLAIN, PLAIN_R), (STRATIFIED, STRATIFIED_R)])
def test_each_arm_against_the_reference(tmp_path: Path, text: str, expected: dict) -> None:
    values = found(tmp_path, text)["value"]
    for key, value in expected.items():
        assert values[key] == pytest.approx(value, rel=1e-6 if "hr" in key[1] else 1e-9), key


def test_no_finite_ratio_says_so(tmp_path: Path) -> None:
    """R warns of arm C: coefficient to minus infinity, limits 0 and Inf."""
    results = found(tmp_path, STRATIFIED)
    assert math.isnan(results.loc[("C", "hr"), "value"])
    assert "monotone likelihood" in results.loc[("C", "hr"), "reason"]


def test_methods_name_strata_and_ties(tmp_path: Path) -> None:
    method = found(tmp_path, STRATIFIED)["method"]
    assert method["B", "hr"] == "Cox against A, ties discrete, stratified by SEX"
    assert "ties efron" in method["B", "ph_p"]  # the test is not defined for discrete ties
    assert "not adjusted" in method["B", "logrank_p"]


def test_a_subject_without_a_stratum_leaves_no_test(tmp_path: Path) -> None:
    results = found(tmp_path, STRATIFIED.replace("[SEX]", "[REGION1]"), REGION1=["X"] * 11 + [""])
    for key in (("all", "logrank_p"), ("B", "logrank_p"), ("B", "hr"), ("C", "ph_p")):
        assert math.isnan(results.loc[key, "value"])
        assert results.loc[key, "reason"] == "1 subject(s) without a stratum"


def test_a_stratum_that_is_no_column_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"ADSL: column\(s\) REGION missing; treatment.strata"):
        found(tmp_path, STRATIFIED.replace("[SEX]", "[REGION]"))


def table(folder: Path, name: str, text: str) -> Table:
    params, adam = study(folder, text)
    display = DISPLAYS[name]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    drawing = display.draw(results, adam, params)
    assert isinstance(drawing, Table)
    return drawing


def test_the_survival_table_shows_pairs_and_names_its_rules(tmp_path: Path) -> None:
    drawn = table(tmp_path, "os-summary", STRATIFIED)
    lines = {line.cells[0]: line.cells[1:] for line in drawn.lines}
    assert lines["Log-rank test against the reference, p"] == ("", "0.8527", "0.0499", "")
    assert lines["Log-rank test of all groups, p"] == ("", "", "", "0.0597")
    notes = " ".join(drawn.notes)
    for said in ("stratified by SEX", "DISCRETE", "not adjusted", "quantile.survfit", "LIFETEST"):
        assert said in notes


RESPONSE_R = {
    ("B", "ORR", "difference"): -75.0,
    ("B", "ORR", "difference_lcl"): -95.44127391903,
    ("B", "ORR", "difference_ucl"): -8.523253292604,
    ("B", "ORR", "wald_lcl"): -100.0,
    ("B", "ORR", "wald_ucl"): -32.56553497214,
    ("B", "ORR", "fisher_p"): 0.1428571428571,
    ("C", "ORR", "difference_lcl"): -78.90832680848,
    ("C", "ORR", "difference_ucl"): 13.5488400583,
    ("C", "ORR", "wald_ucl"): 10.01139595444,
    ("C", "ORR", "or"): 1 / 9,
    ("C", "ORR", "or_lcl"): 0.004526381875624,
    ("C", "ORR", "or_ucl"): 2.727493912706,
    ("C", "DCR", "difference_lcl"): -84.99610108479,
    ("C", "DCR", "difference_ucl"): 10.20512775137,
    ("C", "DCR", "wald_lcl"): -98.9990996135,
    ("C", "DCR", "wald_ucl"): -1.000900386499,
    ("C", "DCR", "fisher_p"): 0.4285714285714,
}


def test_differences_of_response(tmp_path: Path) -> None:
    params, adam = study(tmp_path, PLAIN)
    results = RESPONSE_SUMMARY.answer(adam, params).results
    own = results.set_index(["level1", "level3", "stat"])
    for key, value in RESPONSE_R.items():
        assert own.loc[key, "value"] == pytest.approx(value, rel=1e-9), key
    assert math.isnan(own.loc[("B", "ORR", "or"), "value"])
    assert own.loc[("B", "ORR", "or"), "reason"] == EMPTY_CELL
    assert ("A", "ORR", "difference") not in own.index


def test_the_response_table_shows_them_where_a_reference_is_named(tmp_path: Path) -> None:
    drawn = table(tmp_path / "a", "response-summary", PLAIN)
    lines = [line.cells for line in drawn.lines]
    at = next(i for i, cells in enumerate(lines) if cells[0].startswith("Objective response: diff"))
    assert lines[at][1:] == ("Reference", "-75.0 (-95.4, -8.5)", "-50.0 (-78.9, 13.5)", "")
    assert lines[at + 1][1:] == ("", "(-100.0, -32.6)", "(-100.0, 10.0)", "")
    assert lines[at + 2][1:] == ("", "NE (NE, NE)", "0.11 (0.00, 2.73)", "")
    assert lines[at + 3][1:] == ("", "0.1429", "0.4857", "")
    without = table(tmp_path / "b", "response-summary", PLAIN.replace("  reference: A\n", ""))
    assert not [line for line in without.lines if "difference" in line.cells[0]]


def test_gray_of_all_groups_and_of_pairs(tmp_path: Path) -> None:
    """R 4.2.2, cmprsk 2.2-11 (tests/reference/test_gray_r.py)."""
    people = pd.read_csv(DATA / "gray_inputs.csv")
    expected = pd.read_csv(DATA / "gray_r.csv").query("cause == 1").set_index("test")["p"]
    text = LEVELS.replace("value: A", "value: a").replace("reference: A", "reference: a")
    text = text.replace("value: B", "value: b").replace("value: C", "value: c")
    names = [f"S{i}" for i in range(len(people))]
    subjects = people.assign(USUBJID=names, STRATUM1=people["stratum"])
    own = pd.DataFrame({"USUBJID": names, "TRTA": people["group"], "value": people["time"]})
    own["event"] = people["cause"].astype(float)
    for strata, suffix in (("", ""), ("  strata: [STRATUM1]\n", ", strata")):
        path = write_study(tmp_path)
        named = text.replace("  levels:", f"{strata}  levels:")
        path.write_text(PARAMS.replace(OLD, named), encoding="utf-8")
        out = ResultList("test", "safety")
        add_gray_tests(out, own, subjects, read_params(path))
        values = {line["level1"]: line["value"] for line in out.lines}
        assert set(values) == {None, "b", "c"}
        assert values[None] == pytest.approx(expected[f"three groups{suffix}"], rel=1e-9)
        assert values["c"] == pytest.approx(expected[f"two groups{suffix}"], rel=1e-9)
        assert np.isfinite(values["b"])
