"""Any declaration that params allow gives each subject it is of one record, for a declared reason.

Random declarations over all names of starts, events and censorings, and random subjects; fixed
seed. The event is found again here without the library: the earliest declared date from the start
on.
"""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from csr.derive.time_to_event import CENSORS, EVENTS, Dated, Facts, Scan, answer
from csr.params.time_to_event import (
    PRE_EMPTING,
    CensorName,
    EventName,
    Handling,
    StartName,
    TimeToEvent,
    with_variants,
)

T0 = pd.Timestamp("2024-03-10")
SEED, DECLARED, SUBJECTS = 20_241_125, 300, 40
RESPONSES = ("CR", "PR", "SD", "PD", "NE")
HANDLINGS: tuple[Handling, ...] = ("treatment-policy", "censor", "event", "gaps-ignored")


def some(rng: np.random.Generator, names: tuple[str, ...]) -> list[str]:
    chosen = [name for name in names if rng.random() < 0.5]
    return [str(name) for name in rng.permutation(chosen)]


def declarations() -> list[TimeToEvent]:
    """Those of random ones that the model allows, with all their handlings."""
    rng = np.random.default_rng(SEED)
    allowed: list[TimeToEvent] = []
    while len(allowed) < DECLARED:
        raw = {
            "name": "any",
            "label": "Any",
            "start": str(rng.choice(get_args(StartName))),
            "events": some(rng, get_args(EventName)),
            "censors": some(rng, get_args(CensorName)),
            "strategies": HANDLINGS,
        }
        try:
            allowed += with_variants(TimeToEvent.model_validate(raw))
        except ValidationError:
            continue
    return allowed


def subject(rng: np.random.Generator) -> Facts:
    def maybe(low: int = -20, high: int = 300) -> Dated | None:
        day = int(rng.integers(low, high))
        return Dated(T0 + pd.Timedelta(days=day), "ADSL", "DT") if rng.random() < 0.5 else None

    undated = T0 + pd.Timedelta(days=int(rng.integers(0, 300)))
    days = sorted(rng.choice(np.arange(1, 300), rng.integers(0, 6), replace=False))
    scans = tuple(
        Scan(T0 + pd.Timedelta(days=int(d)), "ADRS", "ADT", i, str(rng.choice(RESPONSES)))
        for i, d in enumerate(days)
    )
    return Facts(
        t0=Dated(T0, "ADSL", "TRTSDT") if rng.random() < 0.9 else None,
        apheresis=maybe(-40, -10),
        has_baseline=bool(rng.random() < 0.8),
        scans=scans,
        undated_progression=undated if rng.random() < 0.3 else None,
        response=maybe(20),
        benefit=maybe(20),
        new_therapy=maybe(),
        clinical_progression=maybe(),
        death=maybe(100, 400),
        last_alive=maybe(50, 400),
        left_study=bool(rng.random() < 0.3),
    )


def earliest(endpoint: TimeToEvent, facts: Facts, start: pd.Timestamp) -> pd.Timestamp | None:
    """The first declared event from the start on; a PD on the day of the start is none."""
    dated = {
        "death": facts.death,
        "new-therapy": facts.new_therapy,
        "clinical-progression": facts.clinical_progression,
        "response": facts.response,
    }
    dates = [found.date for name in endpoint.events if (found := dated.get(name)) is not None]
    if "progression" in endpoint.events:
        dates += [s.date for s in facts.scans if s.response == "PD" and s.date > start]
    return min((date for date in dates if date >= start), default=None)


@pytest.fixture(scope="module")
def declared() -> list[TimeToEvent]:
    return declarations()


def test_every_subject_it_is_of_has_one_record_for_a_declared_reason(
    declared: list[TimeToEvent],
) -> None:
    rng = np.random.default_rng(SEED + 1)
    subjects = [subject(rng) for _ in range(SUBJECTS)]
    seen: set[tuple[str, bool]] = set()
    for endpoint in declared:
        for facts in subjects:
            begins = {
                "first-infusion": facts.t0,
                "apheresis": facts.apheresis,
                "first-response": facts.response if facts.t0 else None,
                "first-benefit": facts.benefit,
            }[str(endpoint.start)]
            time = answer(endpoint, facts)
            if begins is None or (endpoint.who == "responders" and facts.response is None):
                assert time is None
                continue
            event = earliest(endpoint, facts, begins.date)
            if time is None:
                assert not endpoint.censors
                assert event is None
                continue
            assert time.start == begins
            assert time.days >= 1
            reasons = [CENSORS[name].description for name in endpoint.censors]
            events = [EVENTS[name].description for name in endpoint.events]
            assert time.description in (reasons if time.censored else events)
            if not time.censored:
                assert time.end.date == event
            elif event is not None:
                assert time.description in {CENSORS[name].description for name in PRE_EMPTING}
                assert time.end.date <= event
            seen.add((time.description, time.censored))
    assert len(seen) == len(EVENTS) + len(CENSORS)
