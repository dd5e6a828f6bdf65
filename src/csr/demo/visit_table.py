"""One row per visit or sample of the study, the base of all findings that are drawn in bulk."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.demo.truth import Subject, Visit
from csr.demo.variables import frame_of
from csr.demo.when import iso

EPOCHS = ("SCREENING", "PRE-TREATMENT", "TREATMENT", "FOLLOW-UP")
TREATMENT_PERIOD = 28
NEVER = 10**7


def epoch(subject: Subject, day: int) -> str:
    """The epoch of a day: screening, apheresis to lymphodepletion, to 28 days after, and later."""
    if subject.apheresis is None or day < subject.apheresis:
        return EPOCHS[0]
    starts = [d.start for d in subject.doses] + [i.day for i in subject.infusions]
    if not starts or day < min(starts):
        return EPOCHS[1]
    start = subject.first_infusion
    return EPOCHS[2] if start is None or day <= start + TREATMENT_PERIOD else EPOCHS[3]


def visit_table(subjects: list[Subject]) -> pd.DataFrame:
    """All visits: who, when, days since the latest infusion (`since`), CRS grade of that infusion.

    `since` counts to the first infusion (negative) before it; NaN for those never infused.
    """
    rows = [_row(i, s, v) for i, s in enumerate(subjects) for v in s.visits]
    columns = ["_subject", "_day", "VISITNUM", "VISIT", "kind", "since", "crs", "EPOCH", "DTC"]
    return pd.DataFrame(rows, columns=columns)


def _row(index: int, subject: Subject, visit: Visit) -> tuple[object, ...]:
    day, kind = visit.start, visit.kind
    latest = None
    for infusion in subject.infusions:
        if latest is None or infusion.day - 6 <= day:
            latest = infusion
    grades = [
        e.grade or 0
        for e in subject.events
        if latest is not None and e.episode == f"CRS{latest.number}"
    ]
    since = float(day - latest.day) if latest else np.nan
    name = (visit.number, visit.name)
    return (index, day, *name, kind, since, max(grades, default=0), epoch(subject, day), iso(day))


def finish(table: pd.DataFrame, subjects: list[Subject], domain: str, study: str) -> pd.DataFrame:
    """The findings of a domain as its dataset has them, in order of the day within a subject, with
    the helpers `_day` (the true day) and `_exposed` (the day of the first study treatment)."""
    order = ["_subject", "_day", "VISITNUM"]
    table = table.sort_values(order, kind="stable", ignore_index=True)
    index = table["_subject"].to_numpy()
    names = np.array([s.usubjid for s in subjects], dtype=object)
    table["STUDYID"], table["DOMAIN"] = study, domain
    table["USUBJID"] = names[index]
    table[f"{domain}SEQ"] = table.groupby("_subject").cumcount().to_numpy() + 1.0
    frame = frame_of(domain.lower(), table)
    frame["_day"] = table["_day"].to_numpy()
    frame["_exposed"] = np.array([_exposed(s) for s in subjects])[index]
    return frame


def _exposed(subject: Subject) -> int:
    days = [d.start for d in subject.doses] + [i.day for i in subject.infusions]
    return min(days, default=NEVER)


def number_text(values: np.ndarray, decimals: int) -> np.ndarray:
    """Numbers as a laboratory writes them; "" for none."""
    codes, distinct = pd.factorize(values)
    texts = np.array([f"{v:.{decimals}f}" for v in distinct] + [""], dtype=object)
    return texts[codes]
