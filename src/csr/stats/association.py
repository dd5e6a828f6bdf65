"""Association of two variables by ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import mannwhitneyu, spearmanr

LEAST = 3


def rank_correlation(x: ArrayLike, y: ArrayLike) -> tuple[float, float]:
    """Spearman's rho with ties averaged, and its two-sided p by the t approximation.

    Both NaN with fewer than three pairs, or where a variable does not vary. As R's
    `cor.test(method = "spearman", exact = FALSE)`.
    """
    one, other = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if one.size < LEAST or np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan"), float("nan")
    found = spearmanr(one, other)
    return float(found.statistic), float(found.pvalue)


def rank_sum(x: ArrayLike, y: ArrayLike) -> float:
    """Two-sided p of the Wilcoxon rank-sum test, normal approximation with continuity correction.

    NaN where a group is empty or no value differs from another. As R's
    `wilcox.test(exact = FALSE)`.
    """
    one, other = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if not one.size or not other.size or np.ptp(np.concatenate([one, other])) == 0:
        return float("nan")
    return float(mannwhitneyu(one, other, method="asymptotic", use_continuity=True).pvalue)
