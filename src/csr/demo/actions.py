"""What was done with study treatment because of adverse events (AEACN)."""

from __future__ import annotations

from dataclasses import replace

from csr.demo.truth import AdverseEvent, Dose, Subject
from csr.demo.when import When

INTERRUPTED, WITHDRAWN, UNCHANGED = "DRUG INTERRUPTED", "DRUG WITHDRAWN", "DOSE NOT CHANGED"
PUT_OFF_WITHIN = 60
CONDITIONING = 7
WITHDRAWN_EVERY = 4
ANTIBODY = "PD-1 ANTIBODY"
ANTIBODY_INTERVAL = 21
CYCLE_PUT_OFF = 7


def take_actions(subjects: list[Subject]) -> None:
    """Sets the action taken of every event during treatment, and the doses that follow from it.

    A single infusion leaves nothing to change (NOT APPLICABLE). Where more is given: a re-infusion
    put off, no further infusion, an antibody dose left out or the antibody ended, a cycle of
    chemotherapy put off. It draws no random number: what it changes follows from the events.
    """
    several = [s for s in subjects if len(s.infusions) > 1]
    for subject in several:
        _between_infusions(subject)
    for subject in several[::WITHDRAWN_EVERY]:
        _no_further_infusion(subject)
    antibody = [s for s in subjects if s.infusions and _days(s, ANTIBODY)]
    for number, subject in enumerate(antibody):
        _with_antibody(subject, number)
    for subject in subjects:
        if subject.infusions and _days(subject, "CHEMOTHERAPY"):
            _delayed_cycle(subject)


def _days(subject: Subject, category: str) -> list[int]:
    return [d.start for d in subject.doses if d.category == category]


def _notable(subject: Subject, first: int, last: int, grade: int) -> list[AdverseEvent]:
    """Events beginning on these days, of this grade or more, in order of onset."""
    found = [e for e in subject.events if first <= e.onset.day <= last and (e.grade or 0) >= grade]
    return sorted(found, key=lambda e: (e.onset.day, e.decod))


def _between_infusions(subject: Subject) -> None:
    for before, after in zip(subject.infusions, subject.infusions[1:], strict=False):
        for event in _notable(subject, before.day, after.day - 1, 0):
            event.action = UNCHANGED
        before_conditioning = after.day - CONDITIONING
        found = _notable(subject, after.day - PUT_OFF_WITHIN, before_conditioning, 2)
        for event in found[-1:]:
            event.action = INTERRUPTED


def _no_further_infusion(subject: Subject) -> None:
    last = subject.infusions[-1].day
    severe = _notable(subject, last, last + PUT_OFF_WITHIN, 3)
    lasting = [e for e in severe if "count" not in e.decod]
    for event in (lasting or severe or _notable(subject, last, last + PUT_OFF_WITHIN, 2))[-1:]:
        event.action = WITHDRAWN


def _with_antibody(subject: Subject, number: int) -> None:
    """The first severe event ends the antibody in one subject of four, puts a dose off in two."""
    first, last = min(_days(subject, ANTIBODY)), max(_days(subject, ANTIBODY))
    for event in _notable(subject, first, last, 0):
        event.action = UNCHANGED
    severe = _notable(subject, first + 1, last, 3) or _notable(subject, first + 1, last, 2)
    if not severe or number % WITHDRAWN_EVERY == 2:
        return
    event = severe[0]
    ends = number % WITHDRAWN_EVERY == 0
    event.action = WITHDRAWN if ends else INTERRUPTED
    event.pd1 = "POSSIBLE"
    stop = 10**9 if ends else event.onset.day + ANTIBODY_INTERVAL - 1
    subject.doses = [
        d for d in subject.doses if d.category != ANTIBODY or not event.onset.day < d.start <= stop
    ]


def _delayed_cycle(subject: Subject) -> None:
    """Neutropenia after the second cycle puts the third and fourth off by a week."""
    starts = sorted(set(_days(subject, "CHEMOTHERAPY")))
    onset = starts[1] + 9
    subject.doses = [_put_off(d) if d.start > onset else d for d in subject.doses]
    subject.events.append(
        AdverseEvent(
            term="NEUTROPHIL COUNT DECREASED",
            decod="Neutrophil count decreased",
            soc="Investigations",
            onset=When(onset),
            end=When(onset + 15),
            grade=3,
            cart="NOT RELATED",
            chemotherapy="PROBABLE",
            action=INTERRUPTED,
            treated=True,
        )
    )


def _put_off(dose: Dose) -> Dose:
    if dose.category != "CHEMOTHERAPY":
        return dose
    return replace(dose, start=dose.start + CYCLE_PUT_OFF, end=dose.end + CYCLE_PUT_OFF)
