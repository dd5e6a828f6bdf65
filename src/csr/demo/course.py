"""How the disease goes and what is given for it: progression, death, drop-out, treatment."""

from __future__ import annotations

import datetime as dt

import numpy as np

from csr.demo.enrolment import FIFTEEN_YEARS, add_bridging, add_infusion, draw
from csr.demo.rates import LogNormal, Rates
from csr.demo.scripts import NEVER, Script
from csr.demo.truth import Death, Dose, Medication, Procedure, Subject
from csr.demo.when import When

LYMPHODEPLETION = (
    ("FLUDARABINE", 25.0, "mg/m2", -5, -3),
    ("CYCLOPHOSPHAMIDE", 250.0, "mg/m2", -5, -3),
    ("NAB-PACLITAXEL", 100.0, "mg", -4, -4),
)
NEW_THERAPIES = (
    ("RAMUCIRUMAB", "雷莫西尤单抗"),
    ("IRINOTECAN", "伊立替康"),
    ("NIVOLUMAB", "纳武利尤单抗"),
    ("APATINIB", "阿帕替尼"),
)
PROTECTED_WINDOW = 32
CAUSES = {
    "PROGRESSION": "DISEASE PROGRESSION",
    "ADVERSE EVENT": "ADVERSE EVENT",
    "OTHER": "CARDIOVASCULAR DISEASE",
}


def log_normal(rng: np.random.Generator, rate: LogNormal) -> float:
    """A draw that is never below the rate's minimum."""
    return max(rate.median * float(np.exp(rng.normal(0, rate.log_sd))), rate.minimum)


def simulate_untreated(rng: np.random.Generator, rates: Rates, subject: Subject) -> None:
    """An enrolled subject who is never infused: apheresis, the reason, and what comes after."""
    if subject.apheresis is None:
        return
    subject.procedures.append(
        Procedure("APHERESIS", "LEUKAPHERESIS", subject.apheresis, subject.apheresis)
    )
    add_bridging(rng, rates, subject)
    end = int(rng.integers(subject.apheresis + 12, subject.planned_infusion - 6))
    reason = subject.arm_status
    if reason in ("MANUFACTURING FAILURE", "DEATH", "WITHDRAWAL BY SUBJECT"):
        subject.release = None if reason == "MANUFACTURING FAILURE" else subject.release
    if subject.release is not None and subject.release > end:
        subject.release = None
    subject.end_of_follow_up = subject.consent + FIFTEEN_YEARS
    if reason == "WITHDRAWAL BY SUBJECT":
        subject.departure = (end, reason)
        return
    survival = 0 if reason == "DEATH" else int(160 * rng.weibull(1.1)) + 1
    _die(rng, subject, end + survival, "PROGRESSION")
    subject.progression = end if reason == "DISEASE PROGRESSION" else None


def simulate_course(
    rng: np.random.Generator, rates: Rates, subject: Subject, script: Script | None, dlt: bool
) -> None:
    """A treated subject: infusions, latent progression, death or departure.

    Nobody is infused again after a dose-limiting toxicity.
    """
    start = subject.planned_infusion
    subject.end_of_follow_up = start + FIFTEEN_YEARS
    if subject.apheresis is not None:
        subject.procedures.append(
            Procedure("APHERESIS", "LEUKAPHERESIS", subject.apheresis, subject.apheresis)
        )
    add_bridging(rng, rates, subject)
    add_infusion(rng, rates, subject, 1, start)
    if script:
        _follow(rng, subject, script)
    else:
        _draw_course(rng, rates, subject)
    if not dlt:
        _reinfuse(rng, rates, subject, script)


def _follow(rng: np.random.Generator, subject: Subject, script: Script) -> None:
    start = subject.planned_infusion
    subject.best = "SCRIPT"
    if script.departure:
        subject.departure = (start + script.departure[0], script.departure[1])
    if script.death is not None and script.death < NEVER:
        cause = "OTHER" if script.death > 2000 else "PROGRESSION"
        day = start + script.death
        if "fatal event" in script.marks:
            cause, day = "ADVERSE EVENT", _late_in_month(day)
        _die(rng, subject, day, cause)


def _late_in_month(day: int) -> int:
    """The next day that is not one of the first ten of its month."""
    while dt.date.fromordinal(day).day <= 10:
        day += 1
    return day


def _draw_course(rng: np.random.Generator, rates: Rates, subject: Subject) -> None:
    course, start = rates.course, subject.planned_infusion
    shares = dict(course.best_response)
    if subject.phase == "ESCALATION":
        shares.pop("NE")
    subject.best = draw(rng, shares)
    progression = log_normal(rng, course.progression[subject.best])
    responder = subject.best in ("CR", "PR")
    if responder and rng.random() < course.long_term_fraction:
        subject.progression = None
        if rng.random() < 0.4:
            _die(rng, subject, start + int(rng.uniform(900, 5200)), "OTHER")
        return
    subject.progression = start + round(progression)
    _draw_end(rng, rates, subject, progression)


