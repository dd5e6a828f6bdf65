"""Adverse events that are in the study on purpose, in subjects without another planted case.

Chance gives a study of this size no severe CRS, hardly any neurotoxicity and no death of an adverse
event before the interim cut-off; a display of them would be empty. Which subject has which is in
docs/demo-study.md. Nothing here draws a random number.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from csr.demo.neurotoxicity import ICANS, ICANS_TERM
from csr.demo.scripts import Script
from csr.demo.truth import AdverseEvent, Component, Medication, Subject
from csr.demo.when import When

IEC_HS_TERM = "Immune effector cell-associated haemophagocytic lymphohistiocytosis-like syndrome"
STEROID = ("DEXAMETHASONE", "CORTICOSTEROIDS FOR SYSTEMIC USE", 10.0, "mg")
TOCILIZUMAB = ("TOCILIZUMAB", "IMMUNOSUPPRESSANTS", 8.0, "mg/kg")
VASOPRESSOR = ("NOREPINEPHRINE", "CARDIAC THERAPY", 0.1, "ug/kg/min")
ANAKINRA = ("ANAKINRA", "IMMUNOSUPPRESSANTS", 100.0, "mg")
FATAL_WITHIN = (20, 182)


@dataclass(frozen=True, slots=True)
class Release:
    """CRS as planted: the grade the site reports, and what its components say on the worst day.

    An empty component was not recorded. `drugs`: what, first day after the worst day, days.
    """

    reported: int
    pressure: str
    oxygen: str
    intensive: bool = False
    drugs: tuple[tuple[tuple[str, str, float, str], int, int], ...] = ()


RELEASES = (
    Release(3, "ONE VASOPRESSOR", "LOW-FLOW", True,
            ((TOCILIZUMAB, 0, 1), (TOCILIZUMAB, 1, 1), (VASOPRESSOR, 0, 2), (STEROID, 0, 4))),
    Release(2, "HYPOTENSION WITHOUT VASOPRESSOR", "HIGH-FLOW", True,
            ((TOCILIZUMAB, 0, 1), (STEROID, 1, 3))),
    Release(2, "NONE", "NONE", False, ((TOCILIZUMAB, 0, 1),)),
    Release(1, "HYPOTENSION WITHOUT VASOPRESSOR", "NONE"),
    Release(1, "NONE", ""),
)  # fmt: skip
# Reported grade, ICE score, consciousness, seizure; duration in days.
NEUROTOXICITIES = (
    (1, "8", "AWAKENS SPONTANEOUSLY", "NONE", 3),
    (2, "2", "AWAKENS TO TACTILE STIMULUS", "NONE", 6),
    (3, "4", "AWAKENS TO VOICE", "FOCAL SEIZURE RESOLVING RAPIDLY", 5),
)


def plant_events(subjects: list[Subject], scripts: dict[int, Script], interim: int) -> None:
    """Five CRS, three ICANS, one IEC-HS, one malignancy and one death of an adverse event.

    `interim` is the cut-off of the interim analysis (ordinal). The subjects are the first expansion
    subjects without a script whose first CRS leaves time for it; the death is one that chance gave
    a subject before the cut-off, of another cause than the disease if there is such a one.
    """
    free = [
        s for s in subjects if s.infusions and s.phase == "EXPANSION" and s.number not in scripts
    ]
    dying = _plant_death(free, interim)
    taken = [s for s in free if s is not dying and _has_release(s)]
    for subject, release in zip(taken, RELEASES, strict=False):
        _plant_release(subject, release)
    rest = taken[len(RELEASES) :]
    for subject, toxicity in zip(rest, NEUROTOXICITIES, strict=False):
        _plant_neurotoxicity(subject, *toxicity)
    for subject in rest[len(NEUROTOXICITIES) :][:1]:
        _plant_hyperinflammation(subject)
    for subject in [s for s in rest[len(NEUROTOXICITIES) + 1 :] if _is_seen_long(s)][:1]:
        _plant_malignancy(subject)


def _first_release(subject: Subject) -> AdverseEvent | None:
    return next((e for e in subject.events if e.episode == "CRS1"), None)


def _has_release(subject: Subject) -> bool:
    event = _first_release(subject)
    return event is not None and subject.seen_until() >= event.onset.day + 40


def _plant_release(subject: Subject, planted: Release) -> None:
    event = _first_release(subject)
    if event is None:
        return
    worst = event.onset.day + 1
    event.grade, event.hospitalised = planted.reported, planted.reported >= 3
    event.end = When(max(event.end.day if event.end else 0, worst + 4))
    event.outcome = "RECOVERED/RESOLVED"
    found = (
        Component("TEMPMAX", "Maximum Temperature", "39.4", "C", worst),
        Component("HYPOTENS", "Hypotension", planted.pressure, "", worst),
        Component("OXYGEN", "Oxygen Requirement", planted.oxygen, "", worst),
        Component("ICU", "Intensive Care Unit Stay", "Y" if planted.intensive else "", "", worst),
    )
    event.components = tuple(c for c in found if c.result)
    subject.medications = [m for m in subject.medications if m.link != event.episode]
    for drug, after, days in planted.drugs:
        _give(subject, event, drug, worst + after, days)


def _give(
    subject: Subject,
    event: AdverseEvent,
    drug: tuple[str, str, float, str],
    start: int,
    days: int,
) -> None:
    name, atc, dose, unit = drug
    subject.medications.append(
        Medication(name, name, atc, f"{event.aesi} TREATMENT", When(start), When(start + days - 1),
                   event.aesi, event.episode, dose, unit)
    )  # fmt: skip


def _plant_neurotoxicity(
    subject: Subject, grade: int, ice: str, awake: str, seizure: str, days: int
) -> None:
    onset = subject.planned_infusion + 5
    components = (
        Component("ICE", "ICE Score", ice, "", onset + 1),
        Component("CONSCIOU", "Level of Consciousness", awake, "", onset + 1),
        Component("SEIZURE", "Seizure", seizure, "", onset + 1),
        Component("MOTOR", "Motor Findings", "NONE", "", onset + 1),
        Component("ICP", "Raised ICP or Cerebral Oedema", "NONE", "", onset + 1),
    )
    event = AdverseEvent(
        term=ICANS,
        decod=ICANS_TERM,
        soc="Nervous system disorders",
        onset=When(onset),
        end=When(onset + days - 1),
        grade=grade,
        cart="PROBABLE",
        hospitalised=grade >= 2,
        treated=grade >= 2,
        aesi="ICANS",
        episode="ICANS1",
        components=components,
    )
    subject.events.append(event)
    if grade >= 2:
        _give(subject, event, STEROID, onset + 1, days - 1)


def _plant_hyperinflammation(subject: Subject) -> None:
    """Two weeks from day 12 on, after CRS: ferritin, fibrinogen and transaminases on the worst."""
    onset = subject.planned_infusion + 12
    components = (
        Component("FERRMAX", "Maximum Ferritin", "18400", "ug/L", onset + 3),
        Component("FIBRMIN", "Minimum Fibrinogen", "1.2", "g/L", onset + 3),
        Component("ALTMAX", "Maximum Alanine Aminotransferase", "260", "U/L", onset + 3),
    )
    event = AdverseEvent(
        term=IEC_HS_TERM.upper(),
        decod=IEC_HS_TERM,
        soc="Blood and lymphatic system disorders",
        onset=When(onset),
        end=When(onset + 13),
        grade=3,
        cart="PROBABLE",
        hospitalised=True,
        treated=True,
        aesi="IEC-HS",
        episode="IECHS1",
        components=components,
    )
    subject.events.append(event)
    _give(subject, event, ANAKINRA, onset + 3, 7)
    _give(subject, event, STEROID, onset + 3, 10)


def _is_seen_long(subject: Subject) -> bool:
    return subject.seen_until() > subject.planned_infusion + 200 and subject.new_therapy is None


def _plant_malignancy(subject: Subject) -> None:
    """A carcinoma of the skin in the fifth month, cut out, its cells tested for the transgene."""
    onset = subject.planned_infusion + 141
    subject.events.append(
        AdverseEvent(
            term="BASAL CELL CARCINOMA OF THE NOSE",
            decod="Basal cell carcinoma",
            soc="Neoplasms benign, malignant and unspecified (incl cysts and polyps)",
            onset=When(onset),
            end=When(onset + 24),
            grade=2,
            cart="UNLIKELY",
            lymphodepletion="UNLIKELY",
            important=True,
            treated=True,
            aesi="SECOND MALIGNANCY",
            late_category="NEW MALIGNANCY",
            transgene="NOT DETECTED",
        )
    )


def _plant_death(subjects: list[Subject], interim: int) -> Subject | None:
    """Makes a death before the interim cut-off one of pneumonia, related to the cells."""
    first, last = FATAL_WITHIN
    dead = [
        s
        for s in subjects
        if s.death
        and s.death.when.precision == "day"
        and s.death.when.day <= interim
        and s.death.cause_class != "ADVERSE EVENT"
        and first < s.death.when.day - s.infusions[-1].day <= last
    ]
    chosen = min(dead, key=lambda s: (_cause(s) != "OTHER", s.number), default=None)
    if chosen is None or chosen.death is None:
        return None
    chosen.death = replace(chosen.death, cause="ADVERSE EVENT", cause_class="ADVERSE EVENT")
    chosen.events.append(
        AdverseEvent(
            term="肺炎" if chosen.site == "02" else "PNEUMONIA",
            decod="Pneumonia",
            soc="Infections and infestations",
            onset=When(chosen.death.when.day - 9),
            end=chosen.death.when,
            grade=5,
            outcome="FATAL",
            cart="POSSIBLE",
            lymphodepletion="POSSIBLE",
            hospitalised=True,
            fatal=True,
            treated=True,
            aesi="INFECTION",
        )
    )
    return chosen


def _cause(subject: Subject) -> str:
    return subject.death.cause_class if subject.death else ""
