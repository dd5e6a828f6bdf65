"""Who is screened, enrolled, apheresed and infused, when, and with which characteristics."""

from __future__ import annotations

import numpy as np

from csr.demo.escalation import Slot
from csr.demo.rates import Rates, SubjectRates
from csr.demo.truth import Arm, Infusion, Procedure, Subject

STUDY = "SIM-CLDN18"
INVESTIGATORS = ("张伟", "王芳", "李娜", "刘洋", "陈静", "杨帆", "赵磊", "黄敏")
FIFTEEN_YEARS = 5479
DOSE_LABELS = {2.5e8: "2.5 x10^8 cells", 3.75e8: "3.75 x10^8 cells", 5.0e8: "5.0 x10^8 cells"}
DOSE_CODES = {2.5e8: "MONO250", 3.75e8: "MONO375", 5.0e8: "MONO500"}
COHORT_LABELS = {
    "MONO": "Monotherapy",
    "PD1": "With PD-1 antibody",
    "LINE1": "After first-line chemotherapy",
}
SCREEN_FAILURES = (
    "CLAUDIN18.2 EXPRESSION BELOW THE LIMIT",
    "INADEQUATE ORGAN FUNCTION",
    "ACTIVE HEPATITIS B",
    "ECOG PERFORMANCE STATUS ABOVE 1",
)


def arm_of(cohort: str, dose: float) -> Arm:
    """The arm of a cohort and dose; combinations are given at the lowest dose only."""
    if cohort == "MONO":
        return Arm(DOSE_CODES[dose], f"Monotherapy {DOSE_LABELS[dose]}", cohort, dose)
    return Arm(cohort, f"{COHORT_LABELS[cohort]}, {DOSE_LABELS[dose]}", cohort, dose)


def draw(rng: np.random.Generator, shares: dict[str, float]) -> str:
    """One key, with the probability of its share."""
    weights = np.array(list(shares.values()))
    return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def enrol(
    rng: np.random.Generator, rates: Rates, slots: list[Slot], enrolled: int
) -> list[Subject]:
    """All screened subjects in the order of consent, numbered, before their disease is simulated.

    `enrolled` counts those enrolled, escalation included; screen failures come on top.
    """
    plan = [_escalation_plan(rng, slot) for slot in slots]
    plan += _expansion_plan(rng, rates, slots, enrolled - len(slots))
    plan += _screen_failure_plan(rng, rates, enrolled)
    order = sorted(range(len(plan)), key=lambda i: (plan[i].consent, i))
    subjects = [_numbered(plan[i], number) for number, i in enumerate(order, start=1)]
    for slot, planned in zip(slots, plan, strict=False):
        if slot.replaces is not None:
            planned.replaces = plan[slot.replaces].usubjid
    for subject in subjects:
        _describe(rng, rates.subjects, subject)
    return subjects


def _numbered(subject: Subject, number: int) -> Subject:
    site = (number * 5) % len(INVESTIGATORS) + 1
    subject.number, subject.site = number, f"{site:02d}"
    subject.usubjid = f"{STUDY}-{site:02d}-{number:04d}"
    subject.investigator = INVESTIGATORS[site - 1]
    return subject


def _blank(consent: int) -> Subject:
    return Subject(number=0, usubjid="", site="", investigator="", consent=consent)


def _escalation_plan(rng: np.random.Generator, slot: Slot) -> Subject:
    apheresis = slot.infusion - int(rng.integers(26, 36))
    subject = _blank(apheresis - int(rng.integers(6, 13)))
    subject.phase, subject.escalation_cohort = "ESCALATION", str(slot.cohort)
    subject.arm = arm_of("MONO", (2.5e8, 3.75e8, 5.0e8)[slot.level])
    subject.planned_infusion, subject.apheresis = slot.infusion, apheresis
    subject.enrolled, subject.release = apheresis - 1, slot.infusion - int(rng.integers(8, 12))
    return subject


def _expansion_plan(
    rng: np.random.Generator, rates: Rates, slots: list[Slot], count: int
) -> list[Subject]:
    first = max(s.infusion for s in slots) + 28
    last = rates.enrolment.expansion_end.toordinal()
    consents = np.sort(rng.integers(first, last, count))
    subjects = [_expansion_subject(rng, rates, int(day)) for day in consents]
    untreated = round((count + len(slots)) * rates.enrolment.not_treated_fraction)
    for index in rng.permutation(count)[:untreated]:
        subjects[index].arm_status = draw(rng, rates.enrolment.not_treated_reasons)
    return subjects


