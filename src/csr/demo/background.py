"""Medical history, supportive medication, protocol deviations, and disposition milestones."""

from __future__ import annotations

import numpy as np

from csr.demo.rates import Rates
from csr.demo.truth import Deviation, History, Medication, Milestone, Subject
from csr.demo.when import When

HISTORY = (
    ("HYPERTENSION", "Hypertension", "Vascular disorders", 0.28),
    ("2型糖尿病", "Type 2 diabetes mellitus", "Metabolism and nutrition disorders", 0.15),
    ("CHRONIC GASTRITIS", "Chronic gastritis", "Gastrointestinal disorders", 0.35),
    ("乙型肝炎病毒携带", "Hepatitis B carrier", "Infections and infestations", 0.12),
    ("ANAEMIA", "Anaemia", "Blood and lymphatic system disorders", 0.30),
    ("CONSTIPATION", "Constipation", "Gastrointestinal disorders", 0.18),
    ("PERIPHERAL NEUROPATHY", "Neuropathy peripheral", "Nervous system disorders", 0.25),
)
PRIOR_REGIMENS = (
    ("S-1 + OXALIPLATIN", "FLUOROURACIL ANALOGUE; PLATINUM"),
    ("PACLITAXEL", "TAXANE"),
    ("NIVOLUMAB", "ANTI-PD-1/PD-L1 ANTIBODY"),
    ("APATINIB", "KINASE INHIBITOR"),
)
SUPPORTIVE = (
    ("人粒细胞刺激因子", "FILGRASTIM", "IMMUNOSTIMULANTS", 0.55, 2, 9, 5),
    ("OMEPRAZOLE", "OMEPRAZOLE", "DRUGS FOR ACID RELATED DISORDERS", 0.7, -5, 3, 30),
    ("PARACETAMOL", "PARACETAMOL", "ANALGESICS", 0.5, 1, 8, 3),
    ("PIPERACILLIN/TAZOBACTAM", "PIPERACILLIN/TAZOBACTAM", "ANTIBACTERIALS FOR SYSTEMIC USE",
     0.25, 3, 14, 8),
    ("ACICLOVIR", "ACICLOVIR", "ANTIVIRALS FOR SYSTEMIC USE", 0.3, 0, 3, 90),
)  # fmt: skip
DEVIATIONS = (
    ("VISIT OUTSIDE THE WINDOW", "VISIT SCHEDULE", False),
    ("随访实验室检查未做", "PROCEDURES AND TESTS", False),
    ("SCAN OUTSIDE THE WINDOW", "EFFICACY ASSESSMENT", False),
    ("KINETICS SAMPLE NOT TAKEN", "PROCEDURES AND TESTS", False),
    ("PROHIBITED SYSTEMIC STEROID WITHOUT CRS", "PROHIBITED MEDICATION", True),
    ("CONSENT TO A LATER PROTOCOL VERSION SIGNED LATE", "INFORMED CONSENT", True),
)


def add_background(rng: np.random.Generator, rates: Rates, subject: Subject) -> None:
    """History, supportive medication and deviations of an enrolled subject."""
    _add_history(rng, subject)
    if subject.infusions:
        _add_supportive(rng, rates, subject)
        _add_deviations(rng, subject)


def _add_history(rng: np.random.Generator, subject: Subject) -> None:
    diagnosis = subject.consent - int(rng.integers(150, 900))
    tumour = subject.facts.get("TUMTYPE", "")
    subject.history.append(
        History(tumour, "Gastrointestinal carcinoma", "Neoplasms benign, malignant and "
                "unspecified (incl cysts and polyps)", "PRIMARY DIAGNOSIS",
                When(diagnosis, "month"), None)
    )  # fmt: skip
    for term, decod, soc, share in HISTORY:
        if rng.random() >= share:
            continue
        start = subject.consent - int(rng.integers(60, 5000))
        precision = ("year", "month", "none")[int(rng.choice(3, p=[0.55, 0.4, 0.05]))]
        ended = rng.random() < 0.25
        end = int(rng.integers(start + 20, subject.consent + 160)) if ended else None
        within = end is not None and end < subject.seen_until()
        subject.history.append(
            History(term, decod, soc, "GENERAL", When(start, precision),  # type: ignore[arg-type]
                    When(end) if within and end is not None else None)
        )  # fmt: skip


