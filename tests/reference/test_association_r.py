"""Rank correlation and rank sum against R 4.2.2.

x <- c(5.1,3.3,8.2,7.7,9.1,2.4,6.6,6.6); y <- c(1,0,2,2,3,0,1,2)
cor.test(x, y, method = "spearman", exact = FALSE)   # rho, p
wilcox.test(x[y >= 2], x[y < 2], exact = FALSE)$p.value
wilcox.test(c(1,2,2,3,9), c(2,4,5,7), exact = FALSE)$p.value
"""

from __future__ import annotations

import math

import numpy as np
import pytest

from csr.stats.association import rank_correlation, rank_sum

X = np.array([5.1, 3.3, 8.2, 7.7, 9.1, 2.4, 6.6, 6.6])
Y = np.array([1, 0, 2, 2, 3, 0, 1, 2])


def test_spearman_equals_r() -> None:
    rho, p = rank_correlation(X, Y)
    assert rho == pytest.approx(0.938340808209332078, rel=1e-12)
    assert p == pytest.approx(0.000559281167472478, rel=1e-9)


def test_rank_sum_equals_r() -> None:
    assert rank_sum(X[Y >= 2], X[Y < 2]) == pytest.approx(0.0420664122067808, rel=1e-9)
    assert rank_sum([1, 2, 2, 3, 9], [2, 4, 5, 7]) == pytest.approx(0.383220631285644, rel=1e-9)


def test_what_can_not_be_told_is_missing() -> None:
    assert all(math.isnan(v) for v in rank_correlation([1, 2], [1, 2]))
    assert all(math.isnan(v) for v in rank_correlation([1, 2, 3], [1, 1, 1]))
    assert math.isnan(rank_sum([], [1.0]))
    assert math.isnan(rank_sum([2.0, 2.0], [2.0]))
