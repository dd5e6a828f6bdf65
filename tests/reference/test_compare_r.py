"""Log-rank family against R 4.2.2, survival 3.5-3 `survdiff`; sources in data/SOURCES.md.

Tolerance 1e-9 relative. Institution and ECOG of the lung data come with lifelines (MIT), the cell
types of the veteran data are in data/veteran.csv.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines.datasets import load_lung

from csr.stats.compare import NO_INFORMATION, ONE_GROUP, compare_groups

DATA = Path(__file__).parent / "data"
INPUTS = pd.read_csv(DATA / "km_inputs_public.csv")
EXPECTED = pd.read_csv(DATA / "logrank_r.csv")
MORE = pd.read_csv(DATA / "logrank_more_r.csv").set_index("test")
WEIGHTS = {
    "logrank (rho=0)": "log-rank",
    "Peto-Peto (rho=1)": "peto-peto",
    "Gehan-Breslow-Wilcoxon (weight n)": "gehan-breslow",
    "Tarone-Ware (weight sqrt n)": "tarone-ware",
}
VETERAN = pd.read_csv(DATA / "veteran.csv")
PAIRS = pd.read_csv(DATA / "logrank_pairs_r.csv").set_index("test")


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9)


UNSTRATIFIED = EXPECTED[EXPECTED["test"].isin(WEIGHTS)].to_dict("records")


@pytest.mark.parametrize("row", UNSTRATIFIED, ids=lambda r: f"{r['dataset']}-{r['test']}")
def test_groups(row):
    rows = INPUTS[INPUTS["dataset"] == row["dataset"]]
    found = compare_groups(rows["time"], rows["status"], rows["group"], WEIGHTS[row["test"]])
    assert found.chi_square == near(row["chisq"])
    assert found.df == row["df"]
    assert found.p == near(row["p"])


def test_strata():
    lung = load_lung()
    lung = lung[lung["inst"].notna()]
    found = compare_groups(lung["time"], lung["status"], lung["sex"], strata=lung["inst"])
    row = EXPECTED[EXPECTED["dataset"] == "lung_by_sex strata(inst)"].iloc[0]
    assert (found.chi_square, found.df, found.p) == (near(row["chisq"]), row["df"], near(row["p"]))


def test_strata_of_the_veteran_data():
    found = compare_groups(
        VETERAN["time"], VETERAN["status"], VETERAN["trt"], strata=VETERAN["celltype"]
    )
    row = EXPECTED[EXPECTED["dataset"] == "veteran_by_trt strata(celltype)"].iloc[0]
    assert (found.chi_square, found.df, found.p) == (near(row["chisq"]), row["df"], near(row["p"]))


def test_every_row_is_tested():
    assert len(UNSTRATIFIED) == 12
    rest = EXPECTED.loc[~EXPECTED["test"].isin(WEIGHTS), "dataset"].tolist()
    assert rest == ["lung_by_sex strata(inst)", "veteran_by_trt strata(celltype)"]


@pytest.mark.parametrize("test", PAIRS.index)
def test_pairs_of_groups(test):
    if test.startswith("ecog"):
        rows = load_lung()
        rows = rows[rows["ph.ecog"].isin([0, int(test[5])])]
        group, strata = rows["ph.ecog"], rows["sex"] if "strata" in test else None
    else:
        rows = VETERAN[VETERAN["celltype"].isin(["squamous", test])]
        group, strata = rows["celltype"], None
    found = compare_groups(rows["time"], rows["status"], group, strata=strata)
    assert found.df == 1
    assert found.chi_square == near(PAIRS.loc[test, "chisq"])
    assert found.p == near(PAIRS.loc[test, "p"])


@pytest.mark.parametrize(
    ("test", "group", "weight", "strata"),
    [
        ("lung_by_ecog", "ph.ecog", "log-rank", None),
        ("lung_by_ecog_rho1", "ph.ecog", "peto-peto", None),
        ("lung_by_sex_strata_ecog_rho1", "sex", "peto-peto", "ph.ecog"),
        ("lung_by_ecog_strata_sex", "ph.ecog", "log-rank", "sex"),
    ],
)
def test_three_groups_and_weights_within_strata(test, group, weight, strata):
    lung = load_lung()
    lung = lung[lung["ph.ecog"] < 3]
    found = compare_groups(
        lung["time"], lung["status"], lung[group], weight, lung[strata] if strata else None
    )
    assert found.chi_square == near(MORE.loc[test, "chisq"])
    assert found.df == MORE.loc[test, "df"]


def test_a_group_that_left_before_the_first_event_counts_no_degree_of_freedom():
    time, event, group = [1, 1, 2, 3, 4, 5], [0, 0, 1, 1, 1, 0], ["c", "c", "a", "b", "a", "b"]
    with_c = compare_groups(time, event, group)
    without = compare_groups(time[2:], event[2:], group[2:])
    assert (with_c.chi_square, with_c.df) == (near(without.chi_square), 1)


@pytest.mark.parametrize(
    ("time", "event", "group", "reason"),
    [
        ([], [], [], ONE_GROUP),
        ([1, 2], [1, 1], ["a", "a"], ONE_GROUP),
        ([1, 2], [0, 0], ["a", "b"], ONE_GROUP),
        ([1, 1], [1, 1], ["a", "b"], NO_INFORMATION),
    ],
)
def test_no_comparison_says_why(time, event, group, reason):
    found = compare_groups(time, event, group)
    assert math.isnan(found.chi_square)
    assert math.isnan(found.p)
    assert found.reason == reason


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="group: 1 values for 2 times"):
        compare_groups([1, 2], [1, 1], ["a"])
    with pytest.raises(ValueError, match="group: has missing values"):
        compare_groups([1, 2], [1, 1], np.array(["a", None], dtype=object))
    with pytest.raises(ValueError, match="strata: has missing values"):
        compare_groups([1, 2], [1, 1], ["a", "b"], strata=[1, math.nan])
    with pytest.raises(ValueError, match="weight: 'wilcoxon'"):
        compare_groups([1, 2], [1, 1], ["a", "b"], weight="wilcoxon")
