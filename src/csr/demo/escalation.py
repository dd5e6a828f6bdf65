"""The dose escalation: 3+3, decided cohort by cohort from what the simulated subjects had."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from csr.demo.rates import Rates

DLT_WINDOW = 28
COHORT_SIZE = 3
MAXIMUM_AT_A_DOSE = 6
EARLY_DEATH_DAY = 17
# Nobody consents to a dose before it is decided on, nor to replace someone still evaluable.
CONSENT_TO_INFUSION = (49, 58)


@dataclass(frozen=True, slots=True)
class Slot:
    """One subject of the escalation: dose level, cohort, day of infusion and what decides."""

    level: int
    cohort: int
    infusion: int
    dlt: bool
    early_death: bool
    replaces: int | None

    @property
    def evaluable(self) -> bool:
        return self.dlt or not self.early_death


def decide(evaluable: int, dlts: int, top: bool) -> str:
    """What 3+3 says after a cohort: `escalate`, `expand`, `de-escalate` or `stop`.

    `evaluable` and `dlts` are the counts at the present dose; `top` is whether it is the highest
    planned one, where 0/3 adds three more and escalating means stopping with the MTD not reached.
    Source: METHODS §2.
    """
    if dlts >= 2:
        return "de-escalate"
    if evaluable < MAXIMUM_AT_A_DOSE and (dlts == 1 or top):
        return "expand"
    return "stop" if top else "escalate"


def simulate_escalation(rng: np.random.Generator, rates: Rates) -> list[Slot]:
    """The escalation's subjects in the order of infusion.

    Planted (docs/demo-study.md): the third subject of the first dose dies of the disease inside the
    DLT window without a DLT and is replaced; the second subject of the second dose has a DLT.
    """
    slots: list[Slot] = []
    level, cohort, top = 0, 0, len(rates.escalation.doses) - 1
    start = rates.enrolment.start.toordinal() + 40
    while True:
        cohort += 1
        slots += _cohort(rng, rates, slots, level, cohort, start)
        evaluable, dlts = _counts(slots, level)
        decision = decide(evaluable, dlts, level == top)
        if decision == "de-escalate":
            level -= 1
            if level < 0 or _counts(slots, level)[0] >= MAXIMUM_AT_A_DOSE:
                return slots
        elif decision == "escalate":
            level += 1
            if _counts(slots, level)[1] >= 2:
                return slots
        elif decision == "stop":
            return slots
        start = max(s.infusion for s in slots) + DLT_WINDOW + rates.enrolment.escalation_gap_days
        start += int(rng.integers(*CONSENT_TO_INFUSION))


def _counts(slots: list[Slot], level: int) -> tuple[int, int]:
    here = [s for s in slots if s.level == level and s.evaluable]
    return len(here), sum(s.dlt for s in here)


def _cohort(
    rng: np.random.Generator, rates: Rates, before: list[Slot], level: int, cohort: int, start: int
) -> list[Slot]:
    new: list[Slot] = []
    day, replaces = start, None
    first_here = not any(s.level == level for s in before)
    while sum(s.evaluable for s in new) < COHORT_SIZE:
        planned = _planned(level, first_here, len(new))
        drawn = bool(rng.random() < rates.escalation.dlt_probability[level])
        dlt = planned == "dlt" if first_here and level <= 1 else drawn
        slot = Slot(level, cohort, day, dlt, planned == "early death", replaces)
        replaces = None if slot.evaluable else len(before) + len(new)
        new.append(slot)
        wait = int(rng.integers(14, 24))
        if not slot.evaluable:
            wait = EARLY_DEATH_DAY + int(rng.integers(*CONSENT_TO_INFUSION))
        day += wait
    return new


def _planned(level: int, first_here: bool, position: int) -> str:
    if first_here and (level, position) == (0, 2):
        return "early death"
    return "dlt" if first_here and (level, position) == (1, 1) else ""
