"""Cox proportional hazards: by how much a covariate multiplies the rate of the event.

Checked against R 4.2.2, survival 3.5-3 `coxph`, `cox.zph` (tests/reference/test_cox_r.py).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import chi2, norm

from csr.stats.follow_up import (
    Floats,
    Ints,
    check_codes,
    check_conf_level,
    check_labels,
    check_times,
)
from csr.stats.partial_likelihood import SINGULAR, Maximum, Ties, maximise
from csr.stats.survival import kaplan_meier

TOO_FEW = "events at too few times to see hazard ratios change"


@dataclass(frozen=True, eq=False)
class CoxFit:
    """One element per covariate, in the order of the columns; all NaN where `reason` is given.

    coef and se on the log scale; hr = exp(coef) with its limits; z and p of the Wald test of each.
    variance is the matrix of coef. lrt, wald and score test all together on `df` degrees of
    freedom.
    """

    n: int
    n_event: int
    coef: Floats
    se: Floats
    hr: Floats
    low: Floats
    high: Floats
    z: Floats
    p: Floats
    variance: Floats
    loglik0: float
    loglik1: float
    lrt: float
    wald: float
    score: float
    df: int
    reason: str = ""


@dataclass(frozen=True, eq=False)
class ProportionalHazardsTest:
    """Chi-square and p of each covariate (1 degree of freedom each), and of all together.

    A small p says that the hazard ratio changes over time. All NaN where `reason` is given.
    """

    chi_square: Floats
    p: Floats
    global_chi_square: float
    global_df: int
    global_p: float
    reason: str = ""


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    ties: Ties = "efron",
    conf_level: float = 0.95,
    strata: ArrayLike | None = None,
) -> CoxFit:
    """The hazard ratio of each covariate, adjusted for the others, with its interval.

    `time` and `event` (1 event, 0 censored) as in `kaplan_meier`; `covariates` one row per subject
    and one column each (or one array), a group being 0 and 1: the ratio is then 1 against 0. `ties`
    efron is R's default, breslow SAS's; discrete, for times that are few, is R's "exact" and SAS's
    DISCRETE, the conditional logistic likelihood (SAS's EXACT is another). `strata`, one label per
    subject, compares subjects within a stratum alone. A model that has no finite answer gives NaN
    and a reason. Raises ValueError for wrong input and missing covariates or strata. Sources: Cox
    1972; Efron 1977; Breslow 1974; discrete: Gail, Lubin and Rubinstein 1981.
    """
    check_conf_level(conf_level)
    times, events, x, layers = _checked(time, event, covariates, strata)
    fitted = maximise(times, events, x, ties, layers)
    if isinstance(fitted, str):
        return _no_fit(events, x.shape[1], fitted)
    return _fit(fitted, events, conf_level)


def schoenfeld_test(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    ties: Ties = "efron",
    strata: ArrayLike | None = None,
) -> ProportionalHazardsTest:
    """Whether hazard ratios stay the same over time: the score test behind Schoenfeld residuals.

    Arguments as `cox`, but for ties discrete, of which the test is not defined: ValueError. Time is
    measured as 1 − S(t−), S the Kaplan-Meier curve of all subjects. Sources: Grambsch and Therneau
    1994; R survival 3.5-3 `cox.zph(transform="km", terms=FALSE)`.
    """
    if ties == "discrete":
        raise ValueError("ties: 'discrete'; the test is of efron or breslow")
    times, events, x, layers = _checked(time, event, covariates, strata)
    k = x.shape[1]
    fitted = maximise(times, events, x, ties, layers)
    if isinstance(fitted, str):
        return _no_test(k, fitted)
    terms = fitted.end
    g = _transformed_time(times, events)
    blocks = [np.tensordot(g**power, terms.variance, axes=1) for power in (0, 1, 2)]
    schur = blocks[2] - blocks[1] @ np.linalg.solve(blocks[0], blocks[1])
    if np.linalg.matrix_rank(schur, tol=SINGULAR * np.trace(blocks[0]), hermitian=True) < k:
        return _no_test(k, TOO_FEW)
    u = g @ terms.residual
    # One covariate at a time: only its own slope over time is added to the model.
    single = u**2 / np.diag(schur)
    together = float(u @ np.linalg.solve(schur, u))
    return ProportionalHazardsTest(
        single, chi2.sf(single, 1), together, k, float(chi2.sf(together, k))
    )


def _checked(
    time: ArrayLike, event: ArrayLike, covariates: ArrayLike, strata: ArrayLike | None
) -> tuple[Floats, Ints, Floats, Ints]:
    """Times, events, covariates and strata (numbered), by stratum and descending time."""
    times = check_times(time)
    events = check_codes(event, times.size)
    x = np.asarray(covariates, dtype=float)
    x = x[:, None] if x.ndim == 1 else x
    if x.ndim != 2 or len(x) != times.size or x.shape[1] == 0:
        raise ValueError(
            f"covariates: shape {x.shape} for {times.size} times; one row per subject and at least"
            " one column is allowed"
        )
    wrong = ~np.isfinite(x).all(axis=1)
    if wrong.any():
        raise ValueError(
            f"covariates: {wrong.sum()} of {times.size} subjects have a missing or infinite value"
            f" (first at row {int(np.argmax(wrong))}); numbers are allowed; leave them out"
        )
    layers = np.zeros_like(events) if strata is None else check_labels("strata", strata, times.size)
    order = np.lexsort((-times, layers))
    return times[order], events[order], x[order], layers[order]


def _fit(fitted: Maximum, events: Ints, conf_level: float) -> CoxFit:
    start, end, coef, variance = fitted.start, fitted.end, fitted.coef, fitted.variance
    se = np.sqrt(np.diag(variance))
    z, half = coef / se, norm.ppf((1 + conf_level) / 2) * se
    with np.errstate(over="ignore"):
        hr, low, high = np.exp(coef), np.exp(coef - half), np.exp(coef + half)
    return CoxFit(
        n=events.size,
        n_event=int(events.sum()),
        coef=coef,
        se=se,
        hr=hr,
        low=low,
        high=high,
        z=z,
        p=2 * norm.sf(np.abs(z)),
        variance=variance,
        loglik0=start.loglik,
        loglik1=end.loglik,
        lrt=2 * (end.loglik - start.loglik),
        wald=float(coef @ np.linalg.solve(variance, coef)),
        score=float(start.score @ np.linalg.solve(start.information, start.score)),
        df=coef.size,
    )


def _transformed_time(times: Floats, events: Ints) -> Floats:
    """1 − S(t−) of each event, less its mean."""
    curve = kaplan_meier(times, events)
    before = np.concatenate([[1.0], curve.surv])
    at_event = np.searchsorted(curve.time, times[events == 1])
    g = 1 - before[at_event]
    return g - g.mean()


def _no_test(k: int, reason: str) -> ProportionalHazardsTest:
    none = np.full(k, np.nan)
    return ProportionalHazardsTest(none, none, np.nan, k, np.nan, reason)


def _no_fit(events: Ints, k: int, reason: str) -> CoxFit:
    none = np.full(k, np.nan)
    return CoxFit(
        n=events.size,
        n_event=int(events.sum()),
        coef=none,
        se=none,
        hr=none,
        low=none,
        high=none,
        z=none,
        p=none,
        variance=np.full((k, k), np.nan),
        loglik0=np.nan,
        loglik1=np.nan,
        lrt=np.nan,
        wald=np.nan,
        score=np.nan,
        df=k,
        reason=reason,
    )