def _add_supportive(rng: np.random.Generator, rates: Rates, subject: Subject) -> None:
    for line in range(int(subject.facts["PRLINES"])):
        term, atc = PRIOR_REGIMENS[min(line, 3)]
        end = subject.consent - 25 - 110 * (int(subject.facts["PRLINES"]) - line - 1)
        subject.medications.append(
            Medication(term, term, atc, "PRIOR ANTICANCER THERAPY", When(end - 90, "month"),
                       When(end, "month"), f"LINE {line + 1}")
        )  # fmt: skip
    for infusion in subject.infusions:
        for term, decod, atc, share, first, last, length in SUPPORTIVE:
            start = infusion.day + int(rng.integers(first, last + 1))
            if rng.random() >= share or start >= subject.seen_until():
                continue
            end = start + int(rng.integers(1, 2 * length + 1)) - 1
            seen = end < subject.seen_until()
            exact = rng.random() >= rates.toxicity.partial_date
            subject.medications.append(
                Medication(term, decod, atc, "CONCOMITANT MEDICATION",
                           When(start, "day" if exact else "month"), When(end) if seen else None,
                           "PROPHYLAXIS")
            )  # fmt: skip


def _add_deviations(rng: np.random.Generator, subject: Subject) -> None:
    for _ in range(int(rng.poisson(0.7))):
        term, category, important = DEVIATIONS[int(rng.integers(len(DEVIATIONS)))]
        span = max(1, min(subject.seen_until() - subject.planned_infusion, 400))
        day = subject.planned_infusion + int(rng.integers(0, span))
        again = day + int(rng.integers(4, 15)) if category == "PROCEDURES AND TESTS" else None
        if again is not None and again >= subject.seen_until():
            again = None
        subject.deviations.append(Deviation(term, category, category, important, day, again))
    subject.deviations.sort(key=lambda d: (d.day, d.term))


def add_milestones(subject: Subject) -> None:
    """Everything DS tells: consent, enrolment, product, infusion, long-term follow-up, the end."""
    add = subject.milestones.append
    add(_milestone("INFORMED CONSENT OBTAINED", subject.consent))
    if subject.enrolled is not None:
        add(_milestone("ELIGIBILITY CRITERIA MET", subject.enrolled))
        add(_milestone("ENROLLED", subject.enrolled))
    _add_product(subject)
    if subject.infusions:
        add(_milestone("TREATED", subject.infusions[0].day))
        _add_treated(subject)
    elif subject.phase != "SCREENING":
        _add_not_treated(subject)
    _add_end(subject)
    subject.milestones.sort(key=lambda m: (m.when.day, m.study_end))


def _milestone(term: str, day: int, category: str = "PROTOCOL MILESTONE") -> Milestone:
    return Milestone(category, "", term, term, When(day))


def _add_product(subject: Subject) -> None:
    if subject.arm_status == "MANUFACTURING FAILURE" and subject.apheresis is not None:
        day = subject.apheresis + 15
        subject.milestones.append(_milestone("MANUFACTURING FAILURE", day, "OTHER EVENT"))
    elif subject.release is not None:
        out = subject.facts.get("PRODSPEC") == "OUT OF SPECIFICATION"
        term = "PRODUCT RELEASED OUT OF SPECIFICATION" if out else "PRODUCT RELEASED"
        subject.milestones.append(_milestone(term, subject.release, "OTHER EVENT"))


def _add_treated(subject: Subject) -> None:
    start, last = subject.planned_infusion, subject.seen_until()
    if last > start + 28:
        subject.milestones.append(_milestone("COMPLETED DLT OBSERVATION", start + 28))
    ends = {"PROGRESSIVE DISEASE": subject.progression, "NEW THERAPY": subject.new_therapy}
    known = {reason: day for reason, day in ends.items() if day is not None and day < last}
    off = min(known.values()) if known else min(last, start + 730)
    reason = min(known, key=lambda r: known[r]) if known else "COMPLETED"
    if known or off < last:
        subject.milestones.append(
            Milestone("DISPOSITION EVENT", "TREATMENT PERIOD", reason, reason, When(off))
        )
    entry = max(off, start + 29) + 1
    if entry < last:
        subject.milestones.append(_milestone("ENTERED LONG-TERM FOLLOW-UP", entry))


def _add_not_treated(subject: Subject) -> None:
    apheresis = subject.apheresis or subject.consent
    day = min(subject.seen_until(), subject.progression or apheresis + 20)
    reason = subject.arm_status
    subject.milestones.append(
        Milestone("DISPOSITION EVENT", "TREATMENT PERIOD", f"NOT INFUSED: {reason}", reason,
                  When(day))
    )  # fmt: skip


def _add_end(subject: Subject) -> None:
    if subject.phase == "SCREENING" and subject.departure:
        day, reason = subject.departure
        term, decod = f"SCREEN FAILURE: {reason}", "SCREEN FAILURE"
        when = When(day)
    elif subject.death:
        term = decod = "DEATH"
        when = subject.death.when
    elif subject.departure:
        when = When(subject.departure[0])
        term = decod = subject.departure[1]
    else:
        when, term, decod = When(subject.end_of_follow_up), "COMPLETED", "COMPLETED"
    subject.milestones.append(
        Milestone("DISPOSITION EVENT", "STUDY PARTICIPATION", term, decod, when, study_end=True)
    )
