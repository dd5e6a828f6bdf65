"""What a protocol decides about dose-limiting toxicity and dose escalation (METHODS §1, §2, §9).

Read from `endpoints.dlt` in params. Defaults are those of METHODS §9; which part of the study is
the escalation, its doses, and how a DLT is known have none.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import Field, model_validator

from csr.params.parts import Column, Rule

Words = Annotated[str, Field(min_length=1, max_length=400)]
Probability = Annotated[float, Field(gt=0, lt=1)]


class Dose(Rule):
    """One dose of the escalation: the group (TRT01A) of its subjects, and the planned amount."""

    value: Words = Field(description="the treatment group, as in treatment.levels")
    label: Words
    planned: float = Field(gt=0, description="planned first dose, in the unit of EXDOSE")


class EventCriteria(Rule):
    """Which adverse events count; everything that is said must hold.

    `where` compares columns of ADAE with values, upper and lower case alike; `unless` leaves out
    events in the same way.
    """

    where: dict[Column, tuple[str, ...]] = Field(default_factory=dict)
    unless: dict[Column, tuple[str, ...]] = Field(default_factory=dict)
    grade: int = Field(1, ge=1, le=5, description="lowest grade that counts")
    attribution: Column | None = Field(
        "AREL", description="must not be NOT RELATED in this column (missing counts as related)"
    )
    longer_than_days: int | None = Field(
        None, ge=0, description="only when it lasts longer than this, end day included"
    )


class DltRule(EventCriteria):
    """One rule of the protocol's definition of a DLT; `name` is recorded on the events it takes."""

    name: Words
    grade: int = Field(3, ge=1, le=5, description="lowest grade that counts")


class StoppingRule(Rule):
    """Stop when P(p > p0 | Beta(a + x, b + n − x)) > tau (METHODS §2).

    `event: dlt` monitors DLT among the DLT-evaluable; criteria monitor the first such event of
    each subject of the safety set, `within_days` of the first infusion if that is said.
    """

    label: Words
    event: Literal["dlt"] | EventCriteria
    p0: Probability
    a: float = Field(1, gt=0)
    b: float = Field(1, gt=0)
    tau: Probability = Field(0.95, description="stop above this posterior probability")
    min_subjects: int = Field(3, ge=1, description="not before so many subjects")
    within_days: int | None = Field(None, ge=0)


class Recommended(Rule):
    """The recommended dose, and why: decided by people, from all data, not by the program."""

    dose: Words = Field(description="a dose of the escalation (its value)")
    rationale: Words


class Closed(Rule):
    """That the escalation was closed: when, and what was concluded. Decided by people."""

    day: dt.date = Field(description="on which it was closed")
    statement: Words = Field(description="what was concluded: the last word of the displays")


class Simulation(Rule):
    """What operating characteristics are simulated for."""

    seed: int = Field(20260101, ge=0)
    trials: int = Field(10_000, ge=100, le=1_000_000)
    scenarios: dict[Words, tuple[Annotated[float, Field(ge=0, le=1)], ...]] = Field(
        description="name: true DLT probability at each dose"
    )


class Boin(Rule):
    """What BOIN needs beside the target (Liu and Yuan 2015)."""

    low: float = Field(0.6, gt=0, lt=1, description="φ1 as a fraction of the target")
    high: float = Field(1.4, gt=1, description="φ2 as a fraction of the target")
    max_subjects: int = Field(30, ge=3, description="the trial ends at this many evaluable")


class DoseEscalation(Rule):
    """How doses are escalated, what a DLT is, and who can be judged for it."""

    doses: tuple[Dose, ...] = Field(min_length=1, description="the doses, from the lowest up")
    subjects: dict[Column, tuple[str, ...]] = Field(
        default_factory=dict,
        description="subjects of the escalation, by columns of ADSL; without, all treated",
    )
    cohort: Column | None = Field(
        None, description="column of ADSL that numbers the cohorts; without, made from the order"
    )
    replaces: Column | None = Field(
        None, description="column of ADSL that holds the subject whom someone replaces"
    )
    rule: Literal["3+3", "boin"] = Field("3+3", description="rule of the escalation")
    target: Probability = Field(0.30, description="target DLT rate")
    cohort_size: int = Field(3, ge=1, le=12)
    window_days: int = Field(
        28,
        ge=1,
        description="DLT window: last fraction of the first infusion + this, inclusive",
    )
    planned_infusions: int = Field(
        1,
        ge=1,
        description="infusions of the regimen that the window covers; it ends `window_days` after "
        "the last of them",
    )
    dose_fraction: float = Field(
        0.80,
        ge=0,
        le=1,
        description="least part of the planned first dose of a DLT-evaluable without a DLT",
    )
    dlt_dose_fraction: float = Field(
        0.0,
        ge=0,
        le=1,
        description="least part of the planned first dose for a DLT to count; 0: any",
    )
    death_without_dlt: Literal["not-evaluable", "evaluable"] = Field(
        "not-evaluable", description="death inside the window without a DLT"
    )
    flag: Column | None = Field(None, description="column of ADAE that is Y for a DLT as reported")
    rules: tuple[DltRule, ...] = Field((), description="rules by which an event is a DLT")
    deescalate: bool = Field(True, description="3+3: de-escalation to a dose with fewer than six")
    expand_at_top: bool = Field(True, description="3+3: three more after 0/3 at the highest dose")
    two_dlts: Literal["at-once", "cohort-complete"] = Field(
        "at-once", description="3+3: two DLTs decide before the cohort is complete, or only then"
    )
    eliminate_above: Probability = Field(
        0.95, description="BOIN: a dose is eliminated when P(p > target) exceeds this"
    )
    boin: Boin = Boin()
    prior: tuple[float, float] = Field(
        (1.0, 1.0), description="Beta prior of the Bayesian interval and of P(p > target)"
    )
    stopping: tuple[StoppingRule, ...] = ()
    recommended: Recommended | None = None
    closed: Closed | None = Field(
        None, description="the escalation is closed: displays give this, and no next step"
    )
    simulation: Simulation | None = None

    @model_validator(mode="after")
    def _whole(self) -> DoseEscalation:
        values = [dose.value for dose in self.doses]
        if len(set(values)) < len(values):
            raise ValueError("every dose is named once")
        planned = [dose.planned for dose in self.doses]
        if planned != sorted(set(planned)):
            raise ValueError("doses stand from the lowest up")
        if self.flag is None and not self.rules:
            raise ValueError("say how a DLT is known: flag, rules, or both")
        if self.recommended is not None and self.recommended.dose not in values:
            raise ValueError(f"recommended.dose must be one of {', '.join(values)}")
        for name, rates in (self.simulation.scenarios if self.simulation else {}).items():
            if len(rates) != len(values):
                raise ValueError(f"scenario '{name}' needs {len(values)} probabilities")
        return self

    @property
    def values(self) -> tuple[str, ...]:
        """The groups of the doses, from the lowest up."""
        return tuple(dose.value for dose in self.doses)

    def label(self, level: int) -> str:
        """The label of a dose by its place, 0 the lowest."""
        return self.doses[level].label
