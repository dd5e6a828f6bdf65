"""Dose finding: what 3+3 and BOIN prescribe, the MTD, and stopping boundaries.

Doses are counted from 0, the lowest. `n` is the number of DLT-evaluable subjects treated at each
dose so far and `dlt` how many of them had a DLT; both stand in the order of the doses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

Action = Literal["escalate", "stay", "de-escalate", "stop"]
Counts = Sequence[int] | NDArray[np.int64]
COHORT, FULL, MOST_DLTS = 3, 6, 1
NOT_TRIED = -1


@dataclass(frozen=True)
class Decision:
    """What a rule prescribes: what to do, at which dose, and whether the trial goes on.

    `dose` is the dose of the next cohort, or the one recommended where the trial stops; None: no
    dose is acceptable. `why` says in words which count decided.
    """

    action: Action
    dose: int | None
    continues: bool
    why: str


def three_plus_three(
    n: Counts, dlt: Counts, present: int, *, deescalate: bool, expand_at_top: bool, at_once: bool
) -> Decision:
    """What 3+3 prescribes after the subjects seen so far, the last of them at dose `present`.

    0 of 3 escalates; 1 of 3 adds three; 1 of 6 escalates; two or more go down. `deescalate`: to a
    dose with fewer than six subjects, which is then filled up; without, the trial stops there.
    `expand_at_top`: 0 of 3 at the highest dose adds three. `at_once`: two DLTs decide before the
    cohort is complete. Escalating from the highest dose, or into one with two DLTs, stops the
    trial. Source: METHODS §2; decisions of the R package escalation (tests/reference).
    """
    size, toxic = int(n[present]), int(dlt[present])
    seen = f"{toxic} of {size} with a DLT"
    complete = size >= COHORT and size % COHORT == 0
    if toxic > MOST_DLTS and (complete or at_once):
        return _down(n, dlt, present, deescalate, seen)
    if not complete:
        return Decision("stay", present, True, f"{seen}: the cohort is not complete")
    if size < FULL and toxic == MOST_DLTS:
        return Decision("stay", present, True, f"{seen}: three more")
    if present + 1 < len(n) and int(dlt[present + 1]) <= MOST_DLTS:
        return Decision("escalate", present + 1, True, seen)
    top = present + 1 == len(n)
    if size < FULL and (expand_at_top or not top):
        where = "the highest dose" if top else "the dose above is too toxic"
        return Decision("stay", present, True, f"{seen}, {where}: three more")
    where = "no higher dose is planned" if top else "the dose above is too toxic"
    return Decision("stop", present, False, f"{seen}; {where}")


def _down(n: Counts, dlt: Counts, present: int, deescalate: bool, seen: str) -> Decision:
    lower = present - 1
    while lower >= 0 and int(n[lower]) >= FULL and int(dlt[lower]) > MOST_DLTS:
        lower -= 1
    if lower < 0:
        return Decision("stop", None, False, f"{seen}, and no lower dose")
    if not deescalate:
        return Decision("stop", lower, False, f"{seen}; this protocol does not de-escalate")
    if int(n[lower]) >= FULL:
        return Decision("stop", lower, False, f"{seen}; the dose below has its six subjects")
    return Decision("de-escalate", lower, True, seen)


def prob_escalate(p: float) -> float:
    """How likely 3+3 passes a dose whose true DLT probability is p: (1−p)³ + 3p(1−p)⁵."""
    return (1 - p) ** 3 + 3 * p * (1 - p) ** 5


def three_plus_three_mtd(n: Counts, dlt: Counts) -> int | None:
    """The highest dose with at the most one DLT among six or more evaluable, below any too toxic.

    None where no dose is so (METHODS §2). Whether the trial is over is for the caller to say.
    """
    toxic = [i for i, x in enumerate(dlt) if int(x) > MOST_DLTS]
    below = range(min(toxic, default=len(n)))
    fit = [i for i in below if int(n[i]) >= FULL and int(dlt[i]) <= MOST_DLTS]
    return max(fit, default=None)


def boin_lambda(target: float, low: float = 0.6, high: float = 1.4) -> tuple[float, float]:
    """Between which DLT rates BOIN stays: (λe, λd), escalating up to λe, de-escalating from λd.

    `low` and `high` are φ1 and φ2 as fractions of the target. Source: Liu and Yuan 2015.
    """
    if not 0 < low * target < target < high * target < 1:
        raise ValueError(f"target, low, high: {target}, {low}, {high}; need 0 < φ1 < φ < φ2 < 1")
    below, above = low * target, high * target
    escalate = math.log((1 - below) / (1 - target)) / math.log(
        target * (1 - below) / (below * (1 - target))
    )
    lower = math.log((1 - target) / (1 - above)) / math.log(
        above * (1 - target) / (target * (1 - above))
    )
    return escalate, lower


@dataclass(frozen=True)
class Boundaries:
    """BOIN's table: entry i is for i + 1 subjects at a dose; `eliminate` is NaN where none is."""

    n: NDArray[np.int64]
    escalate: NDArray[np.int64]
    deescalate: NDArray[np.int64]
    eliminate: NDArray[np.float64]


def boin_boundaries(
    target: float, largest: int, eliminate_above: float = 0.95, low: float = 0.6, high: float = 1.4
) -> Boundaries:
    """With how many DLTs among 1 … `largest` subjects BOIN goes up, down, or gives a dose up.

    Escalate at ≤ ⌊nλe⌋, de-escalate at ≥ ⌈nλd⌉ (capped at elimination), eliminate the dose and all
    above when n ≥ 3 and P(p > target | Beta(1 + x, 1 + n − x)) > `eliminate_above`.
    """
    up, down = boin_lambda(target, low, high)
    n = np.arange(1, largest + 1)
    eliminate = stopping_boundary(target, 1, 1, eliminate_above, 3, largest)
    lower = np.fmin(np.ceil(n * down), eliminate).astype(np.int64)
    return Boundaries(n, np.floor(n * up).astype(np.int64), lower, eliminate)


