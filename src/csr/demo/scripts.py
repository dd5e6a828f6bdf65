"""The edge cases that are in the study on purpose: who has which is in docs/demo-study.md.

A `Script` overrides the simulated course of one subject. Days count from the first infusion (day
0); scans are `scheduled day: sum of diameters as a share of baseline`, and a scheduled day that is
left out is a missed assessment.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from csr.demo.truth import Subject

NEVER = 1_000_000


@dataclass(frozen=True, slots=True)
class Script:
    """What is fixed for one subject; what is None is left to chance."""

    case: str
    scans: dict[int, float] | None = None
    new_lesion: int | None = None
    death: int | None = None
    departure: tuple[int, str] | None = None
    new_therapy: int | None = None
    second_infusion: int | None = None
    kinetics: str = ""
    icans: bool = False
    crs_again: bool = False
    marks: frozenset[str] = field(default_factory=frozenset)


FOUR_WEEKLY = tuple(range(28, 169, 28))


def _steady(ratio: float, until: int) -> dict[int, float]:
    days = [*FOUR_WEEKLY, 224, 280, *range(336, 1849, 84)]
    return {day: ratio for day in days if day <= until}


SCRIPTS = (
    Script("two missed assessments, then PD", {28: 0.92, 56: 0.88, 140: 1.55}, death=262),
    Script(
        "a missed visit where the schedule changes",
        {28: 0.9, 56: 0.84, 84: 0.84, 112: 0.84, 140: 0.86, 224: 1.5},
        death=330,
    ),
    Script(
        "PD, then a later response",
        {28: 1.32, 56: 0.62, 84: 0.56, 112: 0.55, 140: 0.9},
        death=305,
    ),
    Script(
        "CR, then PR",
        {28: 0.5, 56: 0.0, 84: 0.0, 112: 0.045, 140: 0.045, 168: 0.5},
        death=420,
    ),
    Script(
        "SD too early",
        {28: 0.95},
        departure=(39, "WITHDRAWAL BY SUBJECT"),
    ),
    Script(
        "new therapy before confirmation",
        {28: 0.86, 56: 0.58, 84: 0.52},
        new_therapy=66,
        death=240,
    ),
    Script("no post-baseline scan, alive for a while", {}, departure=(75, "LOST TO FOLLOW-UP")),
    Script(
        "follow-up beyond 10 years, alive at 15",
        _steady(0.22, 1848),
        death=NEVER,
        second_infusion=NEVER,
    ),
    Script(
        "follow-up beyond 10 years, death in year 12",
        _steady(0.41, 1848),
        death=4160,
        second_infusion=NEVER,
        marks=frozenset({"second malignancy"}),
    ),
    Script(
        "second infusion with residual copies and CRS after it",
        {28: 0.85, 56: 0.6, 84: 0.48, 112: 0.45, 140: 0.45, 168: 0.47, 224: 0.5, 280: 0.8},
        death=470,
        second_infusion=77,
        kinetics="residual",
        crs_again=True,
    ),
    Script("all samples BLQ", {28: 1.02, 56: 1.31}, death=190, kinetics="all BLQ"),
    Script(
        "BLQ between quantifiable values",
        {28: 0.9, 56: 0.88, 84: 0.88, 112: 1.25},
        death=250,
        kinetics="BLQ between",
    ),
    Script(
        "fast clearing before day 28",
        {28: 0.93, 56: 0.95, 84: 1.28},
        death=231,
        kinetics="fast clearing",
    ),
    Script(
        "new therapy on the day of the scan",
        {28: 0.83, 56: 0.82, 84: 0.84},
        new_therapy=84,
        death=255,
        marks=frozenset({"death month only"}),
    ),
    Script(
        "death on the day of a scan",
        {28: 0.8, 56: 0.62, 84: 0.6, 112: 0.6},
        death=112,
        marks=frozenset({"late death"}),
    ),
    Script(
        "fatal adverse event whose end is known to the month only",
        {28: 0.9, 56: 0.88},
        death=78,
        marks=frozenset({"fatal event"}),
    ),
    Script("ICANS", {28: 0.7, 56: 0.55, 84: 0.52, 112: 0.52, 140: 0.9}, death=300, icans=True),
)
EARLY_DEATH = Script("death inside the DLT window, replaced", {}, death=17)


def assign_scripts(subjects: list[Subject], early_death: list[int]) -> dict[int, Script]:
    """Which subject (by number) follows which script.

    The scripts go to the first treated monotherapy subjects of the expansion, every other one where
    there are enough, so that most are in the interim analysis; `early_death` are the
    numbers of escalation subjects who are replaced.
    """
    takers = [
        s.number
        for s in subjects
        if s.phase == "EXPANSION" and not s.arm_status and s.arm and s.arm.cohort == "MONO"
    ]
    step = 2 if len(takers) >= 2 * len(SCRIPTS) else 1
    scripts = dict(zip(takers[::step], SCRIPTS, strict=False))
    return scripts | dict.fromkeys(early_death, EARLY_DEATH)
