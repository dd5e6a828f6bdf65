"""Kaplan-Meier against R 4.2.2, survival 3.5-3 `survfit`; sources in data/SOURCES.md.

Tolerance 1e-9 relative for every number, unless a test says otherwise: the reference files hold 15
digits.
"""

from __future__ import annotations

import csv
import math
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from csr.stats import survival
from csr.stats.survival import (
    Curve,
    kaplan_meier,
    pointwise_interval,
    quantile_time,
    restricted_mean,
    reverse_kaplan_meier,
    survival_at,
)

DATA = Path(__file__).parent / "data"
POOLED = {"lung": "lung_by_sex", "veteran": "veteran_by_trt"}
NAN = math.nan


def lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


def number(text: str) -> float:
    return NAN if text in ("NA", "") else float(text)


def close(actual: float, expected: str) -> bool:
    return actual == pytest.approx(number(expected), rel=1e-9, abs=1e-12, nan_ok=True)


@cache
def subjects(dataset: str, group: str) -> tuple[np.ndarray, np.ndarray]:
    """Time and event of a group of the inputs; ALL is a whole data set."""
    if dataset == "edge_cases":
        rows = [r for r in lines("km_edge_cases_input.csv") if r["grp"] == group]
    else:
        name = POOLED.get(dataset, dataset)
        rows = [r for r in lines("km_inputs_public.csv") if r["dataset"] == name]
        rows = [r for r in rows if group in ("ALL", r["group"])]
    assert rows
    return np.array([float(r["time"]) for r in rows]), np.array([int(r["status"]) for r in rows])


def curve_of(row: dict[str, str]) -> Curve:
    return kaplan_meier(*subjects(row["dataset"], row["group"]))


def name_of(row: dict[str, str]) -> str:
    return "-".join(row[k] for k in ("dataset", "group", "conf_type", "time") if k in row)


@pytest.mark.parametrize("row", lines("km_quantiles_r.csv"), ids=name_of)
def test_quantiles(row):
    curve = curve_of(row)
    assert curve.n == int(row["n"])
    assert curve.n_event.sum() == int(row["events"])
    for p, stat in ((0.25, "q25"), (0.5, "median"), (0.75, "q75")):
        found = quantile_time(curve, p, conf_type=row["conf_type"])
        assert close(found.time, row[stat])
        assert close(found.low, row[f"{stat}_lcl"])
        assert close(found.high, row[f"{stat}_ucl"])
        assert found.reason == (survival.NOT_REACHED if row[stat] == "NA" else "")


@pytest.mark.parametrize("row", lines("km_landmarks_r.csv"), ids=name_of)
def test_landmarks(row):
    curve = curve_of(row)
    (found,) = survival_at(curve, [float(row["time"])], conf_type=row["conf_type"])
    assert found.n_risk == int(row["n_risk"])
    assert close(found.surv, row["surv"])
    assert close(found.se, row["se"])
    assert close(found.low, row["lcl"])
    assert close(found.high, row["ucl"])
    assert (found.reason == survival.BEYOND_LAST) == (row["beyond_last"] == "TRUE")
    assert bool(found.reason) == (row["lcl"] == "NA")


def test_curves():
    curves: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in lines("km_curves_r.csv"):
        curves.setdefault((row["dataset"], row["group"]), []).append(row)
    assert len(curves) == 13
    for (dataset, group), rows in curves.items():
        curve = kaplan_meier(*subjects(dataset, group))
        names = ["time", "n_risk", "n_event", "n_censor", "surv", "se"]
        columns = {n: getattr(curve, n) for n in names}
        columns["se_greenwood"] = columns.pop("se")
        for kind in ("log", "log-log", "plain", "arcsin", "logit"):
            low, high = pointwise_interval(curve, conf_type=kind)
            short = kind.replace("-", "")
            columns |= {f"lcl_{short}": low, f"ucl_{short}": high}
        for name, values in columns.items():
            expected = [number(row[name]) for row in rows]
            np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("row", lines("km_rmean_r.csv"), ids=name_of)
def test_restricted_mean(row):
    curve = curve_of(row)
    for tau in (None, float(row["tau"])):
        found = restricted_mean(curve, tau)
        assert found.tau == float(row["tau"])
        assert close(found.mean, row["rmean"])
        assert close(found.se, row["se_rmean"])
        assert found.reason == ""


@pytest.mark.parametrize("row", lines("reverse_km_r.csv"), ids=name_of)
def test_median_follow_up(row):
    curve = reverse_kaplan_meier(*subjects(row["dataset"], row["group"]))
    median = quantile_time(curve, 0.5, conf_type=row["conf_type"])
    assert close(median.time, row["median_fu"])
    assert close(median.low, row["lcl"])
    assert close(median.high, row["ucl"])
    assert close(quantile_time(curve, 0.25).time, row["q25"])
    assert close(quantile_time(curve, 0.75).time, row["q75"])


def test_restricted_mean_before_the_last_observation():
    # print(survfit(Surv(time, status) ~ 1, edge "mid"), rmean = 3.5): by hand
    # 1 + .875 + .75 + .5·.625 = 2.9375; se² = Σ A²d/(n(n−d)), A = 1.9375, 1.0625, .3125:
    # 3.75390625/56 → 0.0670340, 1.12890625/42 → 0.0268787, 0.09765625/30 → 0.0032552.
    found = restricted_mean(kaplan_meier(*subjects("edge_cases", "mid")), 3.5)
    assert found.mean == pytest.approx(2.9375, rel=1e-12)
    assert found.se == pytest.approx(math.sqrt(3.75390625 / 56 + 1.12890625 / 42 + 0.09765625 / 30))


