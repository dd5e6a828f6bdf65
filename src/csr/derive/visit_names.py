"""Visit names as people write them: the planned day, the infusion they name, pre- or post-dose.

`Day 28 (2)`, `Year 3.5 LTFU`, `Day 1 pre`, `INFUSION 2 DAY 10`, `Week 4`, `Year 4 Month 8`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

DAYS = {"day": 1.0, "week": 7.0, "month": 30.4375, "year": 365.25}
PERIOD = re.compile(r"\b(day|week|month|year)s?\s*(-?\d+(?:\.\d+)?)", re.IGNORECASE)
INFUSION = re.compile(r"\binfusion\s*(\d+)\b|\((\d+)\)", re.IGNORECASE)
PRE = re.compile(r"\bpre(?:[ -]?dose|[ -]?infusion)?(?![a-z])", re.IGNORECASE)
POST = re.compile(r"\bpost(?:[ -]?dose|[ -]?infusion)?(?![a-z])", re.IGNORECASE)


class Visit(NamedTuple):
    """What a visit name says: a clean name, days after the infusion, infusion, pre- or post-dose.

    `day` NaN and `infusion` NaN where the name does not say; `side` is "pre", "post" or "".
    """

    name: str
    day: float
    infusion: float
    side: str


def read_visit(text: str, day_of_infusion: int = 0) -> Visit:
    """One visit name. Where the infusion's day is day 1, that is 0 days after it."""
    found = PERIOD.findall(text)
    day, names = 0.0, []
    for unit, number in found:
        amount = float(number)
        names.append(f"{unit.capitalize()} {amount:g}")
        if unit.lower() == "day" and day_of_infusion == 1 and amount >= 1:
            amount -= 1
        day += amount * DAYS[unit.lower()]
    infusion = INFUSION.search(text)
    number_of = float(next(g for g in infusion.groups() if g)) if infusion else float("nan")
    side = "pre" if PRE.search(text) else "post" if POST.search(text) else ""
    return Visit(" ".join(names), day if found else float("nan"), number_of, side)


def read_visits(names: pd.Series, day_of_infusion: int = 0) -> pd.DataFrame:
    """Columns name, day, infusion and side of every visit name; the index is kept.

    A name without any period keeps its own words, in sentence case; one that says unscheduled is
    `Unscheduled`.
    """
    distinct = {text: read_visit(text, day_of_infusion) for text in names.unique()}
    table = pd.DataFrame([distinct[t] for t in names], columns=Visit._fields, index=names.index)
    words = names.str.replace(PRE, "", regex=True).str.replace(POST, "", regex=True)
    words = words.str.strip().str.capitalize()
    words = words.mask(names.str.contains("unsch", case=False), "Unscheduled")
    table["name"] = table["name"].mask(table["name"] == "", words)
    return table
