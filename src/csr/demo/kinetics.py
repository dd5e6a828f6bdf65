"""CAR copies in blood (PC): each infusion's expansion, contraction and persistence by qPCR."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from csr.demo.scripts import Script
from csr.demo.truth import Infusion, Subject, Visit
from csr.demo.visit_table import epoch, finish
from csr.demo.when import iso

LLOQ = 50.0
SAMPLED = ("baseline", "infusion", "early", "scan", "unscheduled", "ltfu")
REPLICATED = 0.12
NOT_TAKEN = 0.015
BETWEEN_DAYS = (10,)


@dataclass(frozen=True, slots=True)
class Profile:
    """One infusion's profile: peak (copies/µg), day of the peak, and two half-lives in days."""

    peak: float
    day: float
    fast: float
    slow: float
    share_slow: float

    def at(self, days: float) -> float:
        """Copies/µg so many days after the infusion."""
        if days <= 0:
            return 0.0
        if days < self.day:
            start = np.log(self.peak) - 9.0
            grown = start + 9.0 * days / self.day
            return float(np.exp(grown))
        gone = days - self.day
        slow = self.share_slow * 0.5 ** (gone / self.slow)
        return self.peak * ((1 - self.share_slow) * 0.5 ** (gone / self.fast) + slow)


def draw_profile(rng: np.random.Generator, dose: float, number: int, kind: str) -> Profile:
    """A log-normal profile; the peak rises with the dose and falls with the infusion number."""
    peak = 5200 * (dose / 2.5e8) ** 0.6 * 0.6 ** (number - 1) * float(np.exp(rng.normal(0, 0.9)))
    day = float(rng.choice([7.0, 10.0], p=[0.6, 0.4]))
    fast = float(2.4 * np.exp(rng.normal(0, 0.25)))
    slow = float(24 * np.exp(rng.normal(0, 0.5)))
    share = float(0.08 * np.exp(rng.normal(0, 0.7)))
    if kind == "all BLQ":
        return Profile(30.0, day, fast, slow, 0.01)
    if kind == "fast clearing":
        return Profile(900.0, 7.0, 1.6, 1.6, 0.05)
    if kind in ("residual", "BLQ between"):
        return Profile(max(peak, 6000.0), 7.0, 2.5, 60.0 if kind == "residual" else 30.0, 0.2)
    return Profile(max(peak, 200.0), day, fast, slow, min(share, 0.5))


def simulate_kinetics(
    rng: np.random.Generator, subjects: list[Subject], scripts: dict[int, Script], study: str
) -> pd.DataFrame:
    """All PC records: each visit's sample, replicates, and what lies below the LLOQ as BLQ."""
    rows: list[tuple[object, ...]] = []
    for index, subject in enumerate(subjects):
        if subject.infusions:
            script = scripts.get(subject.number)
            kind = script.kinetics if script else ""
            rows += _samples(rng, index, subject, kind)
    columns = ["_subject", "_day", "VISITNUM", "VISIT", "EPOCH", "PCDTC", "PCTPT", "PCTPTNUM",
               "PCELTM", "PCTPTREF", "PCRFTDTC", "PCREPNUM", "value"]  # fmt: skip
    table = pd.DataFrame(rows, columns=columns)
    return finish(_measured(table), subjects, "PC", study)


def _samples(
    rng: np.random.Generator, index: int, subject: Subject, kind: str
) -> list[tuple[object, ...]]:
    profiles = [
        draw_profile(rng, i.cells, i.number, kind if i.number == 1 else "")
        for i in subject.infusions
    ]
    rows = []
    for visit in subject.visits:
        missed = rng.random() < NOT_TAKEN and not kind
        if visit.kind not in SAMPLED or missed:
            continue
        infusion = _reference(subject, visit)
        days = visit.start - infusion.day
        value = _value(rng, subject, profiles, visit, kind)
        repeats = 2 if visit.kind == "early" and rng.random() < REPLICATED else 1
        for repeat in range(1, repeats + 1):
            measured = value * float(np.exp(rng.normal(0, 0.08)))
            rows.append(_row(index, subject, visit, infusion, days, repeat, repeats, measured))
    return rows


def _reference(subject: Subject, visit: Visit) -> Infusion:
    """The infusion a sample belongs to: the latest one, its own pre-dose sample included."""
    given = [i for i in subject.infusions if i.day <= visit.start]
    return given[-1] if given else subject.infusions[0]


def _value(
    rng: np.random.Generator, subject: Subject, profiles: list[Profile], visit: Visit, kind: str
) -> float:
    total = 0.0
    for infusion, profile in zip(subject.infusions, profiles, strict=True):
        pre_dose = visit.kind == "infusion" and visit.start == infusion.day
        if visit.start >= infusion.day and not pre_dose:
            total += profile.at(visit.start - infusion.day)
    since = visit.start - subject.infusions[0].day
    if kind == "BLQ between" and since in BETWEEN_DAYS:
        return 20.0
    return total * float(np.exp(rng.normal(0, 0.18))) if kind != "fast clearing" else total


def _row(
    index: int,
    subject: Subject,
    visit: Visit,
    infusion: Infusion,
    days: int,
    repeat: int,
    repeats: int,
    value: float,
) -> tuple[object, ...]:
    pre = days <= 0
    hour = "08:30" if pre else infusion.time
    point = "PRE-DOSE" if pre else f"DAY {days}"
    return (
        index, visit.start, visit.number, visit.name, epoch(subject, visit.start),
        f"{iso(visit.start)}T{hour}", point, float(min(days, 0) if days < 0 else days),
        "" if pre else f"P{days}D", f"INFUSION {infusion.number}",
        f"{iso(infusion.day)}T{infusion.time}" if days >= 0 else "",
        float(repeat) if repeats > 1 else np.nan, value,
    )  # fmt: skip


def _measured(table: pd.DataFrame) -> pd.DataFrame:
    quantified = (table["value"] >= LLOQ).to_numpy()
    rounded = np.round(table["value"].to_numpy(), 0)
    text = np.where(quantified, [f"{v:.0f}" for v in rounded], "BLQ").astype(object)
    table["PCORRES"] = table["PCSTRESC"] = text
    table["PCSTRESN"] = np.where(quantified, rounded, np.nan)
    fixed = {
        "PCTESTCD": "CARDNA", "PCTEST": "CAR-CLDN18.2 DNA", "PCCAT": "CELLULAR KINETICS",
        "PCORRESU": "copies/ug", "PCSTRESU": "copies/ug", "PCSPEC": "BLOOD",
        "PCMETHOD": "QPCR", "PCLLOQ": LLOQ,
    }  # fmt: skip
    return table.assign(**fixed).drop(columns=["value"])
