"""Tumour assessments: lesions both readers measure, and the RECIST responses that follow."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from csr.demo.rates import Rates
from csr.demo.scripts import FOUR_WEEKLY, Script
from csr.demo.truth import Scan, Subject, Visit

INVESTIGATOR, INDEPENDENT = "INVESTIGATOR", "INDEPENDENT ASSESSOR"
READERS = (INVESTIGATOR, INDEPENDENT)
SCHEDULE = (*FOUR_WEEKLY, 224, 280, *range(336, 1849, 84))
LOCATIONS = ("LIVER", "LYMPH NODE", "STOMACH", "LUNG", "ADRENAL GLAND")
RISE = (1.30, 1.65)
SMALLEST_RISE = 6.0


def scan_visit(subject: Subject, scheduled: int, day: int) -> Visit:
    """The on-site visit of a scheduled assessment; weeks count from the first infusion."""
    week = scheduled // 7
    number = 12 + SCHEDULE.index(scheduled)
    return Visit(number, f"WEEK {week}", day, day, "scan")


def add_scans(
    rng: np.random.Generator, rates: Rates, subject: Subject, script: Script | None
) -> None:
    """Plans the scans, measures them for both readers and reads the responses.

    The schedule is that of METHODS §9: every 28 days to day 168, every 56 to day 365, then 84.
    Scans stop with the progression the investigator saw, death, departure, or after five years.
    """
    start = subject.planned_infusion
    subject.scans += _before_infusion(rng, subject)
    targets = rng.integers(14, 62, int(rng.integers(1, 5))).astype(float)
    subject.non_target = bool(rng.random() < 0.6)
    if script is not None and script.scans is not None:
        subject.scans += _scripted(rng, subject, script)
    else:
        subject.scans += _drawn(rng, rates, subject)
    subject.scans = [s for s in subject.scans if s.last_day <= subject.seen_until()]
    measure(rng, rates, subject, targets)
    if script is None:
        seen = first_progression(subject)
        subject.scans = [s for s in subject.scans if seen is None or s.day <= seen]
    subject.progression = first_progression(subject)
    subject.scans = [s for s in subject.scans if s.day < start or s.day <= subject.seen_until()]


def first_progression(subject: Subject) -> int | None:
    """The day the investigator first saw progression."""
    days = [s.day for s in subject.scans if _overall(s) == "PD"]
    return min(days) if days else None


def _overall(scan: Scan) -> str:
    return scan.responses.get(INVESTIGATOR, {}).get("OVRLRESP", "")


def _before_infusion(rng: np.random.Generator, subject: Subject) -> list[Scan]:
    scans = []
    if any(p.category == "BRIDGING" for p in subject.procedures):
        day = subject.consent + int(rng.integers(1, 5))
        visit = Visit(1, "SCREENING", day, day, "screening")
        scans.append(Scan(visit, day, day, ratio=float(rng.uniform(0.9, 1.05))))
    day = subject.planned_infusion - int(rng.integers(6, 9))
    return [*scans, Scan(Visit(3, "BASELINE", day, day, "baseline"), day, day, ratio=1.0)]


def _scripted(rng: np.random.Generator, subject: Subject, script: Script) -> list[Scan]:
    scans = []
    for scheduled, ratio in (script.scans or {}).items():
        day = subject.planned_infusion + scheduled
        visit = scan_visit(subject, scheduled, day)
        scan = Scan(visit, day, day, ratio)
        scan.new_lesion = script.new_lesion == scheduled
        scans.append(scan)
    return scans


def _drawn(rng: np.random.Generator, rates: Rates, subject: Subject) -> list[Scan]:
    level = _levels(rng, subject)
    progressed = subject.progression
    scans: list[Scan] = []
    for index, scheduled in enumerate(SCHEDULE):
        day = subject.planned_infusion + scheduled + int(rng.integers(-3, 5))
        if rng.random() < rates.course.scan_missed:
            continue
        visit = scan_visit(subject, scheduled, day)
        spread = int(rng.random() < 0.1)
        scan = Scan(visit, day, day + spread, level(index))
        scan.not_evaluable = bool(rng.random() < rates.course.scan_not_evaluable)
        scans.append(scan)
        if progressed is not None and day >= progressed:
            _progress(rng, scan, min(1.0, *(s.ratio for s in scans)))
            break
    return scans


def _levels(rng: np.random.Generator, subject: Subject) -> Callable[[int], float]:
    """The sum of diameters as a share of baseline, by number of the scan."""
    best = subject.best
    if best in ("CR", "PR"):
        depth = 0.0 if best == "CR" else float(rng.uniform(0.25, 0.63))
        first = float(rng.uniform(0.74, 0.92))
        delay = int(rng.choice([0, 1, 2], p=[0.72, 0.23, 0.05]))
        if subject.progression is not None:
            delay = min(delay, max((subject.progression - subject.planned_infusion - 60) // 28, 0))
        return lambda index: depth if index >= delay else first
    stable = float(rng.uniform(0.78, 1.06))
    return lambda index: stable


def _progress(rng: np.random.Generator, scan: Scan, nadir: float) -> None:
    scan.not_evaluable = False
    kind = rng.random()
    if kind < 0.35:
        scan.new_lesion = True
    elif kind < 0.42:
        scan.non_target_pd = True
    else:
        scan.ratio = max(nadir * float(rng.uniform(*RISE)), nadir + 0.15)


def measure(rng: np.random.Generator, rates: Rates, subject: Subject, targets: np.ndarray) -> None:
    """Both readers' diameters from the scans' ratios, and the responses they give."""
    spread = rates.course.reader_difference
    bias = np.exp(rng.normal(0, spread, len(targets)))
    new_seen = rng.random() < 0.85
    for scan in subject.scans:
        same = np.exp(rng.normal(0, 0.008, len(targets)))
        other = bias * np.exp(rng.normal(0, spread / 2, len(targets)))
        exact = targets * scan.ratio
        if scan.non_target_pd and not subject.non_target:
            scan.non_target_pd, scan.new_lesion = False, True
        if 0 < scan.ratio < 0.1:
            exact = np.where(np.arange(len(targets)) == 0, 4.0, 0.0)
        scan.sizes = {
            INVESTIGATOR: tuple(np.round(exact * same).tolist()),
            INDEPENDENT: tuple(np.round(exact * other).tolist()),
        }
    for reader in READERS:
        _read(subject, reader, new_seen or reader == INVESTIGATOR)


def _read(subject: Subject, reader: str, sees_new: bool) -> None:
    baseline = nadir = 0.0
    for scan in subject.scans:
        total = sum(scan.sizes[reader])
        if scan.day < subject.planned_infusion:
            baseline = nadir = total
            continue
        target = target_response(total, baseline, nadir, scan.not_evaluable)
        non_target = _non_target_response(scan, subject.non_target)
        new = scan.new_lesion and sees_new
        scan.responses[reader] = {
            "TRGRESP": target,
            **({"NTRGRESP": non_target} if subject.non_target else {}),
            "NEWLPROG": "Y" if new else "N",
            "OVRLRESP": overall_response(target, non_target, new),
        }
        nadir = nadir if scan.not_evaluable else min(nadir, total)


def target_response(total: float, baseline: float, nadir: float, missing: bool) -> str:
    """RECIST 1.1's target response from sums of diameters in mm (METHODS §3)."""
    if missing:
        return "NE"
    if total == 0:
        return "CR"
    if total - nadir >= 5 and total >= 1.2 * nadir:
        return "PD"
    return "PR" if total <= 0.7 * baseline else "SD"


def _non_target_response(scan: Scan, present: bool) -> str:
    if not present:
        return ""
    if scan.non_target_pd:
        return "PD"
    return "CR" if scan.ratio == 0 else "NON-CR/NON-PD"


def overall_response(target: str, non_target: str, new: bool) -> str:
    """RECIST 1.1's overall response of one timepoint."""
    if new or "PD" in (target, non_target):
        return "PD"
    if target == "CR":
        return "CR" if non_target in ("CR", "") else "PR"
    return target