def stopping_boundary(
    p0: float, a: float, b: float, tau: float, min_subjects: int, largest: int
) -> NDArray[np.float64]:
    """The fewest events among 1 … `largest` subjects at which P(p > p0) exceeds tau.

    Entry i is for i + 1 subjects; NaN where no count of events is enough, or fewer than
    `min_subjects` are there. The prior is Beta(a, b). Source: METHODS §2.
    """
    fewest = np.full(largest, np.nan)
    for n in range(min_subjects, largest + 1):
        x = np.arange(n + 1)
        over = np.flatnonzero(beta.sf(p0, a + x, b + n - x) > tau)
        if len(over):
            fewest[n - 1] = over[0]
    return fewest


def eliminated_from(n: Counts, dlt: Counts, target: float, eliminate_above: float) -> int:
    """The lowest dose that is too toxic to be given (all above go with it); len(n) where none is.

    Too toxic: three or more subjects and P(p > target | Beta(1 + x, 1 + n − x)) > the cut-off.
    """
    size, toxic = np.asarray(n), np.asarray(dlt)
    over = (size >= COHORT) & (beta.sf(target, 1 + toxic, 1 + size - toxic) > eliminate_above)
    return int(np.argmax(over)) if over.any() else len(size)


def boin(
    n: Counts, dlt: Counts, present: int, table: Boundaries, first_out: int, max_subjects: int
) -> Decision:
    """What BOIN prescribes after the subjects seen so far, the last of them at dose `present`.

    `table` reaches at least as far as the subjects at the dose; doses from `first_out` on are
    eliminated. At the highest allowed dose escalation means staying; the trial ends at
    `max_subjects` evaluable, or when the lowest dose is eliminated.
    """
    size, toxic = int(n[present]), int(dlt[present])
    seen = f"{toxic} of {size} with a DLT"
    if first_out == 0:
        return Decision("stop", None, False, f"{seen}; the lowest dose is eliminated")
    if int(np.sum(n)) >= max_subjects:
        return Decision("stop", present, False, f"{max_subjects} subjects: the sample is complete")
    if size == 0:
        return Decision("stay", present, True, "no subject yet")
    wanted = present
    if toxic >= table.deescalate[size - 1]:
        wanted = max(present - 1, 0)
    elif toxic <= table.escalate[size - 1]:
        wanted = present + 1
    wanted = min(wanted, len(n) - 1, first_out - 1)
    if wanted == present:
        return Decision("stay", present, True, seen)
    return Decision("escalate" if wanted > present else "de-escalate", wanted, True, seen)


def shrunken_rates(n: Counts, dlt: Counts) -> NDArray[np.float64]:
    """BOIN's DLT rate of each dose before pooling: (x + .05)/(n + .1)."""
    return (np.asarray(dlt) + 0.05) / (np.asarray(n) + 0.1)


def isotonic_rates(rates: NDArray[np.float64], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The nondecreasing rates nearest to the given ones, along the last axis; weight 0: not tried.

    Arrays of one trial (doses) or many (trials × doses). Not tried: NaN. Max-min formula of
    isotonic regression (Barlow et al. 1972), the same values as pooling adjacent violators.
    """
    total = np.concatenate([np.zeros_like(weights[..., :1]), weights.cumsum(-1)], axis=-1)
    product = weights * np.where(weights > 0, rates, 0.0)
    summed = np.concatenate([np.zeros_like(weights[..., :1]), product.cumsum(-1)], axis=-1)
    pooled = np.full_like(rates, -np.inf)
    doses = rates.shape[-1]
    for k in range(doses):
        for i in range(k + 1):
            mass = total[..., k + 1 :] - total[..., i, None]
            share = (summed[..., k + 1 :] - summed[..., i, None]) / np.where(mass > 0, mass, 1)
            least = np.where(mass > 0, share, np.inf).min(-1)
            pooled[..., k] = np.maximum(pooled[..., k], least)
    return np.where(weights > 0, pooled, np.nan)


def boin_isotonic(n: Counts, dlt: Counts) -> NDArray[np.float64]:
    """The isotonic DLT rate of each tried dose by BOIN's weights; NaN where nobody was treated.

    Weight 1/[(x+.05)(n−x+.05)/((n+.1)²(n+1.1))], the inverse variance of the shrunken rate.
    """
    size, toxic = np.asarray(n, dtype=float), np.asarray(dlt, dtype=float)
    variance = (toxic + 0.05) * (size - toxic + 0.05) / ((size + 0.1) ** 2 * (size + 1.1))
    return isotonic_rates(shrunken_rates(n, dlt), np.where(size > 0, 1 / variance, 0.0))


def select_isotonic(n: Counts, dlt: Counts, target: float, first_out: int) -> int | None:
    """The tried, not eliminated dose whose isotonic rate is nearest to the target (BOIN).

    Ties: the higher dose below the target, the lower above (1e-10·rank is added). None where no
    dose qualifies. Source: METHODS §2; R BOIN 2.7.2 `select.mtd` (mtd_isotonic_cases.csv).
    """
    size = np.where(np.arange(len(n)) < first_out, np.asarray(n), 0)
    if not (size > 0).any():
        return None
    rates = boin_isotonic(size, np.where(size > 0, np.asarray(dlt), 0))
    distance = np.abs(rates + 1e-10 * np.cumsum(size > 0) - target)
    return int(np.nanargmin(distance))
