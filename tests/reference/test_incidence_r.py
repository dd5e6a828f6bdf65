"""Cumulative incidence against R 4.2.2, survival 3.5-3 (data/made_with_r.R, which shows the call).

Tolerance 1e-9 relative, 1e-12 absolute: the file holds 15 digits.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csr.stats.incidence import cumulative_incidence, incidence_at, incidence_interval
from csr.stats.survival import kaplan_meier

DATA = Path(__file__).parent / "data"
INPUT = pd.read_csv(DATA / "competing_risks_input.csv")
EXPECTED = pd.read_csv(DATA / "competing_risks_r.csv")


@pytest.mark.parametrize("cause", [1, 2])
@pytest.mark.parametrize("dataset", ["small", "lung"])
def test_incidence(dataset, cause):
    rows = INPUT[INPUT["dataset"] == dataset]
    curve = cumulative_incidence(rows["time"], rows["cause"], of=cause)
    low, high = incidence_interval(curve)
    found = {
        "time": curve.time,
        "n_risk": curve.n_risk,
        "incidence": curve.incidence,
        "se": np.sqrt(curve.variance),
        "lcl_loglog": low,
        "ucl_loglog": high,
    }
    expected = EXPECTED[(EXPECTED["dataset"] == dataset) & (EXPECTED["cause"] == cause)]
    assert len(expected)
    for name, values in found.items():
        np.testing.assert_allclose(
            values, expected[name].to_numpy(float), rtol=1e-9, atol=1e-12, err_msg=name
        )


def test_counts_at_ties():
    # The small set at time 2: one event of cause 2 and two of cause 1; at time 4 one each of 2, 0.
    rows = INPUT[INPUT["dataset"] == "small"]
    curve = cumulative_incidence(rows["time"], rows["cause"])
    at = {t: i for i, t in enumerate(curve.time)}
    assert (curve.n_event[at[2]], curve.n_competing[at[2]], curve.n_censor[at[2]]) == (2, 1, 0)
    assert (curve.n_event[at[4]], curve.n_competing[at[4]], curve.n_censor[at[4]]) == (0, 1, 1)


def test_without_competitors_it_is_one_minus_kaplan_meier():
    time, event = [1, 2, 2, 3, 5, 5, 8], [1, 1, 0, 0, 1, 1, 0]
    km = kaplan_meier(time, event)
    curve = cumulative_incidence(time, event)
    np.testing.assert_allclose(curve.incidence, 1 - km.surv, rtol=1e-12)
    np.testing.assert_allclose(curve.variance, km.variance, rtol=1e-12)


def test_everybody_has_an_event():
    # Last time: all remaining subjects fail; shares 2 of 3 and 1 of 3, variance p(1 − p)/n.
    curve = cumulative_incidence([1, 2, 3], [1, 2, 1])
    assert curve.incidence[-1] == pytest.approx(2 / 3, rel=1e-12)
    assert curve.variance[-1] == pytest.approx(2 / 27, rel=1e-12)


def test_there_is_no_interval_where_everybody_has_had_the_event():
    # thirds add up to 1 but for floating error; at times 1 and 2 there are limits
    low, high = incidence_interval(cumulative_incidence([1, 2, 3], [1, 1, 1]))
    assert np.isnan(low).tolist() == np.isnan(high).tolist() == [False, False, True]


def test_at_a_time():
    curve = cumulative_incidence([1, 2, 4, 4], [1, 2, 0, 0])
    assert incidence_at(curve, 0.5) == 0
    assert incidence_at(curve, 1) == pytest.approx(0.25, rel=1e-12)
    assert incidence_at(curve, 4) == pytest.approx(0.25, rel=1e-12)
    assert math.isnan(incidence_at(curve, 4.5))


def test_no_subjects_and_no_such_cause():
    empty = cumulative_incidence([], [])
    assert empty.time.size == 0
    assert math.isnan(incidence_at(empty, 0))
    never = cumulative_incidence([1, 2], [1, 0], of=3)
    assert never.incidence.tolist() == [0, 0]
    assert never.variance.tolist() == [0, 0]


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="time: 1 of 2 values are missing"):
        cumulative_incidence([1, math.nan], [1, 0])
    with pytest.raises(ValueError, match=r"event: 1 of 2 values are 1.5; 0 \(censored\) to 9"):
        cumulative_incidence([1, 2], [1, 1.5])
    with pytest.raises(ValueError, match="of: 0"):
        cumulative_incidence([1, 2], [1, 0], of=0)
