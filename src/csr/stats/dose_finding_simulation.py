"""Operating characteristics of 3+3 and BOIN, by simulating many trials at once from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta

from csr.stats.dose_finding import (
    COHORT,
    FULL,
    MOST_DLTS,
    Boundaries,
    boin_boundaries,
    isotonic_rates,
)

Ints = NDArray[np.int64]
NONE = -1


@dataclass(frozen=True)
class Design:
    """The rule to simulate, with what it needs; cohorts are of `cohort_size`, of three in 3+3.

    3+3: `deescalate` and `expand_at_top` as in `three_plus_three`. BOIN: at the most
    `max_subjects` subjects; a dose is eliminated above `eliminate_above`; `low`, `high` are φ1, φ2
    as fractions of the target.
    """

    rule: Literal["3+3", "boin"]
    target: float
    cohort_size: int = 3
    max_subjects: int = 30
    deescalate: bool = True
    expand_at_top: bool = True
    eliminate_above: float = 0.95
    low: float = 0.6
    high: float = 1.4


@dataclass(frozen=True)
class Characteristics:
    """How a design does in one scenario; per dose where an array.

    `selected` is the share of trials that select the dose as MTD and `none` of those that select
    none; `tried` the share that treat anybody at the dose; `treated` and `dlts` mean numbers of
    subjects a trial; `over` the mean share of subjects at doses above the target.
    """

    selected: NDArray[np.float64]
    none: float
    tried: NDArray[np.float64]
    treated: NDArray[np.float64]
    dlts: NDArray[np.float64]
    over: float


@dataclass
class _Trials:
    """All trials as they stand: counts by trial and dose, present dose, who goes on."""

    n: Ints
    dlt: Ints
    present: Ints
    active: NDArray[np.bool_]
    selected: Ints


def simulate_design(
    design: Design, probabilities: tuple[float, ...], trials: int, seed: int
) -> Characteristics:
    """How often a design selects, treats and harms when the true DLT probabilities are these.

    Every trial starts at the lowest dose; every subject is evaluable. The same seed gives the same
    numbers. 3+3 selects the highest dose it settles on (the highest dose, if that is passed).
    """
    rng, truth = np.random.default_rng(seed), np.asarray(probabilities)
    doses = len(truth)
    state = _Trials(
        np.zeros((trials, doses), dtype=np.int64),
        np.zeros((trials, doses), dtype=np.int64),
        np.zeros(trials, dtype=np.int64),
        np.ones(trials, dtype=bool),
        np.full(trials, NONE, dtype=np.int64),
    )
    if design.rule == "3+3":
        _run_three_plus_three(state, design, truth, rng)
    else:
        _run_boin(state, design, truth, rng)
    return _characteristics(state, truth, design.target)


def _treat(state: _Trials, truth: NDArray[np.float64], size: int, rng: np.random.Generator) -> Ints:
    """One more cohort in every trial that goes on; returns those trials."""
    on = np.flatnonzero(state.active)
    at = state.present[on]
    state.n[on, at] += size
    state.dlt[on, at] += rng.binomial(size, truth[at])
    return on


def _run_three_plus_three(
    state: _Trials, design: Design, truth: NDArray[np.float64], rng: np.random.Generator
) -> None:
    top = len(truth) - 1
    while state.active.any():
        on = _treat(state, truth, COHORT, rng)
        at = state.present[on]
        size, toxic = state.n[on, at], state.dlt[on, at]
        above = state.dlt[on, np.minimum(at + 1, top)] > MOST_DLTS
        blocked = (at == top) | above
        down = toxic > MOST_DLTS
        fill = (toxic == 0) & blocked & (above | design.expand_at_top)
        stay = ~down & (size < FULL) & ((toxic == MOST_DLTS) | fill)
        up = ~down & ~stay & ~blocked
        _settle(state, on[~down & ~stay & ~up], at[~down & ~stay & ~up])
        state.present[on[up]] += 1
        _go_down(state, on[down], design.deescalate)


def _go_down(state: _Trials, trials: Ints, deescalate: bool) -> None:
    lower = state.present[trials] - 1
    enough = (lower < 0) | (state.n[trials, np.maximum(lower, 0)] >= FULL) | (not deescalate)
    _settle(state, trials[enough], lower[enough])
    state.present[trials[~enough]] = lower[~enough]


def _settle(state: _Trials, trials: Ints, dose: Ints) -> None:
    """These trials stop, and select the dose (NONE: none)."""
    state.active[trials] = False
    state.selected[trials] = dose


def _run_boin(
    state: _Trials, design: Design, truth: NDArray[np.float64], rng: np.random.Generator
) -> None:
    table = boin_boundaries(
        design.target, design.max_subjects, design.eliminate_above, design.low, design.high
    )
    first_out = np.full(len(state.present), len(truth))
    given = 0
    while given < design.max_subjects and state.active.any():
        size = min(design.cohort_size, design.max_subjects - given)
        given += size
        on = _treat(state, truth, size, rng)
        _boin_move(state, on, table, first_out)
    state.selected = _select(state, design, first_out)


def _boin_move(state: _Trials, on: Ints, table: Boundaries, first_out: Ints) -> None:
    at = state.present[on]
    size, toxic = state.n[on, at], state.dlt[on, at]
    out = toxic >= np.nan_to_num(table.eliminate, nan=np.inf)[size - 1]
    first_out[on] = np.where(out, np.minimum(first_out[on], at), first_out[on])
    move = (toxic <= table.escalate[size - 1]).astype(np.int64)
    move -= toxic >= table.deescalate[size - 1]
    wanted = np.clip(at + move, 0, np.minimum(state.n.shape[1], first_out[on]) - 1)
    state.active[on[first_out[on] == 0]] = False
    state.present[on] = np.maximum(wanted, 0)


def _select(state: _Trials, design: Design, first_out: Ints) -> Ints:
    """BOIN's MTD of every trial: nearest isotonic rate among tried doses not eliminated."""
    doses = state.n.shape[1]
    over = beta.sf(design.target, 1 + state.dlt, 1 + state.n - state.dlt) > design.eliminate_above
    over &= state.n >= COHORT
    first_out = np.minimum(first_out, np.where(over.any(1), over.argmax(1), doses))
    usable = (state.n > 0) & (np.arange(doses) < first_out[:, None])
    n, x = state.n.astype(float), state.dlt.astype(float)
    variance = (x + 0.05) * (n - x + 0.05) / ((n + 0.1) ** 2 * (n + 1.1))
    rates = isotonic_rates((x + 0.05) / (n + 0.1), np.where(usable, 1 / variance, 0.0))
    distance = np.abs(rates + 1e-10 * usable.cumsum(1) - design.target)
    nearest = np.where(usable, distance, np.inf).argmin(1)
    return np.where(usable.any(1), nearest, NONE)


def _characteristics(state: _Trials, truth: NDArray[np.float64], target: float) -> Characteristics:
    trials, doses = state.n.shape
    chosen = np.bincount(state.selected + 1, minlength=doses + 1) / trials
    share = state.n[:, truth > target].sum(1) / state.n.sum(1)
    return Characteristics(
        selected=chosen[1:],
        none=float(chosen[0]),
        tried=(state.n > 0).mean(0),
        treated=state.n.mean(0),
        dlts=state.dlt.mean(0),
        over=float(share.mean()),
    )