def test_restricted_mean_beyond_the_last_observation_needs_nobody_left():
    alive = restricted_mean(kaplan_meier(*subjects("edge_cases", "mid")), 9)
    assert math.isnan(alive.mean)
    assert alive.reason == survival.BEYOND_LAST
    assert restricted_mean(kaplan_meier([1, 2, 3, 4], [1, 1, 1, 1]), 9).mean == 2.5


def test_a_flat_half_gives_its_middle_whatever_floating_error_does():
    # METHODS §4: S = 0.5 from 4 to 6 (7/8·6/7·5/6·4/5 in floating point); R gives 5, not 4 or 6.
    assert quantile_time(kaplan_meier(*subjects("edge_cases", "mid")), 0.5).time == 5
    # S stays at 0.5 to the last observation, 8: the middle of 2 and 8, as R's findq.
    assert quantile_time(kaplan_meier([1, 2, 5, 8], [1, 1, 0, 0]), 0.5).time == 5


@pytest.mark.parametrize("n", range(2, 60, 2))
def test_the_median_without_censoring_is_the_middle_of_the_two_middle_times(n):
    # In floating point S(n/2) is above 0.5 for n = 24, below for n = 12, exact for n = 6.
    assert quantile_time(kaplan_meier(range(1, n + 1), [1] * n), 0.5).time == (n + 1) / 2


def test_beyond_the_last_observation_nothing_is_known():
    curve = kaplan_meier([1, 2, 5], [1, 0, 0])
    (found,) = survival_at(curve, [5.5])
    assert (found.n_risk, found.reason) == (0, survival.BEYOND_LAST)
    assert math.isnan(found.surv)
    (last,) = survival_at(curve, [5])
    assert (last.n_risk, last.reason) == (1, "")
    assert last.surv == pytest.approx(2 / 3, rel=1e-12)


def test_before_the_first_event_survival_is_one_and_log_log_has_no_interval():
    curve = kaplan_meier([3, 4], [1, 0])
    (loglog,) = survival_at(curve, [1])
    assert (loglog.surv, loglog.n_risk, loglog.reason) == (1, 2, survival.NO_EVENT_YET)
    (plain,) = survival_at(curve, [1], conf_type="plain")
    assert (plain.low, plain.high, plain.reason) == (1, 1, "")


def test_landmarks_keep_their_order():
    curve = kaplan_meier([1, 2, 3], [1, 1, 0])
    assert [mark.n_risk for mark in survival_at(curve, [3, 0, 2])] == [1, 3, 2]


def test_no_subjects():
    curve = kaplan_meier([], [])
    assert curve.n == 0
    assert quantile_time(curve, 0.5).reason == survival.NO_SUBJECTS
    assert survival_at(curve, [0])[0].reason == survival.NO_SUBJECTS
    assert restricted_mean(curve).reason == survival.NO_SUBJECTS
    assert math.isnan(restricted_mean(curve).tau)


def test_all_censored():
    curve = kaplan_meier([2, 4], [0, 0])
    assert curve.surv.tolist() == [1, 1]
    assert curve.variance.tolist() == [0, 0]
    assert quantile_time(curve, 0.5).reason == survival.NOT_REACHED
    assert (restricted_mean(curve).mean, restricted_mean(curve).se) == (4, 0)


def test_all_events_at_time_0():
    curve = kaplan_meier([0, 0], [1, 1])
    assert (curve.surv.tolist(), curve.n_risk.tolist()) == ([0], [2])
    assert quantile_time(curve, 0.5).time == 0
    assert restricted_mean(curve).mean == 0
    assert survival_at(curve, [0])[0].surv == 0


def test_floating_ties_are_one_time():
    # 1.1 and 1.1000000000000001 + 2e-16 are one time, as R's timefix; 1.1 and 1.10001 are two.
    curve = kaplan_meier([1.1, 1.1000000000000003, 2], [1, 0, 1])
    assert curve.time.tolist() == [1.1, 2]
    assert curve.surv.tolist() == [pytest.approx(2 / 3), 0]
    assert kaplan_meier([1.1, 1.10001], [1, 1]).time.size == 2
    (mark,) = survival_at(kaplan_meier([0.1 + 0.2, 1], [1, 0]), [0.3])
    assert (mark.surv, mark.n_risk) == (0.5, 2)


@pytest.mark.parametrize(
    ("time", "event", "words"),
    [
        ([1, NAN, NAN], [1, 1, 1], r"time: 2 of 3 values are missing.*first at position 1: nan"),
        ([-1, 2], [1, 1], r"time: 1 of 2 values .* negative .*-1"),
        ([1, math.inf], [1, 1], r"time: 1 of 2 values"),
        ([1, 2], [1, 2], r"event: 1 of 2 values are 2; 0 \(censored\) and 1 \(event\) are allowed"),
        ([1, 2], [1, NAN], r"event: 1 of 2 values are nan"),
        ([1, 2], [1], r"event: 1 values for 2 times"),
        ([[1, 2]], [1], r"time: has 2 dimensions"),
    ],
)
def test_what_is_wrong_is_named(time, event, words):
    with pytest.raises(ValueError, match=words):
        kaplan_meier(time, event)


def test_wrong_questions_are_refused():
    curve = kaplan_meier([1, 2], [1, 0])
    with pytest.raises(ValueError, match=r"p: 50"):
        quantile_time(curve, 50)
    with pytest.raises(ValueError, match="conf_level: 95"):
        quantile_time(curve, 0.5, conf_level=95)
    with pytest.raises(ValueError, match="conf_type: 'loglog'"):
        pointwise_interval(curve, conf_type="loglog")
    with pytest.raises(ValueError, match="landmarks"):
        survival_at(curve, [NAN])
    with pytest.raises(ValueError, match="tau"):
        restricted_mean(curve, -1)
