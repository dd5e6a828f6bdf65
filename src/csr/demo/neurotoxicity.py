"""CRS and ICANS: episodes whose ASTCT grade follows from components recorded on their worst day."""

from __future__ import annotations

import numpy as np

from csr.demo.rates import LogNormal, Rates
from csr.demo.truth import AdverseEvent, Component, Infusion, Medication, Subject
from csr.demo.when import When

CRS, ICANS = "CYTOKINE RELEASE SYNDROME", "IMMUNE EFFECTOR CELL-ASSOCIATED NEUROTOXICITY SYNDROME"
CRS_TERM, ICANS_TERM = (
    "Cytokine release syndrome",
    "Immune effector cell-associated neurotoxicity syndrome",
)


def crs_grade(fever: bool, pressure: str, oxygen: str) -> int:
    """ASTCT grade of CRS (Lee 2019, in reference/astct_grades.json); 0 without fever.

    `pressure` is NONE, HYPOTENSION WITHOUT VASOPRESSOR, ONE VASOPRESSOR or MULTIPLE VASOPRESSORS;
    `oxygen` NONE, LOW-FLOW, HIGH-FLOW or POSITIVE PRESSURE.
    """
    by_pressure = {"HYPOTENSION WITHOUT VASOPRESSOR": 2, "ONE VASOPRESSOR": 3}
    by_oxygen = {"LOW-FLOW": 2, "HIGH-FLOW": 3, "POSITIVE PRESSURE": 4}
    worst = max(by_pressure.get(pressure, 1), by_oxygen.get(oxygen, 1))
    if pressure == "MULTIPLE VASOPRESSORS":
        worst = 4
    return worst if fever else 0


def add_crs(
    rng: np.random.Generator, rates: Rates, subject: Subject, infusion: Infusion, certain: bool
) -> None:
    """CRS after one infusion, for nearly all after the first, and what was given for it."""
    toxicity = rates.toxicity
    rate = toxicity.crs_first_infusion if infusion.number == 1 else toxicity.crs_later_infusion
    onset = infusion.day + max(1, round(_draw(rng, toxicity.crs_onset_day)))
    length = max(2, round(_draw(rng, toxicity.crs_duration)))
    intended = 1 + int(rng.choice(4, p=toxicity.crs_grade))
    if (rng.random() >= rate and not certain) or onset >= subject.seen_until() - 1:
        return
    worst = onset + int(rng.integers(0, max(1, min(length, 3))))
    components = _crs_components(rng, intended if not certain else 2, worst)
    grade = crs_grade(True, components[1].result, components[2].result)
    episode = f"CRS{infusion.number}"
    subject.events.append(
        AdverseEvent(
            term="细胞因子释放综合征" if subject.site in ("02", "05") else CRS,
            decod=CRS_TERM,
            soc="Immune system disorders",
            onset=When(onset),
            end=When(onset + length - 1),
            grade=grade,
            cart="DEFINITE",
            hospitalised=grade >= 3,
            treated=True,
            aesi="CRS",
            episode=episode,
            components=components,
        )
    )
    _treat(rng, rates, subject, episode, grade, worst)


def _draw(rng: np.random.Generator, rate: LogNormal) -> float:
    return float(rate.median * np.exp(rng.normal(0, rate.log_sd)))


def _crs_components(rng: np.random.Generator, grade: int, day: int) -> tuple[Component, ...]:
    pressure, oxygen = "NONE", "NONE"
    by_pressure = rng.random() < 0.6
    if grade == 2:
        pressure = "HYPOTENSION WITHOUT VASOPRESSOR" if by_pressure else "NONE"
        oxygen = "NONE" if by_pressure else "LOW-FLOW"
    elif grade == 3:
        pressure = "ONE VASOPRESSOR" if by_pressure else "HYPOTENSION WITHOUT VASOPRESSOR"
        oxygen = "LOW-FLOW" if by_pressure else "HIGH-FLOW"
    elif grade == 4:
        pressure, oxygen = "MULTIPLE VASOPRESSORS", "HIGH-FLOW"
    temperature = f"{rng.uniform(38.1, 40.2):.1f}"
    return (
        Component("TEMPMAX", "Maximum Temperature", temperature, "C", day),
        Component("HYPOTENS", "Hypotension", pressure, "", day),
        Component("OXYGEN", "Oxygen Requirement", oxygen, "", day),
    )


def _treat(
    rng: np.random.Generator, rates: Rates, subject: Subject, episode: str, grade: int, day: int
) -> None:
    index, last = grade - 1, subject.seen_until()
    if rng.random() < rates.toxicity.tocilizumab_by_crs_grade[index]:
        doses = 1 + int(rng.random() < 0.25)
        for given in range(day, min(day + doses, last)):
            term = "托珠单抗" if subject.site in ("02", "05") else "TOCILIZUMAB"
            subject.medications.append(
                Medication(term, "TOCILIZUMAB", "IMMUNOSUPPRESSANTS", "CRS TREATMENT", When(given),
                           When(given), "CRS", episode, 8.0, "mg/kg")
            )  # fmt: skip
    if rng.random() < rates.toxicity.steroid_by_crs_grade[index] and day + 1 < last:
        end = min(day + 1 + int(rng.integers(1, 5)), last)
        subject.medications.append(
            Medication("DEXAMETHASONE", "DEXAMETHASONE", "CORTICOSTEROIDS FOR SYSTEMIC USE",
                       "CRS TREATMENT", When(day + 1), When(end), "CRS", episode, 10.0, "mg")
        )  # fmt: skip


def add_icans(subject: Subject) -> None:
    """The planted ICANS of grade 2: an ICE score of 5, awake to voice, recovered in four days."""
    onset = subject.planned_infusion + 6
    components = (
        Component("ICE", "ICE Score", "5", "", onset + 1),
        Component("CONSCIOU", "Level of Consciousness", "AWAKENS TO VOICE", "", onset + 1),
        Component("SEIZURE", "Seizure", "NONE", "", onset + 1),
        Component("MOTOR", "Motor Findings", "NONE", "", onset + 1),
        Component("ICP", "Raised ICP or Cerebral Oedema", "NONE", "", onset + 1),
    )
    subject.events.append(
        AdverseEvent(
            term=ICANS,
            decod=ICANS_TERM,
            soc="Nervous system disorders",
            onset=When(onset),
            end=When(onset + 3),
            grade=2,
            cart="PROBABLE",
            hospitalised=True,
            treated=True,
            aesi="ICANS",
            episode="ICANS1",
            components=components,
        )
    )
    subject.medications.append(
        Medication("DEXAMETHASONE", "DEXAMETHASONE", "CORTICOSTEROIDS FOR SYSTEMIC USE",
                   "ICANS TREATMENT", When(onset + 1), When(onset + 3), "ICANS", "ICANS1", 10.0,
                   "mg")
    )  # fmt: skip
