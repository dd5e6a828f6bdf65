"""The decisions files: what the sponsor's people had adjudicated by each transfer."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

from csr.demo.truth import CutDates, Subject, Truth

COLUMNS = ("subject", "item", "value", "reason", "who", "date")
REVIEWED_AFTER = 63
BY_CASE = {
    "CR, then PR": (
        "BOR",
        "CR",
        "Central radiology confirms the complete response; 4 mm at week 16 is scar tissue",
        "李明, medical monitor",
    ),
    "SD too early": (
        "EFFFL",
        "Y",
        "Assessed once before withdrawal; stays in the set as a non-responder",
        "Efficacy review committee",
    ),
    "no post-baseline scan, alive for a while": (
        "EFFFL",
        "N",
        "Never assessed after baseline, lost to follow-up without an event",
        "Efficacy review committee",
    ),
}
Decision = tuple[str, str, str, str, str, str]


def write_decisions(path: Path, truth: Truth, cut: CutDates) -> Path:
    """The decisions taken by a cut's transfer, about what had happened by its cut-off."""
    lines = [_line(s) for s in truth.subjects if s.case in BY_CASE and _decided(s) <= cut.transfer]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(lines)
    return path


def _decided(subject: Subject) -> int:
    """The day of the decision: nine weeks after the last scan, or the chance of a second one."""
    return max([s.day for s in subject.scans] + [subject.planned_infusion + 90]) + REVIEWED_AFTER


def _line(subject: Subject) -> Decision:
    item, value, reason, who = BY_CASE[subject.case]
    day = dt.date.fromordinal(_decided(subject)).isoformat()
    return (subject.usubjid, item, value, reason, who, day)
