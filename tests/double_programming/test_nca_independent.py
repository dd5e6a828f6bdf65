"""The kinetics of the library against a second programming from METHODS, on random profiles.

Whether a parameter is there must be the same; numbers agree to 1e-9 relative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from nca_from_methods import Rules, Sample, parameters

from csr.derive.adpp import derive_adpp
from csr.params.kinetics import BelowLimit, Kinetics, Terminal

PROFILES = 3_000
SEED = 20_241_124
PLANS = (
    Rules(),
    Rules(log_down=False, between=0.0),
    Rules(between=25.0, after=None, window=0.0),
    Rules(before=None, best_fit=False, points=4),
    Rules(best_fit=False, window=5.0),
)


@dataclass(frozen=True)
class Made:
    """A random profile."""

    name: str
    samples: list[Sample]


def make(rng: np.random.Generator, number: int) -> Made:
    """Up to 16 samples: rising and falling, flat, all BLQ, tied peaks, gaps, early ends."""
    planned = np.array([0.5, 1, 4, 7, 10, 14, 21, 28, 42, 56, 84, 112, 168, 182, 365])
    days = planned[rng.random(len(planned)) < rng.choice([0.4, 0.8, 1.0])]
    days = days[: rng.integers(0, len(days) + 1)] + rng.uniform(-0.2, 0.2)
    peak, half = np.exp(rng.normal(8, 1.5)), rng.uniform(1, 60)
    at = rng.choice([4.0, 7.0, 10.0, 14.0])
    shape = np.where(days < at, np.exp(-(at - days)), 0.5 ** ((days - at) / half))
    values = peak * shape * np.exp(rng.normal(0, rng.choice([0.0, 0.1, 0.6]), len(days)))
    if rng.random() < 0.1:
        values = np.full(len(days), np.round(peak))
    lloq = rng.choice([0.0, 50.0, 1e9], p=[0.2, 0.75, 0.05])
    blq = (values < lloq) | (rng.random(len(days)) < 0.05)
    digits = -1 if rng.random() < 0.3 else 3
    samples = [
        Sample(float(d), None if b else float(max(np.round(v, digits), 1.0)))
        for d, v, b in zip(np.sort(days), values, blq, strict=True)
    ]
    if rng.random() < 0.7:
        left = float(np.round(peak / 50)) + 1 if rng.random() < 0.2 else None
        samples = [Sample(0.0, left, True), *samples]
    return Made(f"P{number:05d}", samples)


def as_adpc(made: list[Made]) -> pd.DataFrame:
    rows = [
        (m.name, "BLOOD", 1.0, s.day, np.nan if s.copies is None else s.copies,
         "Y" if s.copies is None else "", "Y" if s.before_dose else "", "Y")
        for m in made
        for s in m.samples
    ]  # fmt: skip
    columns = ["USUBJID", "PCSPEC", "AINFN", "ARELTM", "AVAL", "BLQFL", "PREDOSFL", "ANL01FL"]
    return pd.DataFrame(rows, columns=columns).assign(REASEXC="")


def rules_of(plan: Rules) -> Kinetics:
    below = BelowLimit(
        **{
            place: "dropped" if value is None else value
            for place, value in (
                ("before", plan.before), ("between", plan.between), ("after", plan.after)
            )
        }
    )  # fmt: skip
    return Kinetics(
        auc="linear-up-log-down" if plan.log_down else "linear",
        below_limit=below,
        window_days=plan.window,
        partial_aucs=((7, 28),),
        terminal=Terminal(rule="best-fit" if plan.best_fit else "last-points", points=plan.points),
    )


@pytest.mark.parametrize("plan", PLANS, ids=range(len(PLANS)))
def test_every_parameter_of_random_profiles(plan: Rules) -> None:
    rng = np.random.default_rng(SEED)
    made = [make(rng, i) for i in range(PROFILES)]
    adsl = pd.DataFrame({"USUBJID": [m.name for m in made], "TRT01A": "A"})
    infused = adsl[["USUBJID"]].assign(AINFN=1.0)
    adpp = derive_adpp(as_adpc(made), infused, adsl, rules_of(plan))
    assert (adpp["AVAL"].isna() == (adpp["PPREASND"] != "")).all()
    there = adpp[adpp["AVAL"].notna()]
    found: dict[str, dict[str, float]] = {m.name: {} for m in made}
    for who, code, value in zip(there["USUBJID"], there["PARAMCD"], there["AVAL"], strict=True):
        found[who][code] = value
    fitted = 0
    for one in made:
        expected = parameters(one.samples, plan)
        assert found[one.name].keys() == expected.keys(), one
        fitted += "LAMZ" in expected
        for code, value in expected.items():
            assert found[one.name][code] == pytest.approx(value, rel=1e-8, abs=1e-9), (one, code)
    assert fitted > PROFILES / 10
