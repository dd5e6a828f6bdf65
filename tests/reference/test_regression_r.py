"""Least squares and logistic regression against R 4.2.2.

x <- c(2.5, 2.5, 2.5, 3.75, 3.75, 5, 5, 5)
y <- c(1200, 830, 4100, 2500, 6100, 3900, 7200, 15500)
m <- lm(log(y) ~ log(x)); c(coef(m), confint(m, level = .9)[2, ], summary(m)$coef[2, 4])
z <- c(1.2, 2.1, 2.9, 3.3, 3.4, 3.8, 4.0, 4.4, 2.2, 3.1); r <- c(0, 0, 1, 1, 0, 1, 0, 1, 0, 1)
g <- glm(r ~ z, family = binomial, control = list(epsilon = 1e-14))
c(coef(g), confint.default(g)[2, ], summary(g)$coef[2, 4])
"""

from __future__ import annotations

import numpy as np
import pytest

from csr.stats.regression import logistic, straight_line

DOSE = np.array([2.5, 2.5, 2.5, 3.75, 3.75, 5, 5, 5])
CMAX = np.array([1200, 830, 4100, 2500, 6100, 3900, 7200, 15500])
Z = [1.2, 2.1, 2.9, 3.3, 3.4, 3.8, 4.0, 4.4, 2.2, 3.1]
RESPONSE = [0, 0, 1, 1, 0, 1, 0, 1, 0, 1]


def test_power_model_as_lm() -> None:
    fit = straight_line(np.log(DOSE), np.log(CMAX), 0.9)
    found = (fit.intercept, fit.slope, fit.low, fit.high, fit.p)
    assert found == pytest.approx(
        (
            5.3178085340457191,
            2.2431961971976184,
            0.6982164953937422,
            3.7881758990014944,
            0.0303001557551496,
        ),
        rel=1e-10,
    )


def test_logistic_as_glm() -> None:
    fit = logistic(Z, RESPONSE, 0.95)
    found = (fit.intercept, fit.slope, fit.low, fit.high, fit.p)
    assert found == pytest.approx(
        (
            -4.256557739896726,
            1.381244255012372,
            -0.564860817288441,
            3.327349327313184,
            0.164200989804679,
        ),
        rel=1e-8,
    )


def test_the_unit_of_the_variable_changes_the_slope_alone() -> None:
    plain, scaled = logistic(Z, RESPONSE, 0.95), logistic(np.array(Z) * 1e6 + 3, RESPONSE, 0.95)
    assert scaled.slope * 1e6 == pytest.approx(plain.slope, rel=1e-9)
    assert scaled.p == pytest.approx(plain.p, rel=1e-9)


@pytest.mark.parametrize(
    ("x", "y", "why"),
    [
        ([1, 2, 3, 4], [0, 0, 1, 1], "separates"),
        ([1, 2, 2, 4], [1, 1, 0, 0], "separates"),  # all but a tie: still no finite slope
        ([1, 2, 3, 4], [1, 1, 1, 1], "all with"),
        ([2, 2, 2, 2], [0, 1, 0, 1], "does not vary"),
        ([1, 2], [0, 1], "fewer than three"),
    ],
)
def test_no_slope_where_there_is_none(x: list[float], y: list[int], why: str) -> None:
    fit = logistic(x, y, 0.95)
    assert np.isnan([fit.slope, fit.low, fit.high, fit.p]).all()
    assert why in fit.reason


def test_no_line_through_two_points_or_one_dose() -> None:
    assert "fewer than three" in straight_line([1, 2], [1, 2], 0.9).reason
    assert "does not vary" in straight_line([1, 1, 1], [1, 2, 3], 0.9).reason
