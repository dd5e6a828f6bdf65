"""Dose finding against the BOIN package, closed forms and published decisions.

Sources in data/SOURCES.md; the decisions and the 188 published trials are read from the shared
folder (A05), which may not be copied here. The intervals of dlt_rate_intervals.csv are compared in
test_binomial_r.py.
"""

from __future__ import annotations

import csv
import math
import re
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csr.stats.dose_finding import (
    boin_boundaries,
    boin_isotonic,
    boin_lambda,
    eliminated_from,
    isotonic_rates,
    prob_escalate,
    select_isotonic,
    shrunken_rates,
    stopping_boundary,
    three_plus_three,
    three_plus_three_mtd,
)
from csr.stats.dose_finding_simulation import Design, simulate_design

DATA = Path(__file__).parent / "data"


def lines(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(newline="") as file:
        return list(csv.DictReader(file))


def near(value: str | float) -> object:
    return pytest.approx(float(value), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("row", lines("boin_lambda.csv"), ids=lambda r: r["target"])
def test_boin_lambda(row: dict[str, str]) -> None:
    target = float(row["target"])
    found = boin_lambda(target)
    assert found == (near(row["lambda_e"]), near(row["lambda_d"]))
    assert (0.6 * target, 1.4 * target) == (near(row["phi1"]), near(row["phi2"]))


def test_boin_table() -> None:
    """R BOIN 2.7.2 get.boundary, target 0.30: every count, exactly."""
    table = boin_boundaries(0.30, 30)
    for i, row in enumerate(lines("boin_target030_n1_30.csv")):
        assert int(row["n"]) == table.n[i]
        assert int(row["escalate_if_le"]) == table.escalate[i]
        assert int(row["deescalate_if_ge"]) == table.deescalate[i]
        expected = math.nan if row["eliminate_if_ge"] == "NA" else float(row["eliminate_if_ge"])
        assert table.eliminate[i] == pytest.approx(expected, abs=0, nan_ok=True)


def test_boin_refuses_a_target_that_leaves_no_room() -> None:
    with pytest.raises(ValueError, match="target"):
        boin_lambda(0.8)


@pytest.mark.parametrize("case", ["1", "2"])
def test_isotonic_mtd(case: str) -> None:
    """R BOIN 2.7.2; rates to 1e-12, P(p > 0.30) to the seven decimals printed."""
    rows = [r for r in lines("mtd_isotonic_cases.csv") if r["case"] == case]
    n, dlt = ([int(r[c]) for r in rows] for c in ("n", "dlt"))
    assert list(shrunken_rates(n, dlt)) == [near(r["phat_shrunk"]) for r in rows]
    assert list(boin_isotonic(n, dlt)) == [near(r["iso_boin"]) for r in rows]
    raw = isotonic_rates(np.array(dlt) / np.array(n), np.array(n, dtype=float))
    assert list(raw) == [near(r["iso_raw_weight_n"]) for r in rows]
    first_out = eliminated_from(n, dlt, 0.30, 0.95)
    selected = select_isotonic(n, dlt, 0.30, first_out)
    assert selected is not None
    assert selected + 1 == int(rows[0]["mtd_selected"])


def test_isotonic_ties_and_doses_not_tried() -> None:
    """METHODS §2: among ties the higher dose below the target, the lower one above."""
    assert select_isotonic([3, 3, 0], [0, 0, 0], 0.30, 3) == 1
    assert select_isotonic([3, 3, 0], [2, 2, 0], 0.30, 3) == 0
    assert select_isotonic([6, 3, 3], [1, 3, 0], 0.30, 0) is None
    assert np.isnan(boin_isotonic([3, 0, 3], [0, 0, 1])[1])


def test_pooling_equals_pooling_of_adjacent_violators() -> None:
    """The max-min formula against plain pool-adjacent-violators, 200 random cases, 1e-12."""
    rng = np.random.default_rng(5)
    for _ in range(200):
        rates, weights = rng.random(6), rng.random(6) + 0.1
        assert isotonic_rates(rates, weights) == pytest.approx(pava(rates, weights), rel=1e-12)


def pava(rates: np.ndarray, weights: np.ndarray) -> list[float]:
    blocks: list[list[float]] = []
    for rate, weight in zip(rates, weights, strict=True):
        blocks.append([rate, weight, 1])
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (a, v, k), (b, w, m) = blocks[-2:]
            blocks[-2:] = [[(a * v + b * w) / (v + w), v + w, k + m]]
    return [rate for rate, _, count in blocks for _ in range(int(count))]


@pytest.mark.parametrize("row", lines("three_plus_three_prob_escalate.csv"), ids=lambda r: r["p"])
def test_three_plus_three_closed_form(row: dict[str, str]) -> None:
    assert prob_escalate(float(row["p"])) == near(row["prob_escalate"])


def test_stopping_boundary_by_hand() -> None:
    """Beta(1,1), p0 0.30, tau 0.95: from three subjects on the elimination bounds of BOIN.

    P(p > .30 | 3 of 3) = 1 − .30⁴ = .9919 and P(p > .30 | 2 of 3) = .9163 (dlt_rate_intervals.csv).
    """
    fewest = stopping_boundary(0.30, 1, 1, 0.95, 3, 6)
    assert np.isnan(fewest[:2]).all()
    assert list(fewest[2:]) == [3, 3, 4, 4]
    assert np.isnan(stopping_boundary(0.30, 1, 1, 0.9999, 1, 3)).all()


def test_mtd_by_three_plus_three() -> None:
    """METHODS §2: the highest dose with ≤ 1 DLT among ≥ 6; not above a dose with two."""
    assert three_plus_three_mtd([3, 6, 3], [0, 1, 2]) == 1
    assert three_plus_three_mtd([3, 3, 6], [0, 2, 1]) is None
    assert three_plus_three_mtd([3, 3], [0, 2]) is None


# The published decisions (A05, R package escalation) wait for complete cohorts and add no three
# at the highest dose; those conventions are params.


def parse(outcomes: str, doses: int) -> tuple[list[int], list[int], int]:
    n, dlt, present = [0] * doses, [0] * doses, 0
    for dose, seen in re.findall(r"(\d+)([NT]+)", outcomes):
        present = int(dose) - 1
        n[present] += len(seen)
        dlt[present] += seen.count("T")
    return n, dlt, present


def test_published_decisions(shared: Path) -> None:
    path = shared / "data" / "A05_dose_escalation" / "expected_3plus3_decisions.csv"
    expected = pd.read_csv(path, keep_default_na=False)
    assert len(expected) == 63
    for row in expected.to_dict("records"):
        n, dlt, present = parse(row["outcomes"], int(row["num_doses"]))
        found = three_plus_three(
            n,
            dlt,
            present,
            deescalate=str(row["allow_deescalate"]) == "True",
            expand_at_top=False,
            at_once=False,
        )
        dose = "" if found.dose is None else str(found.dose + 1)
        assert (dose, str(found.continues).upper()) == (
            str(row["recommended_dose_level"]),
            str(row["trial_continues"]).upper(),
        ), row["outcomes"]


def test_conventions_of_three_plus_three() -> None:
    """METHODS §9: three more after 0/3 at the highest dose; two DLTs decide at once."""
    top = {"deescalate": True, "at_once": True}
    more = three_plus_three([3, 3], [0, 0], 1, expand_at_top=True, **top)
    assert (more.action, more.dose) == ("stay", 1)
    assert three_plus_three([3, 3], [0, 0], 1, expand_at_top=False, **top).action == "stop"
    passed = three_plus_three([3, 6], [0, 1], 1, expand_at_top=True, **top)
    assert (passed.action, passed.dose, passed.continues) == ("stop", 1, False)
    early = three_plus_three([3, 2], [0, 2], 1, expand_at_top=True, **top)
    assert (early.action, early.dose) == ("de-escalate", 0)


def test_simulated_three_plus_three_agrees_with_the_closed_form() -> None:
    """P(second dose tried) is the closed form; 40,000 trials, within 4 Monte Carlo errors."""
    trials = 40_000
    for p in (0.1, 0.3, 0.5):
        found = simulate_design(Design("3+3", 0.30), (p, 0.4, 0.5), trials, seed=11)
        expected = prob_escalate(p)
        error = math.sqrt(expected * (1 - expected) / trials)
        assert abs(found.tried[1] - expected) < 4 * error


def test_simulated_decisions_are_those_of_the_rule() -> None:
    """With rates of 0 and 1 every trial goes one way, by hand: 0/3, 0/3, 3/3, three more, stop."""
    certain = simulate_design(Design("3+3", 0.30), (0.0, 0.0, 1.0), 200, seed=1)
    assert list(certain.selected) == [0, 1, 0]
    assert certain.none == 0
    assert list(certain.treated) == [3, 6, 3]
    toxic = simulate_design(Design("3+3", 0.30), (1.0, 1.0), 200, seed=1)
    assert (toxic.none, list(toxic.treated)) == (1, [3, 0])


def test_boin_simulation_is_seeded_and_takes_seconds() -> None:
    """Issue 5: 100,000 BOIN trials take seconds; the same seed gives the same numbers.

    The right dose (0.30, the third of five) is selected by about half of the trials: a plausibility
    range, without a published value behind it.
    """
    design = Design("boin", 0.30, max_subjects=30)
    started = time.perf_counter()
    found = simulate_design(design, (0.05, 0.15, 0.30, 0.45, 0.60), 100_000, seed=7)
    assert time.perf_counter() - started < 20
    again = simulate_design(design, (0.05, 0.15, 0.30, 0.45, 0.60), 2_000, seed=7)
    other = simulate_design(design, (0.05, 0.15, 0.30, 0.45, 0.60), 2_000, seed=7)
    assert list(again.selected) == list(other.selected)
    assert 0.45 < found.selected[2] < 0.65
    assert found.selected.sum() + found.none == pytest.approx(1)
    assert found.treated.sum() <= 30
