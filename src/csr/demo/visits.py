"""Which visits took place, and when somebody was asked whether the subject is alive."""

from __future__ import annotations

import numpy as np

from csr.demo.rates import Rates
from csr.demo.truth import Contact, Infusion, Subject, Visit
from csr.demo.tumours import SCHEDULE, scan_visit

EARLY_DAYS = (0, 1, 4, 7, 10, 14, 21)
PHARMACOKINETIC_UNTIL = 182
CONTACT_EVERY = 84
CONTACTS_UNTIL = 730


def add_visits(rng: np.random.Generator, subject: Subject) -> None:
    """The visits at the site. What is done at each depends on its `kind`."""
    screening = Visit(1, "SCREENING", subject.consent, subject.consent + 3, "screening")
    visits = [screening]
    if subject.apheresis is not None:
        visits.append(Visit(2, "APHERESIS", subject.apheresis, subject.apheresis, "apheresis"))
    if subject.infusions:
        visits += _treated_visits(rng, subject)
    until = subject.seen_until()
    visits = [v for v in visits if v.end <= until and not (subject.death and v.start == until)]
    on_scan = [s.visit for s in subject.scans if s.visit.kind == "scan"]
    subject.visits = sorted({*visits, *on_scan}, key=lambda v: (v.start, v.number))


def _treated_visits(rng: np.random.Generator, subject: Subject) -> list[Visit]:
    start = subject.planned_infusion
    baseline = max(s.day for s in subject.scans if s.day < start)
    visits = [
        Visit(3, "BASELINE", baseline, baseline, "baseline"),
        Visit(4, "LYMPHODEPLETION", start - 5, start - 3, "lymphodepletion"),
    ]
    visits += [
        Visit(5 + i, f"DAY {d}", start + d, start + d, "infusion" if d == 0 else "early")
        for i, d in enumerate(EARLY_DAYS)
    ]
    scanned = {s.visit.name for s in subject.scans}
    for scheduled in SCHEDULE:
        visit = scan_visit(subject, scheduled, start + scheduled)
        if visit.name not in scanned and _comes_without_scan(subject, scheduled, visit.start):
            visits.append(visit)
    visits += [v for infusion in subject.infusions[1:] for v in _reinfusion_visits(infusion)]
    if rng.random() < 0.15:
        day = start + int(rng.integers(15, 60))
        visits.append(Visit(11.1, "UNSCHEDULED 11.1", day, day, "unscheduled"))
    return visits


def _comes_without_scan(subject: Subject, scheduled: int, day: int) -> bool:
    """Week 4 is always kept; later, kinetics go on to week 26 after progression."""
    progressed = subject.progression is not None and day > subject.progression
    treated_anew = subject.new_therapy is not None and day >= subject.new_therapy
    if scheduled == 28:
        return True
    return progressed and not treated_anew and scheduled <= PHARMACOKINETIC_UNTIL


def _reinfusion_visits(infusion: Infusion) -> list[Visit]:
    number, start = infusion.number, infusion.day
    visits = [
        Visit(100 * number, f"INFUSION {number} LYMPHODEPLETION", start - 5, start - 3,
              "lymphodepletion")
    ]  # fmt: skip
    for index, day in enumerate((*EARLY_DAYS, 28), start=1):
        kind = "infusion" if day == 0 else "early"
        name = f"INFUSION {number} DAY {day}"
        visits.append(Visit(100 * number + index, name, start + day, start + day, kind))
    return visits


def add_contacts(rng: np.random.Generator, rates: Rates, subject: Subject) -> None:
    """Survival contacts: every 84 days once visits have ended, yearly from year 1 to year 15."""
    if subject.phase == "SCREENING" or subject.apheresis is None:
        return
    start = subject.first_infusion or subject.apheresis
    last_visit = max(v.end for v in subject.visits)
    until = subject.seen_until()
    planned = [
        (400.0 + i, f"SURVIVAL CONTACT {i}", last_visit + CONTACT_EVERY * i)
        for i in range(1, CONTACTS_UNTIL // CONTACT_EVERY + 1)
        if last_visit + CONTACT_EVERY * i < start + CONTACTS_UNTIL
    ]
    planned += [(500.0 + n, f"LTFU YEAR {n}", start + round(365.25 * n)) for n in range(1, 16)]
    for number, name, day in sorted(planned, key=lambda p: (p[2], p[0])):
        late = day if number == 515 else day + int(rng.integers(0, 12))
        day_seen = min(late, subject.end_of_follow_up)
        if day_seen >= until and not (number == 515 and day_seen == until and not subject.death):
            break
        missed = rng.random() < rates.course.contact_missed
        subject.contacts.append(Contact(number, name, day_seen, "UNKNOWN" if missed else "ALIVE"))
        if number > 500 and not missed and subject.infusions:
            subject.visits.append(Visit(number, name, day_seen, day_seen, "ltfu"))
    if subject.death:
        name = "DEATH NOTIFICATION"
        subject.contacts.append(Contact(600.0, name, subject.death.notified, "DEAD"))
