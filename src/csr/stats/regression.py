"""Straight lines by least squares, and the logistic regression on one variable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import linregress, norm
from scipy.stats import t as student

LEAST = 3
TOO_FEW = "fewer than three values, or a variable that does not vary"
SEPARATED = "the variable separates the outcomes"
NO_OUTCOME = "all with, or all without the outcome"
ROUNDS, CLOSE = 50, 1e-12
FLAT = 1e-10  # a fitted variance of the outcome below this: nothing is left to estimate


@dataclass(frozen=True)
class Fit:
    """A slope with its interval and two-sided p; all NaN with a `reason` if there is none."""

    slope: float
    low: float
    high: float
    p: float
    intercept: float
    reason: str = ""


def _none(reason: str) -> Fit:
    nan = float("nan")
    return Fit(nan, nan, nan, nan, nan, reason)


def straight_line(x: ArrayLike, y: ArrayLike, level: float) -> Fit:
    """y = a + b·x by least squares; the interval by Student's t with n − 2 degrees of freedom.

    As R's `lm` with `confint`. NaN with a reason below three pairs or where x does not vary.
    """
    one, other = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if one.size < LEAST or np.ptp(one) == 0:
        return _none(TOO_FEW)
    found = linregress(one, other)
    half = float(student.ppf((1 + level) / 2, one.size - 2)) * found.stderr
    slope = float(found.slope)
    return Fit(slope, slope - half, slope + half, float(found.pvalue), float(found.intercept))


def logistic(x: ArrayLike, y: ArrayLike, level: float) -> Fit:
    """ln odds of y (0 or 1) = a + b·x by maximum likelihood; Wald's interval and p.

    As R's `glm(family = binomial)` with `confint.default`. Where x separates those with the outcome
    from those without, no finite slope exists: NaN with a reason. Source: McCullagh and Nelder,
    Generalized Linear Models, 1989, 4.4.
    """
    one, outcome = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if one.size < LEAST or np.ptp(one) == 0:
        return _none(TOO_FEW)
    with_it, without = one[outcome == 1], one[outcome == 0]
    if not with_it.size or not without.size:
        return _none(NO_OUTCOME)
    if with_it.min() >= without.max() or with_it.max() <= without.min():
        return _none(SEPARATED)
    centre, spread = one.mean(), one.std()
    design = np.column_stack([np.ones(one.size), (one - centre) / spread])
    beta = np.zeros(2)
    for _ in range(ROUNDS):
        share = 1 / (1 + np.exp(-design @ beta))
        weight = share * (1 - share)
        information = design.T @ (design * weight[:, None])
        if np.linalg.det(information) < FLAT:
            return _none(SEPARATED)
        step = np.linalg.solve(information, design.T @ (outcome - share))
        beta += step
        if np.abs(step).max() < CLOSE:
            break
    slope = float(beta[1] / spread)
    se = float(np.sqrt(np.linalg.inv(information)[1, 1]) / spread)
    half = float(norm.ppf((1 + level) / 2)) * se
    p = float(2 * norm.sf(abs(slope / se)))
    return Fit(slope, slope - half, slope + half, p, float(beta[0] - slope * centre))
