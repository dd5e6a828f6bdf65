"""What an exposure record amounts to: administrations and the amount given (METHODS §10.17)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.sources import text

# Times a day by EXDOSFRQ (CDISC FREQ, and what sites write).
A_DAY = {
    "QD": 1.0,
    "DAILY": 1.0,
    "ONCE DAILY": 1.0,
    "EVERY DAY": 1.0,
    "Q24H": 1.0,
    "BID": 2.0,
    "TWICE DAILY": 2.0,
    "Q12H": 2.0,
    "TID": 3.0,
    "Q8H": 3.0,
    "QID": 4.0,
    "Q6H": 4.0,
    "Q4H": 6.0,
    "QAM": 1.0,
    "QPM": 1.0,
    "QHS": 1.0,
}
ONCE = ("ONCE", "1 TIME", "ONE TIME", "SINGLE", "SINGLE DOSE", "X1")
BLANK = ("", "UNKNOWN", "UNK", "U", "NOT APPLICABLE", "NA", "N/A", "OTHER")
# Every n days, weeks or months: Q3W, QW, EVERY 3 WEEKS, Q2D, QOD, QM.
INTERVAL = re.compile(
    r"^(?:Q|EVERY\s+)(?P<n>\d+|OTHER)?\s*(?P<of>D|W|M|DAYS?|WEEKS?|MONTHS?)$", re.IGNORECASE
)
WORDS = {"WEEKLY": (7, "D"), "QS": (7, "D"), "MONTHLY": (1, "M"), "QOD": (2, "D")}
NO_FREQUENCY = "given over several days, without a frequency"
NOT_REGULAR = "given as needed, continuously or by an unknown frequency"
NO_DAYS = "the start or the end is missing or not complete"


def with_amounts(exposure: pd.DataFrame) -> pd.DataFrame:
    """Adds ADMINS, the administrations, AMOUNT in EXDOSU, and `why` where one is not estimable.

    `exposure` has EXTRT, EXDOSE, EXDOSTOT (the total of a day), EXDOSFRQ, EXSTDTC and EXENDTC. A
    blank end is open, unless no record of the drug has one: then each is a point in time.
    """
    start, end = text(exposure, "EXSTDTC"), text(exposure, "EXENDTC")
    points = (end == "").groupby(exposure["EXTRT"]).transform("all").astype(bool)
    frequency = text(exposure, "EXDOSFRQ").astype(str).str.upper().str.split().str.join(" ")
    plain = frequency.where(~frequency.isin(BLANK), "")
    end = end.where(~(points & (plain == "")), start)
    first, last = earliest_day(start), earliest_day(end)
    full = first.notna() & last.notna()
    full &= (imputation_flag(start) == "") & (imputation_flag(end) == "") & (last >= first)
    rows = zip(plain, first.where(full), last.where(full), strict=True)
    found = [_administrations(*row) for row in rows]
    number = pd.Series([n for n, _ in found], index=exposure.index, dtype=float)
    why = pd.Series([w for _, w in found], index=exposure.index, dtype=object)
    amount = exposure["EXDOSE"] * number
    daily = exposure["EXDOSTOT"]
    days = (last - first).dt.days.add(1).where(full).astype(float)
    dosing = _dosing_days(plain, number, days)
    by_day = daily.notna() & dosing.notna()
    amount = amount.mask(by_day, daily * dosing)
    return exposure.assign(ADMINS=number, AMOUNT=amount, why=why)


def _dosing_days(frequency: pd.Series, number: pd.Series, days: pd.Series) -> pd.Series:
    """On how many days something was given: all of them, or as many as administrations."""
    every_day = frequency.isin([*A_DAY, ""]) | frequency.str.startswith("CONTINUOUS")
    return days.where(every_day, number)


def _administrations(frequency: str, first: pd.Timestamp, last: pd.Timestamp) -> tuple[float, str]:
    if frequency in ONCE:
        return 1.0, ""
    if pd.isna(first):
        return np.nan, NO_DAYS
    days = (last - first).days + 1
    if not frequency:
        return (1.0, "") if days == 1 else (np.nan, NO_FREQUENCY)
    if frequency in A_DAY:
        return A_DAY[frequency] * days, ""
    interval = _interval(frequency)
    if interval is None:
        return np.nan, NOT_REGULAR
    n, of = interval
    if of == "M":
        months = (last.year - first.year) * 12 + last.month - first.month
        months -= last.day < first.day
        return float(months // n + 1), ""
    return float((days - 1) // n + 1), ""


def _interval(frequency: str) -> tuple[int, str] | None:
    """Every so many days ("D") or months ("M"); None for no regular interval."""
    if frequency in WORDS:
        return WORDS[frequency]
    found = INTERVAL.match(frequency)
    if found is None:
        return None
    written = (found["n"] or "1").upper()
    n = 2 if written == "OTHER" else int(written)
    of = found["of"][0].upper()
    if n == 0:
        return None
    return (7 * n, "D") if of == "W" else (n, of)
