"""Proportions and rates against R 4.2.2; sources in data/SOURCES.md. Tolerance 1e-9 relative."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from csr.stats.binomial import (
    beta_posterior,
    poisson_rate_interval,
    proportion_interval,
    proportion_upper_bound,
)

DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[dict[str, float]]:
    with (DATA / name).open(newline="") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


def near(value: float) -> object:
    return pytest.approx(value, rel=1e-9, abs=1e-12)


DLT = lines("dlt_rate_intervals.csv")


@pytest.mark.parametrize("row", DLT, ids=lambda r: f"{r['x']:g}of{r['n']:g}")
def test_dlt_rate(row):
    x, n = int(row["x"]), int(row["n"])
    assert proportion_interval(x, n) == (near(row["cp_l"]), near(row["cp_u"]))
    assert proportion_upper_bound(x, n) == near(row["upper_onesided95_cp"])
    uniform = beta_posterior(x, n, 1, 1, p0=0.3)
    assert uniform.mean == near(row["b11_mean"])
    assert (uniform.low, uniform.high) == (near(row["b11_l"]), near(row["b11_u"]))
    assert uniform.prob_above == near(row["prob_gt_30_b11"])
    jeffreys = beta_posterior(x, n, 0.5, 0.5, p0=0.3)
    assert jeffreys.mean == near(row["jeff_mean"])
    assert (jeffreys.low, jeffreys.high) == (near(row["jeff_l"]), near(row["jeff_u"]))
    low, high = proportion_interval(x, n, method="jeffreys")
    assert low == (0 if x == 0 else near(row["jeff_l"]))
    assert high == (1 if x == n else near(row["jeff_u"]))


# R 4.2.2: prop.test(x, n, correct = FALSE, conf.level = level)$conf.int, print(digits = 15).
WILSON = [
    (81, 263, 0.95, 0.255288519878274, 0.366209576982800),
    (15, 148, 0.95, 0.0623863995307363, 0.1604872417233080),
    (1, 29, 0.95, 0.00611321429276266, 0.17175521879320282),
    (5, 12, 0.90, 0.219977880691781, 0.644018985099465),
]


@pytest.mark.parametrize(("x", "n", "level", "low", "high"), WILSON)
def test_wilson(x, n, level, low, high):
    assert proportion_interval(x, n, level, "wilson") == (near(low), near(high))


@pytest.mark.parametrize("method", ["clopper-pearson", "wilson", "jeffreys"])
def test_edges_are_exact(method):
    low, high = proportion_interval(0, 20, method=method)
    assert low == 0
    assert 0 < high < 0.2
    low, high = proportion_interval(20, 20, method=method)
    assert high == 1
    assert 0.8 < low < 1
    assert all(math.isnan(limit) for limit in proportion_interval(0, 0, method=method))


def test_newcombe_zero_of_twenty():
    # Newcombe 1998, Statistics in Medicine 17:857, table I: 0/20, Wilson 0 to 0.1611 (4 decimals).
    assert proportion_interval(0, 20, method="wilson")[1] == pytest.approx(0.1611, abs=5e-5)


def test_no_subjects():
    assert math.isnan(proportion_upper_bound(0, 0))
    assert beta_posterior(0, 0, 1, 1, p0=0.3).prob_above == near(0.7)  # the uniform prior itself


@pytest.mark.parametrize("row", lines("poisson_exact_rate_ci.csv"), ids=lambda r: f"{r['events']}")
def test_rate_per_100_person_years(row):
    found = poisson_rate_interval(int(row["events"]), row["py"])
    assert found == (near(row["rate100"]), near(row["lcl100"]), near(row["ucl100"]))


def test_no_person_time():
    assert all(math.isnan(value) for value in poisson_rate_interval(0, 0))


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match=r"x, n: 4 of 3"):
        proportion_interval(4, 3)
    with pytest.raises(ValueError, match="conf_level: 95"):
        proportion_interval(1, 3, 95)
    with pytest.raises(ValueError, match="method: 'wald'"):
        proportion_interval(1, 3, method="wald")
    with pytest.raises(ValueError, match="a, b: 0, 1"):
        beta_posterior(1, 3, 0, 1, p0=0.3)
    with pytest.raises(ValueError, match="p0: 30"):
        beta_posterior(1, 3, 1, 1, p0=30)
    with pytest.raises(ValueError, match="person_time"):
        poisson_rate_interval(1, -1)