def _expansion_subject(rng: np.random.Generator, rates: Rates, consent: int) -> Subject:
    subject = _blank(consent)
    cohort = draw(rng, rates.enrolment.expansion_shares)
    subject.arm = arm_of(cohort, rates.escalation.doses[0])
    subject.enrolled = consent + int(rng.integers(5, 11))
    subject.apheresis = subject.enrolled + 1
    subject.release = subject.apheresis + int(rng.integers(17, 27))
    wait = 84 if cohort == "LINE1" else 0
    subject.planned_infusion = subject.release + wait + int(rng.integers(8, 14))
    return subject


def _screen_failure_plan(rng: np.random.Generator, rates: Rates, enrolled: int) -> list[Subject]:
    count = round(enrolled * rates.enrolment.screen_failure_fraction)
    first = rates.enrolment.start.toordinal()
    last = rates.enrolment.expansion_end.toordinal()
    subjects = [_blank(int(day)) for day in np.sort(rng.integers(first, last, count))]
    for subject in subjects:
        subject.phase, subject.arm_status = "SCREENING", "SCREEN FAILURE"
        reason = SCREEN_FAILURES[int(rng.integers(len(SCREEN_FAILURES)))]
        subject.departure = (subject.consent + int(rng.integers(3, 15)), reason)
        subject.end_of_follow_up = subject.departure[0]
    return subjects


def _describe(rng: np.random.Generator, rates: SubjectRates, subject: Subject) -> None:
    low, high = rates.age_range
    subject.age = int(np.clip(round(rng.normal(rates.age_mean, rates.age_sd)), low, high))
    subject.sex = "M" if rng.random() < rates.male else "F"
    tumour, lauren = draw(rng, rates.tumour), draw(rng, rates.lauren)
    cldn = draw(rng, rates.cldn182)
    score = {"LOW": (90, 140), "MEDIUM": (140, 220), "HIGH": (220, 300)}[cldn]
    sites = ["PERITONEUM"] if rng.random() < rates.peritoneal else []
    sites += [s for s in ("LIVER", "LYMPH NODES", "LUNG") if rng.random() < 0.35]
    subject.facts = {
        "TUMTYPE": tumour,
        "LAUREN": lauren if tumour.startswith("GASTRIC") else "NOT APPLICABLE",
        "CLDN182": cldn,
        "CLDNHSC": str(int(rng.integers(*score))),
        "STAGE": "IV",
        "PERITMET": "Y" if "PERITONEUM" in sites else "N",
        "METSITES": "; ".join(sites or ["LYMPH NODES"]),
        "PRLINES": draw(rng, rates.prior_lines),
        "ECOGBL": "1" if rng.random() < rates.ecog_1 else "0",
    }
    if subject.arm and subject.arm.cohort == "LINE1":
        subject.facts["PRLINES"] = "0"


def add_infusion(
    rng: np.random.Generator, rates: Rates, subject: Subject, number: int, day: int
) -> None:
    """Adds an infusion of the subject's planned dose, nearly always given in full."""
    if subject.arm is None:
        return
    fraction = 1.0 if rng.random() < 0.93 else float(rng.uniform(0.82, 0.98))
    if rng.random() < rates.enrolment.out_of_specification and number == 1:
        subject.facts["PRODSPEC"] = "OUT OF SPECIFICATION"
    subject.infusions.append(
        Infusion(
            number=number,
            day=day,
            time=f"{int(rng.integers(9, 15)):02d}:{int(rng.integers(0, 60)):02d}",
            planned=subject.arm.dose,
            cells=round(subject.arm.dose * fraction, -5),
            viability=round(float(rng.uniform(78, 97)), 1),
            transduction=round(float(rng.uniform(22, 68)), 1),
            lot=f"CT{subject.number:04d}-{number}",
        )
    )


def add_bridging(rng: np.random.Generator, rates: Rates, subject: Subject) -> None:
    """Bridging chemotherapy between apheresis and lymphodepletion, for about three in four."""
    if subject.apheresis is None or rng.random() >= rates.enrolment.bridging:
        return
    if subject.arm and subject.arm.cohort == "LINE1":
        return
    start = subject.apheresis + int(rng.integers(2, 5))
    end = start + int(rng.integers(3, 9))
    terms = ("S-1", "PACLITAXEL", "IRINOTECAN", "OXALIPLATIN")
    term = terms[int(rng.integers(len(terms)))]
    subject.procedures.append(Procedure("BRIDGING", f"BRIDGING THERAPY: {term}", start, end))
