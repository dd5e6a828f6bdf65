"""Differences of proportions and the exact test against published and R values.

Source of the intervals: Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10, printed
with 4 decimals. Fisher's test: the tea-tasting table (Fisher 1935; R `fisher.test`: 0.4857) and the
published p-values of the CDISC pilot (tests/reference/test_cdisc_pilot.py).
"""

from __future__ import annotations

import math

import pytest

from csr.stats.two_proportions import fisher_p, risk_difference

NEWCOMBE = [
    (56, 70, 48, 80, 0.0524, 0.3339),
    (9, 10, 3, 10, 0.1705, 0.8090),
    (6, 7, 2, 7, 0.0582, 0.8062),
    (5, 56, 0, 29, -0.0381, 0.1926),
    (0, 10, 0, 20, -0.1611, 0.2775),
    (10, 10, 0, 20, 0.6791, 1.0000),
    (10, 10, 0, 10, 0.6075, 1.0000),
]


@pytest.mark.parametrize(("x1", "n1", "x2", "n2", "low", "high"), NEWCOMBE)
def test_newcombe(x1: int, n1: int, x2: int, n2: int, low: float, high: float) -> None:
    found = risk_difference(x1, n1, x2, n2)
    assert found[0] == pytest.approx(x1 / n1 - x2 / n2, abs=1e-12)
    assert found[1:] == pytest.approx((low, high), abs=0.5e-4)


def test_the_lady_tasting_tea() -> None:
    assert fisher_p(3, 4, 1, 4) == pytest.approx(34 / 70, abs=1e-12)


@pytest.mark.parametrize("table", [(0, 5, 0, 7), (5, 5, 7, 7), (1, 1, 0, 0)])
def test_no_other_table_is_possible(table: tuple[int, int, int, int]) -> None:
    assert math.isnan(fisher_p(*table))


def test_an_empty_group_has_no_difference() -> None:
    assert all(math.isnan(value) for value in risk_difference(1, 2, 0, 0))


def test_counts_beyond_the_group_are_refused() -> None:
    with pytest.raises(ValueError, match="3 of 2"):
        fisher_p(3, 2, 0, 2)
