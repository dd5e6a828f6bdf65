"""Records as sites hand them in, planted: a dose in two bags, an event that worsened, a blank date.

Unlike `habits` these are the truth's own: what there is to know of them is more than a tidy record
says. Each stands in a subject of the expansion without another planted case; which one is in
docs/demo-study.md. Nothing here draws a random number.
"""

from __future__ import annotations

from dataclasses import replace

from csr.demo.scripts import Script
from csr.demo.truth import AdverseEvent, Component, Infusion, Medication, Subject
from csr.demo.when import When

FIRST_BAG = 0.3
NEUTROPENIA, BLOOD = "Neutrophil count decreased", "Investigations"
SHOUTING_SITE, SHOUTED = "08", "Nausea"
FAHRENHEIT_SITE, MILLIONS_SITE = "06", "05"


def plant_records(subjects: list[Subject], scripts: dict[int, Script]) -> None:
    """A dose over two days, a worsened event, one from before, one not coded, an earlier therapy.

    Site 08 writes the preferred term Nausea in capitals, site 06 takes the highest temperature of
    a syndrome in degrees Fahrenheit, site 05 counts the cells of an infusion in millions.
    """
    free = [
        s
        for s in subjects
        if s.infusions
        and s.phase == "EXPANSION"
        and s.number not in scripts
        and s.seen_until() > s.planned_infusion + 90
    ]
    plants = (_split_dose, _worsen, _begin_before, _leave_uncoded, _treat_before)
    for plant, subject in zip(plants, free[3:], strict=False):
        plant(subject)
    for subject in (s for s in subjects if s.site == FAHRENHEIT_SITE):
        for event in subject.events:
            event.components = tuple(_in_fahrenheit(c) for c in event.components)
    for subject in (s for s in subjects if s.site == MILLIONS_SITE):
        for infusion in subject.infusions:
            infusion.in_millions = True
    for subject in (s for s in subjects if s.site == SHOUTING_SITE):
        for event in subject.events:
            if event.decod == SHOUTED:
                event.decod = SHOUTED.upper()


def _in_fahrenheit(component: Component) -> Component:
    if component.unit != "C":
        return component
    return replace(component, result=f"{float(component.result) * 9 / 5 + 32:.1f}", unit="F")


def _split_dose(subject: Subject) -> None:
    """The first infusion in two bags, on its day and on the next."""
    subject.infusions[0].first_bag = FIRST_BAG


def _event(
    subject: Subject, start: int, end: int | None, grade: int, group: str = ""
) -> AdverseEvent:
    return AdverseEvent(
        term=NEUTROPENIA.upper(),
        decod=NEUTROPENIA,
        soc=BLOOD,
        onset=When(start),
        end=None if end is None else When(end),
        grade=grade,
        lymphodepletion="PROBABLE",
        group=group,
    )


def _worsen(subject: Subject) -> None:
    """Neutropenia of grade 1 before the infusion, of grade 4 three days after: two lines."""
    day = subject.infusions[0].day
    subject.events.append(_event(subject, day - 4, day + 2, 1, "NEUT"))
    subject.events.append(_event(subject, day + 3, day + 12, 4, "NEUT"))


def _begin_before(subject: Subject) -> None:
    """A neuropathy without a date of its start: it was there before screening."""
    subject.events.append(
        AdverseEvent(
            term="PERIPHERAL NEUROPATHY",
            decod="Peripheral sensory neuropathy",
            soc="Nervous system disorders",
            onset=When(subject.consent - 200, "none"),
            end=When(subject.infusions[0].day + 40),
            grade=1,
            cart="NOT RELATED",
            before="SCREENING",
        )
    )


def _leave_uncoded(subject: Subject) -> None:
    """An event that nobody has coded yet."""
    day = subject.infusions[0].day
    subject.events.append(
        AdverseEvent(
            term="STRANGE TASTE AFTER THE INFUSION",
            decod="",
            soc="",
            onset=When(day + 1),
            end=When(day + 2),
            grade=1,
        )
    )


def _treat_before(subject: Subject) -> None:
    """Therapy that ended before the infusion, begun in a month that is all that is known of it."""
    end = subject.infusions[0].day - 8
    subject.medications.append(
        Medication(
            "PACLITAXEL",
            "PACLITAXEL",
            "ANTINEOPLASTIC AGENTS",
            "NEW ANTICANCER THERAPY",
            When(end - 15, "month"),
            When(end),
            "DISEASE PROGRESSION",
        )
    )


def bags_of(infusion: Infusion) -> list[tuple[int, float]]:
    """The bags of an infusion: day and cells of each."""
    if not infusion.first_bag:
        return [(infusion.day, infusion.cells)]
    first = round(infusion.cells * infusion.first_bag)
    return [(infusion.day, float(first)), (infusion.day + 1, infusion.cells - first)]