def _draw_end(rng: np.random.Generator, rates: Rates, subject: Subject, progression: float) -> None:
    course, start = rates.course, subject.planned_infusion
    first_end = PROTECTED_WINDOW if subject.phase == "ESCALATION" else 8
    after = course.survival_after_progression
    end = progression + 12 + after.scale * float(rng.weibull(after.shape))
    cause = "PROGRESSION"
    if rng.random() < course.long_survivor_after_progression:
        end += float(rng.uniform(800, 6000))
    if subject.best == "NE":
        end = float(rng.integers(16, 26))
    elif rng.random() < course.death_without_progression:
        end, cause = float(rng.uniform(45, max(progression, 60))), "OTHER"
    elif rng.random() < rates.toxicity.fatal_event:
        end, cause = float(rng.uniform(40, 150)), "ADVERSE EVENT"
    end = max(end, first_end)
    if rng.random() < course.lost_or_withdrawn:
        reasons = ("LOST TO FOLLOW-UP", "WITHDRAWAL BY SUBJECT")
        day = int(rng.uniform(first_end + 20, 450))
        subject.departure = (start + day, reasons[int(rng.integers(2))])
    _die(rng, subject, start + round(end), cause)


def _die(rng: np.random.Generator, subject: Subject, day: int, cause: str) -> None:
    """A death nobody can learn of, after departure or the end of follow-up, is none."""
    gone = subject.departure is not None and day >= subject.departure[0]
    if gone or day >= subject.end_of_follow_up:
        return
    subject.departure = None
    notified = day + int(rng.integers(0, 20))
    cause_class = cause if cause in CAUSES else "OTHER"
    subject.death = Death(When(day), CAUSES[cause], cause_class, notified, notified)  # type: ignore[arg-type]


def _reinfuse(
    rng: np.random.Generator, rates: Rates, subject: Subject, script: Script | None
) -> None:
    wanted = [rates.course.second_infusion, rates.course.third_infusion]
    day = subject.planned_infusion
    for number, probability in enumerate(wanted, start=2):
        fixed = script.second_infusion if script and number == 2 else None
        go = fixed is not None or (script is None and rng.random() < probability)
        wait = int(rng.integers(84, 141))
        day = day + wait if fixed is None else subject.planned_infusion + fixed
        progressed = subject.progression is not None and day > subject.progression + 20
        if not go or day > subject.seen_until() - 20 or (progressed and fixed is None):
            return
        add_infusion(rng, rates, subject, number, day)


def add_treatment(rng: np.random.Generator, subject: Subject, progressed: int) -> None:
    """Lymphodepletion before each infusion, the PD-1 antibody after, chemotherapy before.

    `progressed` is the day the investigator saw progression (the last day of all without one).
    """
    if subject.arm is None:
        return
    for infusion in subject.infusions:
        subject.doses += [
            Dose("LYMPHODEPLETION", drug, amount, unit, infusion.day + first, infusion.day + last,
                 "INTRAVENOUS", "QD")
            for drug, amount, unit, first, last in LYMPHODEPLETION
        ]  # fmt: skip
    if subject.arm.cohort == "LINE1":
        subject.doses += _chemotherapy(subject)
    if subject.arm.cohort == "PD1":
        last = min(progressed, subject.seen_until() - 1, subject.planned_infusion + 360)
        days = range(subject.planned_infusion + 14, last + 1, 21)
        subject.doses += [
            Dose("PD-1 ANTIBODY", "TORIPALIMAB", 240.0, "mg", d, d, "INTRAVENOUS", "Q3W")
            for d in days
        ]
    subject.doses.sort(key=lambda d: (d.start, d.category, d.treatment))


def _chemotherapy(subject: Subject) -> list[Dose]:
    first = (subject.apheresis or subject.planned_infusion - 100) + 4
    doses = []
    for cycle in range(4):
        day = first + 21 * cycle
        doses.append(
            Dose("CHEMOTHERAPY", "OXALIPLATIN", 130.0, "mg/m2", day, day, "INTRAVENOUS", "Q3W")
        )
        doses.append(
            Dose("CHEMOTHERAPY", "CAPECITABINE", 1000.0, "mg/m2", day, day + 13, "ORAL", "BID")
        )
    return doses


def add_new_therapy(
    rng: np.random.Generator,
    rates: Rates,
    subject: Subject,
    progressed: int | None,
    script: Script | None,
) -> None:
    """New anticancer therapy: after progression for some, before it for a few."""
    start = subject.planned_infusion
    day: int | None = None
    if script:
        day = start + script.new_therapy if script.new_therapy is not None else None
    elif progressed is not None and rng.random() < rates.course.new_therapy_after_progression:
        day = progressed + int(rng.integers(10, 45))
    elif rng.random() < rates.course.new_therapy_before_progression:
        day = start + int(rng.integers(60, 200))
    if day is None or day >= subject.seen_until():
        return
    name, chinese = NEW_THERAPIES[int(rng.integers(len(NEW_THERAPIES)))]
    last = day + int(rng.integers(20, 160))
    subject.new_therapy = day
    subject.medications.append(
        Medication(
            term=chinese if subject.site == "02" else name,
            decod=name,
            atc="ANTINEOPLASTIC AGENTS",
            category="NEW ANTICANCER THERAPY",
            start=When(day),
            end=When(last) if last < subject.seen_until() else None,
            reason="DISEASE PROGRESSION" if progressed is not None else "INVESTIGATOR DECISION",
        )
    )
