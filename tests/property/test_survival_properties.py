"""What holds of every survival estimate, whatever the subjects (hypothesis)."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from csr.stats.compare import compare_groups
from csr.stats.cox import cox
from csr.stats.incidence import cumulative_incidence
from csr.stats.survival import (
    kaplan_meier,
    pointwise_interval,
    quantile_time,
    restricted_mean,
    survival_at,
)

SUBJECT = st.tuples(st.integers(0, 20), st.integers(0, 1), st.integers(0, 1))
SUBJECTS = st.lists(SUBJECT, min_size=1, max_size=30)
KINDS = st.sampled_from(["log-log", "log", "plain", "arcsin", "logit"])
PROFILE = settings(max_examples=60, deadline=None, derandomize=True)


def columns(subjects) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    time, event, group = np.array(subjects).T
    return time.astype(float), event, group


@PROFILE
@given(SUBJECTS, st.integers(1, 10))
def test_how_long_after_the_last_event_a_subject_is_censored_changes_no_estimate(subjects, longer):
    time, event, _ = columns(subjects)
    last = time[event == 1].max(initial=0)
    late = (event == 0) & (time > last)
    assume(late.any())
    moved = np.where(late, time + longer, time)
    before, after = kaplan_meier(time, event), kaplan_meier(moved, event)
    upto = int(np.searchsorted(before.time, last, side="right"))
    for name in ("time", "n_risk", "n_event", "n_censor", "surv", "variance"):
        np.testing.assert_array_equal(getattr(before, name)[:upto], getattr(after, name)[:upto])
    marks = [astuple(survival_at(curve, [last])[0]) for curve in (before, after)]
    np.testing.assert_equal(*marks)
    assert restricted_mean(before, last) == restricted_mean(after, last)


@PROFILE
@given(SUBJECTS)
def test_a_further_subject_censored_after_the_last_event_is_at_risk_at_every_event(subjects):
    time, event, _ = columns(subjects)
    before = kaplan_meier(time, event)
    after = kaplan_meier([*time, 21], [*event, 0])
    np.testing.assert_array_equal(after.n_risk[:-1], before.n_risk + 1)
    np.testing.assert_array_equal(after.n_event[:-1], before.n_event)
    assert (after.surv[:-1] >= before.surv).all()


@PROFILE
@given(SUBJECTS, KINDS, st.randoms(use_true_random=False))
def test_row_order_is_irrelevant(subjects, kind, random):
    shuffled = random.sample(subjects, len(subjects))
    (time, event, group), (time2, event2, group2) = columns(subjects), columns(shuffled)
    one, two = kaplan_meier(time, event), kaplan_meier(time2, event2)
    np.testing.assert_array_equal(one.surv, two.surv)
    np.testing.assert_array_equal(
        pointwise_interval(one, conf_type=kind), pointwise_interval(two, conf_type=kind)
    )
    tests = compare_groups(time, event, group), compare_groups(time2, event2, group2)
    np.testing.assert_array_equal(tests[0].chi_square, tests[1].chi_square)
    fits = cox(time, event, group), cox(time2, event2, group2)
    assert fits[0].reason == fits[1].reason
    np.testing.assert_allclose(fits[0].coef, fits[1].coef, rtol=1e-8, atol=1e-8)


@PROFILE
@given(SUBJECTS, KINDS)
def test_survival_falls_from_1_to_0_within_its_limits(subjects, kind):
    curve = kaplan_meier(*columns(subjects)[:2])
    assert ((curve.surv >= 0) & (curve.surv <= 1)).all()
    assert (np.diff(curve.surv) <= 0).all()
    assert curve.n_event.sum() + curve.n_censor.sum() == len(subjects)
    low, high = pointwise_interval(curve, conf_type=kind)
    known = ~np.isnan(low)
    assert (low[known] >= 0).all()
    assert (high[known] <= 1).all()
    assert (low[known] <= curve.surv[known] + 1e-12).all()
    assert (high[known] >= curve.surv[known] - 1e-12).all()


@PROFILE
@given(SUBJECTS, KINDS, st.sampled_from([0.25, 0.5, 0.75]))
def test_a_quantile_lies_within_its_limits(subjects, kind, p):
    found = quantile_time(kaplan_meier(*columns(subjects)[:2]), p, conf_type=kind)
    assert np.isnan(found.low) or np.isnan(found.time) or found.low <= found.time
    assert np.isnan(found.high) or found.time <= found.high
    assert bool(found.reason) == np.isnan(found.time)


@PROFILE
@given(SUBJECTS)
def test_without_censoring_survival_is_the_share_left(subjects):
    time = columns(subjects)[0]
    curve = kaplan_meier(time, np.ones(time.size))
    share = [(time > t).mean() for t in curve.time]
    np.testing.assert_allclose(curve.surv, share, atol=1e-12)
    assert abs(restricted_mean(curve).mean - time.mean()) < 1e-9


@PROFILE
@given(SUBJECTS)
def test_swapping_groups_inverts_the_hazard_ratio(subjects):
    time, event, group = columns(subjects)
    one, two = cox(time, event, group), cox(time, event, 1 - group)
    assert one.reason == two.reason
    np.testing.assert_allclose(one.hr, 1 / two.hr, rtol=1e-7)
    np.testing.assert_allclose(one.low, 1 / two.high, rtol=1e-7)
    np.testing.assert_allclose(one.p, two.p, rtol=1e-6)


@PROFILE
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(0, 3)), min_size=1, max_size=30))
def test_incidences_of_all_causes_and_survival_add_to_one(subjects):
    time, cause = np.array(subjects).T
    curves = [cumulative_incidence(time, cause, of=c) for c in (1, 2, 3)]
    surv = kaplan_meier(time, cause > 0).surv
    np.testing.assert_allclose(sum(c.incidence for c in curves) + surv, 1, atol=1e-12)
    assert all((np.diff(c.incidence) >= 0).all() for c in curves)
    assert all((c.variance >= 0).all() for c in curves)
