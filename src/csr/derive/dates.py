"""ISO 8601 dates, also partial ones, as analysis dates with their imputation flags (METHODS §0b).

Every `impute_` function takes text (--DTC) and gives an `Imputed`: the date (datetime64, NaT where
there is none) and the flag of what was imputed: "" nothing, "D" the day, "M" the month (and day).
A missing year is never imputed. All work on Series with one index and keep it.

Source: METHODS §0b; flags as in ADaMIG 1.3 (--DTF).
"""

from __future__ import annotations

from typing import Literal, NamedTuple

import pandas as pd

from csr.derive.findings import find_rows
from csr.errors import Finding

# 2014, 2014-02, 2014-02-12, 2014---12 (month unknown); times after T are not looked at.
ISO_8601 = r"^(?P<year>\d{4}|-)(?:-(?P<month>\d{2}|-)(?:-(?P<day>\d{2}))?)?(?:T[\d:.,+Z-]*)?$"
NO_DATE = "datetime64[ns]"


class Imputed(NamedTuple):
    """A date per record and the flag of what was imputed in it."""

    date: pd.Series
    flag: pd.Series


def earliest_day(dtc: pd.Series) -> pd.Series:
    """The first day a partial date can mean; NaT for missing, impossible and year-less dates."""
    parts = _parts(dtc)
    return _compose(parts["year"], parts["month"].fillna("01"), parts["day"].fillna("01"))


def latest_day(dtc: pd.Series) -> pd.Series:
    """The last day a partial date can mean; NaT for missing, impossible and year-less dates."""
    parts = _parts(dtc)
    first_of_month = _compose(
        parts["year"], parts["month"].fillna("12"), pd.Series("01", dtc.index)
    )
    month_end = first_of_month + pd.offsets.MonthEnd(0)
    exact = _compose(parts["year"], parts["month"].fillna("12"), parts["day"])
    return exact.where(parts["day"].notna(), month_end)


def imputation_flag(dtc: pd.Series) -> pd.Series:
    """What a full date would need: "" nothing (or it can't be had), "D" the day, "M" the month."""
    parts = _parts(dtc)
    flag = pd.Series("", index=dtc.index, dtype=object)
    flag[parts["day"].isna()] = "D"
    flag[parts["month"].isna()] = "M"
    flag[earliest_day(dtc).isna()] = ""
    return flag


def impute_start(dtc: pd.Series, t0: pd.Series, end: pd.Series | None = None) -> Imputed:
    """Start of an adverse event or medication: the earliest possible day, but not before T0.

    A partial date whose range holds T0 becomes T0 (the event counts as treatment-emergent), unless
    `end`, the text of the end date, shows that it was over before.
    """
    first, last = earliest_day(dtc), latest_day(dtc)
    if end is not None:
        over = latest_day(end)
        last = last.where(over.isna() | (over > last), over)
    holds_t0 = (first < t0) & (t0 <= last)
    return Imputed(first.mask(holds_t0, t0), imputation_flag(dtc))


def impute_end(dtc: pd.Series, not_after: pd.Series) -> Imputed:
    """End of an adverse event or medication: the last possible day, not after death or cut-off.

    `not_after` is the earlier of the two (NaT: no limit). A date recorded in full stays, and an
    imputed one never leaves the month or year that was recorded.
    """
    first, last = earliest_day(dtc), latest_day(dtc)
    limit = not_after.where(not_after > first, first)
    capped = last.where(not_after.isna() | (last <= limit), limit)
    return Imputed(capped, imputation_flag(dtc))


def impute_death(dtc: pd.Series, last_alive: pd.Series) -> Imputed:
    """Death: in full as recorded; day or month missing, the later of last known alive + 1 and 1st.

    Capped at the last day the partial date can mean.
    """
    first, last = earliest_day(dtc), latest_day(dtc)
    day_after = last_alive + pd.Timedelta(days=1)
    flag = imputation_flag(dtc)
    later = first.where(last_alive.isna() | (first >= day_after), day_after)
    capped = later.where(later <= last, last)
    return Imputed(first.where(flag == "", capped), flag)


def impute_scan(dtc: pd.Series, how: Literal["no", "first", "last"]) -> Imputed:
    """A scan date: not imputed (NaT where partial), or only its day, by the protocol."""
    flag = imputation_flag(dtc)
    first, last = earliest_day(dtc), latest_day(dtc)
    if how == "no":
        return Imputed(first.where(flag == ""), pd.Series("", index=dtc.index, dtype=object))
    date = first if how == "first" else last
    return Imputed(date.where(flag != "M"), flag.where(flag != "M", ""))


def study_day(date: pd.Series, t0: pd.Series) -> pd.Series:
    """Days from T0 in ADaM's count: T0 is day 1, the day before is day -1, there is no day 0."""
    days = infusion_day(date, t0)
    return days.where(days < 0, days + 1)


def infusion_day(date: pd.Series, t0: pd.Series) -> pd.Series:
    """Days from T0 as cell-therapy protocols count: the day of infusion is day 0."""
    return (date - t0).dt.days.astype(float)


def find_impossible_dates(
    frame: pd.DataFrame, dataset: str, column: str, keys: tuple[str, ...]
) -> list[Finding]:
    """Dates that are no dates (2014-02-30, 12FEB2014) or have no year: named, and left missing."""
    text = frame[column].fillna("")
    wrong = (text != "") & earliest_day(text).isna()
    return find_rows(
        frame[wrong],
        Finding(
            "warning",
            dataset,
            column,
            "impossible-date",
            "not a possible date; ISO 8601 with at least the year is allowed; left missing",
            "correct the source",
        ),
        keys,
        column,
    )


def _parts(dtc: pd.Series) -> pd.DataFrame:
    """Year, month and day as text; missing where unknown or the whole is not ISO 8601."""
    parts = dtc.fillna("").astype(str).str.extract(ISO_8601)[["year", "month", "day"]]
    return parts.mask(parts == "-")


def _compose(year: pd.Series, month: pd.Series, day: pd.Series) -> pd.Series:
    return pd.to_datetime(year + "-" + month + "-" + day, format="%Y-%m-%d", errors="coerce")
