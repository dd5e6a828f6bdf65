"""Differences of proportions and the exact test against published and R values.

Source of the intervals: Newcombe 1998 (Statistics in Medicine 17:873), table II, method 10, printed
with 4 decimals. Fisher's test: the tea-tasting table (Fisher 1935; R `fisher.test`: 0.4857) and the
published p-values of the CDISC pilot (tests/reference/test_cdisc_pilot.py). Wald limits, odds
ratios and Fisher's p of seven tables: R 4.2.2 `prop.test(correct = FALSE)`, `glm(binomial)`,
`fisher.test` (data/made_with_r.R), relative tolerance 1e-9 (1e-7 for what `glm` iterates to).
"""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest

from csr.stats.two_proportions import fisher_p, odds_ratio, risk_difference

R = pd.read_csv(Path(__file__).parent / "data" / "two_proportions_r.csv")

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


@pytest.mark.parametrize(
    "row", R.to_dict("records"), ids=lambda r: f"{r['x1']}/{r['n1']}-{r['x2']}"
)
def test_wald_odds_ratio_and_fisher(row: dict[str, float]) -> None:
    table = (int(row["x1"]), int(row["n1"]), int(row["x2"]), int(row["n2"]))
    wald = risk_difference(*table, method="wald")
    assert wald == pytest.approx(
        (row["diff"], row["wald_low"], row["wald_high"]), rel=1e-9, abs=1e-15
    )
    assert odds_ratio(*table) == pytest.approx((row["or"], row["or_low"], row["or_high"]), rel=1e-7)
    assert fisher_p(*table) == pytest.approx(row["fisher_p"], rel=1e-9)


def test_a_count_of_0_gives_no_odds_ratio_and_no_interval_of_no_width() -> None:
    assert all(math.isnan(value) for value in odds_ratio(0, 5, 2, 5))
    assert all(math.isnan(value) for value in odds_ratio(5, 5, 2, 5))
    difference, low, high = risk_difference(5, 5, 0, 5, method="wald")
    assert difference == 1
    assert math.isnan(low)
    assert math.isnan(high)


def test_an_unknown_interval_is_refused() -> None:
    with pytest.raises(ValueError, match="method: 'score'; newcombe, wald are allowed"):
        risk_difference(1, 2, 1, 2, method="score")  # type: ignore[arg-type]
