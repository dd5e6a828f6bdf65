"""The truth: everything that ever happens to each subject, with complete dates.

Days are proleptic ordinals (`datetime.date.toordinal`). `state.write_state` turns the
truth into SDTM as known on a date.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from csr.demo.when import When

Relation = Literal["DEFINITE", "PROBABLE", "POSSIBLE", "UNLIKELY", "NOT RELATED", ""]


@dataclass(frozen=True, slots=True)
class Arm:
    """A planned arm: a dose level of the escalation or a cohort of the expansion."""

    code: str
    label: str
    cohort: str
    dose: float


@dataclass(slots=True)
class Infusion:
    """One infusion of CAR-T cells; `first_bag` is the share given on its day, if not all."""

    number: int
    day: int
    time: str
    planned: float
    cells: float
    viability: float
    transduction: float
    lot: str
    first_bag: float = 0.0
    in_millions: bool = False


@dataclass(slots=True)
class Dose:
    """Study treatment other than the cells: `start` to `end`, both days included."""

    category: str
    treatment: str
    amount: float
    unit: str
    start: int
    end: int
    route: str
    frequency: str


@dataclass(slots=True)
class Procedure:
    """Leukapheresis or bridging."""

    category: str
    term: str
    start: int
    end: int


@dataclass(slots=True)
class Medication:
    """A concomitant medication; `end` None: ongoing when the subject was last seen."""

    term: str
    decod: str
    atc: str
    category: str
    start: When
    end: When | None
    reason: str = ""
    link: str = ""
    dose: float = float("nan")
    unit: str = ""
    sequence: int = 0


@dataclass(frozen=True, slots=True)
class Component:
    """One component of a CRS or ICANS grade (FA): what, its result and unit, and when."""

    test: str
    name: str
    result: str
    unit: str
    day: int


@dataclass(slots=True)
class AdverseEvent:
    """One adverse event as finally recorded; `end` None: never resolved while seen.

    `earlier` are values transfers before a date still held: (column, value, corrected on).
    `group` ties the lines of an event that changed; `before` names what it began before, where its
    start is blank. A record `withdrawn_on` a date is in the transfers before it, not after.
    """

    term: str
    decod: str
    soc: str
    onset: When
    end: When | None
    grade: int | None
    outcome: str = "RECOVERED/RESOLVED"
    cart: Relation = "POSSIBLE"
    lymphodepletion: Relation = "NOT RELATED"
    pd1: Relation = ""
    chemotherapy: Relation = ""
    hospitalised: bool = False
    life_threatening: bool = False
    important: bool = False
    fatal: bool = False
    action: str = "NOT APPLICABLE"
    treated: bool = False
    dlt: bool = False
    aesi: str = ""
    late_category: str = ""
    transgene: str = ""
    episode: str = ""
    components: tuple[Component, ...] = ()
    earlier: tuple[tuple[str, str, int], ...] = ()
    entered_on: int = 0
    withdrawn_on: int | None = None
    group: str = ""
    before: str = ""
    sequence: int = 0


@dataclass(slots=True)
class History:
    """A condition before the study."""

    term: str
    decod: str
    soc: str
    category: str
    start: When
    end: When | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit that took place."""

    number: float
    name: str
    start: int
    end: int
    kind: str


@dataclass(slots=True)
class Scan:
    """One tumour assessment: both readers' lesions in mm, from the same images."""

    visit: Visit
    day: int
    last_day: int
    ratio: float
    new_lesion: bool = False
    not_evaluable: bool = False
    non_target_pd: bool = False
    sizes: dict[str, tuple[float, ...]] = field(default_factory=dict)
    responses: dict[str, dict[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """A survival contact; a status of "UNKNOWN" means nobody could be reached."""

    number: float
    name: str
    day: int
    status: Literal["ALIVE", "DEAD", "UNKNOWN"]


@dataclass(frozen=True, slots=True)
class Death:
    """A death; `entered_on` is when the database learnt of it, `notified` when the site did."""

    when: When
    cause: str
    cause_class: Literal["PROGRESSION", "ADVERSE EVENT", "OTHER"]
    notified: int
    entered_on: int


@dataclass(frozen=True, slots=True)
class Deviation:
    """A protocol deviation."""

    term: str
    decod: str
    category: str
    important: bool
    day: int
    made_up: int | None = None


@dataclass(frozen=True, slots=True)
class Milestone:
    """A disposition record; `study_end` marks the one that ends participation."""

    category: str
    subcategory: str
    term: str
    decod: str
    when: When
    study_end: bool = False


@dataclass(slots=True)
class Subject:
    """Everything about one subject. `first_infusion` is None for those never treated."""

    number: int
    usubjid: str
    site: str
    investigator: str
    consent: int
    age: int = 0
    sex: str = "M"
    phase: Literal["ESCALATION", "EXPANSION", "SCREENING"] = "EXPANSION"
    arm: Arm | None = None
    arm_status: str = ""
    escalation_cohort: str = ""
    case: str = ""
    replaces: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    planned_infusion: int = 0
    apheresis: int | None = None
    enrolled: int | None = None
    release: int | None = None
    best: str = ""
    progression: int | None = None
    non_target: bool = False
    departure: tuple[int, str] | None = None
    new_therapy: int | None = None
    end_of_follow_up: int = 0
    infusions: list[Infusion] = field(default_factory=list)
    doses: list[Dose] = field(default_factory=list)
    procedures: list[Procedure] = field(default_factory=list)
    medications: list[Medication] = field(default_factory=list)
    events: list[AdverseEvent] = field(default_factory=list)
    history: list[History] = field(default_factory=list)
    visits: list[Visit] = field(default_factory=list)
    scans: list[Scan] = field(default_factory=list)
    contacts: list[Contact] = field(default_factory=list)
    deviations: list[Deviation] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    death: Death | None = None

    @property
    def first_infusion(self) -> int | None:
        """T0, the day of the first infusion."""
        return self.infusions[0].day if self.infusions else None

    def seen_until(self) -> int:
        """The last day anything can be recorded of the subject."""
        ends = [self.end_of_follow_up]
        ends += [self.death.when.day] if self.death else []
        ends += [self.departure[0]] if self.departure else []
        return min(ends)


@dataclass(frozen=True, slots=True)
class CutDates:
    """One data cut of the demonstration and the transfer it is made from."""

    name: str
    cutoff: int
    transfer: int


@dataclass(frozen=True, slots=True)
class Truth:
    """The study: its subjects, the findings as final frames by domain, and its data cuts.

    Findings hold a helper column `_day` (the true day); `state` removes it.
    """

    seed: int
    subjects: list[Subject]
    findings: dict[str, pd.DataFrame]
    cuts: tuple[CutDates, ...]
    revisions: tuple[Revision, ...] = ()


@dataclass(frozen=True, slots=True)
class Revision:
    """A value of a findings record that transfers before `corrected_on` held differently."""

    domain: str
    usubjid: str
    sequence: int
    values: tuple[tuple[str, str | float], ...]
    corrected_on: int
