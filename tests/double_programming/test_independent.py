"""The library's BOR and PFS against a second programming from METHODS, on random subjects.

Exact: every subject's best response, and the day and status of PFS, must be equal. What the two
disagreed on before they agreed is told in docs/validation.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from from_methods import Options, Subject, best_response, pfs

from csr.derive.response import Assessment, Course, best_overall_response, read_cr_then_pr
from csr.derive.time_to_event import Dated, Facts, Scan, answer
from csr.params.protocol import Response, Schedule
from csr.params.time_to_event import PFS, PFS_GAPS_IGNORED, under

SUBJECTS = 12_000
SEED = 20_190_314
ANSWERS = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
CHANCES = (0.14, 0.28, 0.26, 0.06, 0.1, 0.16)
T0 = pd.Timestamp("2024-03-10")
SCHEDULES = (((28, None),), ((28, 168), (56, 365), (84, None)), ((42, 126), (84, None)))
GAPS = (0.08, 0.1, 0.3, 0.1, 0.06, 0.1, 0.16, 0.06, 0.04)
STRATEGIES = ("treatment-policy", "censor", "event")


@dataclass(frozen=True)
class Made:
    """One random subject, and the options of a protocol."""

    visits: tuple[tuple[int, str], ...]
    baseline: bool
    therapy: int | None
    death: int | None
    options: Options
    every: tuple[tuple[int, int | None], ...]
    strategy: str
    gaps: bool


def make(rng: np.random.Generator) -> Made:
    """Scans about every four weeks, early and late, some visits missed, in any order of answers."""
    day, visits = 0, []
    for _ in range(rng.integers(0, 8)):
        day += int(rng.choice((14, 27, 28, 29, 33, 42, 56, 84, 112), p=GAPS))
        visits.append((day, str(rng.choice(ANSWERS, p=CHANCES))))
    end = day + int(rng.integers(1, 130))
    return Made(
        visits=tuple(visits),
        baseline=bool(rng.random() < 0.95),
        therapy=int(rng.integers(1, end + 1)) if rng.random() < 0.3 else None,
        death=end if rng.random() < 0.4 else None,
        options=Options(
            apart=int(rng.choice((28, 28, 56))),
            sd_from=int(rng.choice((42, 28, 49))),
            ne=int(rng.integers(0, 3)),
            sd_between=bool(rng.random() < 0.3),
            same_day_kept=bool(rng.random() < 0.7),
            cr_then_pr=str(rng.choice(("query", "as-pd", "as-pr"))),
        ),
        every=SCHEDULES[int(rng.integers(0, 3))],
        strategy=STRATEGIES[int(rng.integers(0, 3))],
        gaps=bool(rng.random() < 0.8),
    )


@pytest.fixture(scope="module")
def made() -> list[Made]:
    rng = np.random.default_rng(SEED)
    return [make(rng) for _ in range(SUBJECTS)]


def library_bor(one: Made, *, confirmed: bool) -> str:
    wanted = one.options
    rules = Response(
        confirmation_days=wanted.apart,
        min_sd_days=wanted.sd_from,
        ne_allowed=wanted.ne,
        accept_sd=wanted.sd_between,
        same_day_new_therapy="kept" if wanted.same_day_kept else "dropped",
        cr_then_pr=wanted.cr_then_pr,
    )
    seen = tuple(Assessment(r, d, d, i) for i, (d, r) in enumerate(one.visits))
    course = Course(
        read_cr_then_pr(seen, rules, one.therapy), new_therapy=one.therapy, death=one.death
    )
    return best_overall_response(course, rules, confirmed=confirmed).response


def library_pfs(one: Made) -> tuple[int, bool]:
    def on(day: int | None) -> Dated | None:
        return None if day is None else Dated(T0 + pd.Timedelta(days=day), "ADSL", "DT")

    scans = tuple(
        Scan(T0 + pd.Timedelta(days=d), "ADRS", "ADT", i, r) for i, (d, r) in enumerate(one.visits)
    )
    facts = Facts(
        t0=on(0),
        has_baseline=one.baseline,
        scans=scans,
        new_therapy=on(one.therapy),
        death=on(one.death),
        schedule=Schedule(every=one.every, window=7),
    )
    endpoint = under(PFS, one.strategy, "", "") if one.gaps else PFS_GAPS_IGNORED
    time = answer(endpoint, facts)
    return (time.end.date - T0).days, not time.censored


@pytest.mark.parametrize("confirmed", [True, False])
def test_best_overall_response_is_the_same(made: list[Made], confirmed: bool) -> None:
    wrong = [
        (one.visits, one.therapy, one.options, ours, theirs)
        for one in made
        if (ours := library_bor(one, confirmed=confirmed))
        != (
            theirs := best_response(list(one.visits), one.therapy, one.options, confirmed=confirmed)
        )
    ]
    assert not wrong, f"{len(wrong)} of {len(made)}, the first: {wrong[0]}"


def test_progression_free_survival_is_the_same(made: list[Made]) -> None:
    wrong = []
    for one in made:
        who = Subject(one.visits, one.baseline, one.therapy, one.death)
        strategy = one.strategy if one.gaps else "ignored"
        ours, theirs = library_pfs(one), pfs(who, strategy, one.every, 7)
        if ours != theirs:
            wrong.append((one, ours, theirs))
    assert not wrong, f"{len(wrong)} of {len(made)}, the first: {wrong[0]}"
