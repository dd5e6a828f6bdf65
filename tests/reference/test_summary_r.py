"""Quantiles and geometric statistics against base R 4.2.2; sources in data/SOURCES.md.

Tolerance 1e-9 relative.
"""

from __future__ import annotations

import csv
import math
from pathlib import Path

import pytest

from csr.stats.summary import describe, describe_geometric, quantile

DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


def near(value: float | str) -> object:
    return pytest.approx(float(value), rel=1e-9)


def numbers(text: str) -> list[float]:
    return [float(value) for value in text.split()]


@pytest.mark.parametrize(
    "row", lines("quantile_types_r.csv"), ids=lambda r: f"{r['vector']}-type{r['type']}"
)
def test_quantile_types(row):
    values = numbers(row["values"])[::-1]
    for p, column in ((0.25, "q25"), (0.5, "q50"), (0.75, "q75")):
        assert quantile(values, p, int(row["type"])) == near(row[column])


def test_the_default_is_type_2():
    assert quantile([1, 2, 3, 4], 0.25) == 1.5  # quantile_types_r.csv, vector a, type 2
    assert describe([1, 2, 3, 4]).q1 == 1.5


def test_a_whole_position_is_whole_whatever_floating_error_does():
    # 0.07·100 is 7.000000000000001 in floating point; type 2 averages the 7th and 8th of 100.
    assert 0.07 * 100 != 7
    assert quantile(range(1, 101), 0.07) == 7.5
    assert quantile(range(1, 101), 0.07, kind=1) == 7


@pytest.mark.parametrize("kind", range(1, 10))
def test_ends_and_missing_values(kind):
    assert quantile([3, math.nan, 1, 2], 0, kind) == 1
    assert quantile([3, math.nan, 1, 2], 1, kind) == 3
    assert math.isnan(quantile([math.nan], 0.5, kind))


def test_geometric_statistics():
    expected = {row["stat"]: row["value"] for row in lines("geometric_example.csv")}
    values = numbers(lines("geometric_example.csv")[0]["input"])
    found = describe_geometric(values)
    assert found.n == int(expected["n"])
    assert found.mean == near(expected["geomean"])
    assert found.cv_pct == near(expected["geoCVpct"])
    assert found.sd == near(expected["geoSD"])
    assert (found.low, found.high) == (near(expected["gm_lcl95"]), near(expected["gm_ucl95"]))
    plain = describe(values)
    assert plain.mean == near(expected["mean"])
    assert plain.sd == near(expected["sd"])
    assert plain.cv_pct == near(expected["CVpct"])


def test_describe_by_hand():
    # 2, 4, 9, NaN: mean 5, SD √((9 + 1 + 16)/2) = √13, type 2 quartiles 2 and 9.
    found = describe([4, 9, math.nan, 2])
    assert (found.n, found.mean, found.median, found.min, found.max) == (3, 5, 4, 2, 9)
    assert (found.q1, found.q3) == (2, 9)
    assert found.sd == near(math.sqrt(13))


def test_too_few_values():
    empty = describe([])
    assert empty.n == 0
    assert all(math.isnan(v) for v in (empty.mean, empty.sd, empty.median, empty.min, empty.max))
    one = describe([7])
    assert (one.mean, one.median) == (7, 7)
    assert math.isnan(one.sd)
    assert math.isnan(describe([-1, 1]).cv_pct)


def test_values_without_a_logarithm_are_left_out_of_geometric_statistics():
    # METHODS §6: an all-BLQ profile (Cmax 0) is excluded, and n says so. √(1·100) = 10.
    found = describe_geometric([0, 1, 100, math.nan])
    assert (found.n, found.mean) == (2, near(10))
    one = describe_geometric([5])
    assert one.mean == near(5)
    assert math.isnan(one.cv_pct)
    assert math.isnan(one.low)
    assert math.isnan(describe_geometric([0]).mean)


def test_what_is_wrong_is_named():
    with pytest.raises(ValueError, match="p: 25"):
        quantile([1], 25)
    with pytest.raises(ValueError, match="kind: 10"):
        quantile([1], 0.5, 10)
