"""The partial likelihood of proportional hazards, and where it is highest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from csr.stats.follow_up import Floats, Ints

Ties = Literal["efron", "breslow", "discrete"]

NO_EVENTS = "no events"
NO_CONTRAST = "the covariates do not vary, or are collinear, among subjects at risk at events"
MONOTONE = "monotone likelihood: no finite hazard ratio (such as a group without events)"
NOT_CONVERGED = "no convergence"

ITERATIONS = 30
STEP = 1e-10  # of a coefficient per standard deviation of its covariate
# Information lost by this factor since coefficient 0: the likelihood is flat towards infinity.
FLAT = 1e-6
SINGULAR = 1e-9


@dataclass(frozen=True, eq=False)
class _RiskSets:
    """Subjects of a stratum by descending time, and for each event its risk set, the first `size`
    of them."""

    x: Floats
    event: Ints  # row of each event
    size: Ints
    tied: Ints  # which set of tied events it belongs to, 0, 1, …
    fraction: Floats  # of the tied events' weight that Efron takes out of the risk set
    discrete: bool  # the events of a time are one draw without order


@dataclass(frozen=True, eq=False)
class Terms:
    """Log-likelihood, and per event (discrete ties: per time with events, summed over them): the
    covariates less their mean, and their variance."""

    loglik: float
    residual: Floats
    variance: Floats

    @property
    def score(self) -> Floats:
        """The slope of the log-likelihood."""
        return self.residual.sum(axis=0)

    @property
    def information(self) -> Floats:
        """Summed over the events."""
        return self.variance.sum(axis=0)


@dataclass(frozen=True, eq=False)
class Maximum:
    """The coefficients of the highest likelihood and their variance, in units of the covariates.

    `start` and `end` are the terms at coefficient 0 and at the maximum, in standard deviations of
    the covariates: good for test statistics, which do not depend on units.
    """

    coef: Floats
    variance: Floats
    start: Terms
    end: Terms


def maximise(
    times: Floats, events: Ints, x: Floats, ties: Ties, layers: Ints | None = None
) -> Maximum | str:
    """The maximum of the partial likelihood, or the reason why there is none.

    Subjects by stratum (`layers`, numbered; None: one) and descending time; `events` 1 or 0; `x`
    one row each. Risk sets stay within strata. Newton-Raphson from 0.
    """
    if ties not in ("efron", "breslow", "discrete"):
        raise ValueError(f"ties: '{ties}'; efron, breslow, discrete are allowed")
    if not events.any():
        return NO_EVENTS
    scale = x.std(axis=0)
    if (scale <= SINGULAR * np.abs(x).max(axis=0)).any():
        return NO_CONTRAST
    one = np.zeros(times.size, dtype=np.int64) if layers is None else layers
    standard = (x - x.mean(axis=0)) / scale
    strata = [one == layer for layer in np.unique(one[events == 1])]
    sets = [_risk_sets(times[own], events[own], standard[own], ties) for own in strata]
    start = _terms(sets, np.zeros(x.shape[1]))
    if _least(start.information, np.eye(x.shape[1])) < SINGULAR * events.sum():
        return NO_CONTRAST
    climbed = _climb(sets, start)
    if isinstance(climbed, str):
        return climbed
    coef, end = climbed
    variance = np.linalg.inv(end.information) / np.outer(scale, scale)
    return Maximum(coef / scale, variance, start, end)


def _climb(sets: list[_RiskSets], start: Terms) -> tuple[Floats, Terms] | str:
    """Newton-Raphson from 0, halving a step that does not climb."""
    coef, terms = np.zeros(start.residual.shape[1]), start
    for _ in range(ITERATIONS):
        if _least(terms.information, start.information) < FLAT:
            return MONOTONE
        step = np.linalg.solve(terms.information, terms.score)
        if np.abs(step).max() < STEP:
            return coef, terms
        tried = _terms(sets, coef + step)
        while not tried.loglik >= terms.loglik - 1e-9 * abs(terms.loglik):
            step = step / 2
            tried = _terms(sets, coef + step)
        coef, terms = coef + step, tried
    return NOT_CONVERGED


def _least(information: Floats, reference: Floats) -> float:
    """The least information in any direction, as a share of the reference in that direction."""
    root = np.linalg.inv(np.linalg.cholesky(reference))
    return float(np.linalg.eigvalsh(root @ information @ root.T)[0])


def _risk_sets(times: Floats, events: Ints, x: Floats, ties: Ties) -> _RiskSets:
    rows = np.flatnonzero(events)
    size = np.searchsorted(-times, -times[rows], side="right")
    _, first, tied, count = np.unique(
        -times[rows], return_index=True, return_inverse=True, return_counts=True
    )
    rank = np.arange(rows.size) - first[tied]
    fraction = rank / count[tied] if ties == "efron" else np.zeros(rows.size)
    return _RiskSets(x, rows, size, tied, fraction, ties == "discrete")


def _terms(sets: list[_RiskSets], coef: Floats) -> Terms:
    """Of all strata, one after the other."""
    parts = [(_drawn if own.discrete else _one_by_one)(own, coef) for own in sets]
    return Terms(
        sum(part.loglik for part in parts),
        np.concatenate([part.residual for part in parts]),
        np.concatenate([part.variance for part in parts]),
    )


def _one_by_one(sets: _RiskSets, coef: Floats) -> Terms:
    """Efron's and Breslow's terms of each event."""
    eta = sets.x @ coef
    eta = eta - eta.max()
    weight = np.exp(eta)
    moments = (
        weight,
        weight[:, None] * sets.x,
        weight[:, None, None] * sets.x[:, :, None] * sets.x[:, None, :],
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        total, first, second = (_over_risk_set(moment, sets) for moment in moments)
        mean = first / total[:, None]
        variance = second / total[:, None, None] - mean[:, :, None] * mean[:, None, :]
        loglik = float(np.sum(eta[sets.event] - np.log(total)))
    return Terms(loglik, sets.x[sets.event] - mean, variance)


def _over_risk_set(moment: Floats, sets: _RiskSets) -> Floats:
    """Sum over each event's risk set, less Efron's fraction of the events tied with it."""
    summed = np.cumsum(moment, axis=0)[sets.size - 1]
    of_events = np.zeros((sets.tied[-1] + 1, *moment.shape[1:]))
    np.add.at(of_events, sets.tied, moment[sets.event])
    fraction = sets.fraction.reshape(-1, *[1] * (moment.ndim - 1))
    return summed - fraction * of_events[sets.tied]


def _drawn(sets: _RiskSets, coef: Floats) -> Terms:
    """The terms of each time with events: those d subjects, of all sets of d of the risk set.

    The sum over all sets of d of the product of their weights is the elementary symmetric
    polynomial of degree d; it and its first two derivatives grow with the risk set by one subject
    at a time (Gail, Lubin and Rubinstein 1981). Weights are divided by `unit`, so that the number
    of sets does not overflow; that cancels but for the log-likelihood.
    """
    eta = sets.x @ coef
    eta = eta - eta.max()
    times, deaths = np.unique(sets.tied, return_counts=True)
    sizes = np.zeros(times.size, dtype=np.int64)
    sizes[sets.tied] = sets.size
    most = int(deaths.max())
    unit = max(1.0, len(sets.x) / most)
    weights = np.exp(eta) / unit
    k = coef.size
    value, slope, bend = np.zeros(most + 1), np.zeros((most + 1, k)), np.zeros((most + 1, k, k))
    value[0] = 1.0
    of_deaths = np.zeros((times.size, k))
    np.add.at(of_deaths, sets.tied, sets.x[sets.event])
    loglik = float(eta[sets.event].sum())
    residual, variance = np.empty((times.size, k)), np.empty((times.size, k, k))
    included = 0
    for time, (size, d) in enumerate(zip(sizes, deaths, strict=True)):
        for row in range(included, size):
            _include(sets.x[row], weights[row], value, slope, bend)
        included = int(size)
        with np.errstate(divide="ignore", invalid="ignore"):
            mean = slope[d] / value[d]
            variance[time] = bend[d] / value[d] - np.outer(mean, mean)
            loglik -= float(np.log(value[d]) + d * np.log(unit))
        residual[time] = of_deaths[time] - mean
    return Terms(loglik, residual, variance)


def _include(x: Floats, weight: float, value: Floats, slope: Floats, bend: Floats) -> None:
    """One more subject in the polynomials of all degrees, in place; the highest derivative first,
    since each needs the others as they were."""
    crossed = slope[:-1, :, None] * x
    bend[1:] += weight * (
        bend[:-1] + crossed + crossed.transpose(0, 2, 1) + np.outer(x, x) * value[:-1, None, None]
    )
    slope[1:] += weight * (slope[:-1] + x * value[:-1, None])
    value[1:] += weight * value[:-1]
