"""Gray's test against R 4.2.2, cmprsk 2.2-11 `cuminc`; sources in data/SOURCES.md.

Tolerance 1e-9 relative. The 90 subjects are made up (data/made_with_r.R): three groups, two strata,
times in halves, so that events of both causes and censorings tie; `exact` are times without ties.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csr.stats.compare import NO_INFORMATION, ONE_GROUP, compare_groups
from csr.stats.gray import compare_incidence

DATA = Path(__file__).parent / "data"
INPUT = pd.read_csv(DATA / "gray_inputs.csv")
EXPECTED = pd.read_csv(DATA / "gray_r.csv")
TWO = INPUT[INPUT["group"] != "b"]
# Rows 1-6, 31-37 and 61-66 of R.
FEW = INPUT.iloc[[*range(6), *range(30, 37), *range(60, 66)]]
CASES = {
    "three groups": (INPUT, "time", None),
    "two groups": (TWO, "time", None),
    "no ties": (INPUT, "exact", None),
    "few": (FEW, "time", None),
    "three groups, strata": (INPUT, "time", "stratum"),
    "two groups, strata": (TWO, "time", "stratum"),
}


@pytest.mark.parametrize(
    "row", EXPECTED.to_dict("records"), ids=lambda r: f"{r['test']}-{r['cause']}"
)
def test_groups(row):
    data, time, stratum = CASES[row["test"]]
    strata = data[stratum] if stratum else None
    found = compare_incidence(data[time], data["cause"], data["group"], row["cause"], strata)
    assert found.chi_square == pytest.approx(row["chisq"], rel=1e-9)
    assert found.df == row["df"]
    assert found.p == pytest.approx(row["p"], rel=1e-9)


def test_every_case_is_one_of_r():
    assert set(EXPECTED["test"]) == set(CASES)


def test_without_competing_events_it_is_near_the_log_rank_test():
    """Its scores are then those of the log-rank test; the variance is another estimate."""
    event = (INPUT["cause"] == 1).astype(int)
    gray = compare_incidence(INPUT["exact"], event, INPUT["group"])
    log_rank = compare_groups(INPUT["exact"], event, INPUT["group"])
    assert gray.df == log_rank.df
    assert gray.chi_square == pytest.approx(log_rank.chi_square, rel=0.1)


def test_names_and_order_of_groups_do_not_matter():
    turned = INPUT["group"].map({"a": "z", "b": "m", "c": "d"})
    one = compare_incidence(INPUT["time"], INPUT["cause"], INPUT["group"])
    other = compare_incidence(INPUT["time"][::-1], INPUT["cause"][::-1], turned[::-1])
    assert other.chi_square == pytest.approx(one.chi_square, rel=1e-9)


@pytest.mark.parametrize(
    ("time", "cause", "group", "reason"),
    [
        ([], [], [], ONE_GROUP),
        ([1, 2], [1, 2], ["a", "a"], ONE_GROUP),
        ([1, 2, 3], [2, 2, 0], ["a", "b", "b"], ONE_GROUP),
        ([1, 1], [1, 1], ["a", "b"], NO_INFORMATION),
    ],
)
def test_no_comparison_says_why(time, cause, group, reason):
    found = compare_incidence(time, cause, group)
    assert math.isnan(found.chi_square)
    assert math.isnan(found.p)
    assert found.reason == reason


def test_a_group_gone_before_the_first_event_counts_no_degree_of_freedom():
    time, cause, group = [1, 1, 2, 3, 4, 5], [0, 0, 1, 1, 2, 1], ["c", "c", "a", "b", "a", "b"]
    with_c = compare_incidence(time, cause, group)
    without = compare_incidence(time[2:], cause[2:], group[2:])
    assert (with_c.chi_square, with_c.df) == (pytest.approx(without.chi_square, rel=1e-9), 1)
    assert np.isfinite(with_c.p)


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="of: 0; a cause of 1 to 9"):
        compare_incidence([1, 2], [1, 0], ["a", "b"], of=0)
    with pytest.raises(ValueError, match="group: 1 values for 2 times"):
        compare_incidence([1, 2], [1, 0], ["a"])
