"""Before or after a reference moment: the one rule for the records of every domain (METHODS §10.9).

A moment is what a --DTC says of a point in time, as four columns: `first` and `last` (datetime64,
the first and the last instant it can mean, wall clock), `timed` (the time of day is known) and
`offset` (minutes from UTC; NaN where not said). Which side of a reference a record lies on:

1. both with a time of day: the earlier instant (in UTC where both have an offset);
2. else the days, where they tell;
3. else what the record says of itself: its planned time point (PRE-DOSE, POST-DOSE);
4. else a result is before the reference of its day, an event after it.

A partial date that can mean either side is on neither: "". So is a date that is not there.
"""

from __future__ import annotations

import re
from typing import Literal

import pandas as pd

from csr.derive.dates import earliest_day, infusion_day, latest_day
from csr.derive.sources import text
from csr.derive.visit_names import POST, PRE

BEFORE, AFTER = "before", "after"
Kind = Literal["result", "event"]
COLUMNS = ("first", "last", "timed", "offset")
DAY, INSTANT = pd.Timedelta(days=1), pd.Timedelta(1, unit="ns")
TIME = (
    r"T(?P<hour>[01]\d|2[0-3])(?::(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,]\d+)?)?)?"
    r"(?P<zone>Z|[+-]\d{2}(?::?\d{2})?)?$"
)
# Words of a planned time point, each with its side; the first that fits counts.
DOSE = r"(?:dose|dosing|infusion|treatment)"
POINTS = (
    (re.compile(rf"\bpre[\s-]*{DOSE}", re.IGNORECASE), BEFORE),
    (re.compile(rf"\bpost[\s-]*{DOSE}", re.IGNORECASE), AFTER),
    (re.compile(rf"\b(?:before|prior to)\b.*{DOSE}", re.IGNORECASE), BEFORE),
    (re.compile(rf"\b(?:after|following|end of)\b.*{DOSE}|\bEOI\b", re.IGNORECASE), AFTER),
    (PRE, BEFORE),
    (POST, AFTER),
)
SCREENING = re.compile(r"screening|baseline", re.IGNORECASE)


def moments(dtc: pd.Series) -> pd.DataFrame:
    """The moment of each --DTC text; `first` is NaT where there is no possible date."""
    codes, texts = pd.factorize(dtc.fillna("").astype(str))
    return _moments(pd.Series(texts, dtype=object)).take(codes).set_axis(dtc.index)


def _moments(written: pd.Series) -> pd.DataFrame:
    day = earliest_day(written)
    full = day == latest_day(written)
    time = written.str.extract(TIME)
    timed = full & time["hour"].notna()
    parts = [pd.to_timedelta(pd.to_numeric(time[unit]).fillna(0), unit=unit)
             for unit in ("hour", "minute", "second")]  # fmt: skip
    at = day + sum(parts[1:], parts[0])
    width = pd.Series(pd.Timedelta(hours=1), index=written.index)
    width = width.mask(time["minute"].notna(), pd.Timedelta(minutes=1))
    width = width.mask(time["second"].notna(), pd.Timedelta(seconds=1))
    return pd.DataFrame(
        {
            "first": at.where(timed, day),
            "last": (at + width).where(timed, latest_day(written) + DAY) - INSTANT,
            "timed": timed,
            "offset": _minutes(time["zone"]).where(timed),
        }
    )


def day_moments(days: pd.Series) -> pd.DataFrame:
    """The moments of whole days (datetime64), without a time of day."""
    start = days.dt.normalize()
    return pd.DataFrame(
        {"first": start, "last": start + DAY - INSTANT, "timed": False, "offset": float("nan")},
        index=days.index,
    )


def side_of(
    records: pd.DataFrame, reference: pd.DataFrame, said: pd.Series, kind: Kind
) -> pd.Series:
    """BEFORE, AFTER or "" per record; `reference` is the moment it is held against, row by row."""
    start, end, zero, zero_end = _comparable(records, reference)
    timed = records["timed"] & reference["timed"]
    side = pd.Series("", index=records.index, dtype=object)
    side = side.mask(end < zero, BEFORE).mask(start > zero_end, AFTER)
    told = timed & (side != "")
    day, last = records["first"].dt.normalize(), records["last"].dt.normalize()
    ref, ref_last = reference["first"].dt.normalize(), reference["last"].dt.normalize()
    by_day = pd.Series("", index=records.index, dtype=object)
    if kind == "result":
        by_day = by_day.mask(last <= ref, BEFORE)
    else:
        by_day = by_day.mask(day >= ref_last, AFTER)
    by_day = by_day.where(said == "", said)
    by_day = by_day.mask(last < ref, BEFORE).mask(day > ref_last, AFTER)
    known = records["first"].notna() & reference["first"].notna()
    return side.where(told, by_day).where(known, "")


def _comparable(
    records: pd.DataFrame, reference: pd.DataFrame
) -> tuple[pd.Series, pd.Series, pd.Series, pd.Series]:
    """First and last instants of both: in UTC where both say their offset, else as written."""
    both = records["offset"].notna() & reference["offset"].notna()
    shift = pd.to_timedelta((records["offset"] - reference["offset"]).where(both, 0), unit="min")
    return (
        records["first"] - shift,
        records["last"] - shift,
        reference["first"],
        reference["last"],
    )


def said_of(frame: pd.DataFrame, prefix: str) -> pd.Series:
    """What a record says of its own side: --TPT, else the sign of --ELTM, else its visit's name."""
    point, visit = text(frame, f"{prefix}TPT"), text(frame, "VISIT")
    elapsed = text(frame, f"{prefix}ELTM").astype(str).str.strip()
    side = _side_of_words(point)
    ahead = elapsed.str.startswith("-P")
    later = elapsed.str.match(r"^PT.*[1-9]")
    side = side.mask((side == "") & ahead, BEFORE).mask((side == "") & later, AFTER)
    named = _side_of_words(visit).mask(visit.str.contains(SCREENING), BEFORE)
    return side.where(side != "", named)


def _side_of_words(words: pd.Series) -> pd.Series:
    found = {}
    for word in words.astype(str).unique():
        found[word] = next((side for pattern, side in POINTS if pattern.search(word)), "")
    return words.astype(str).map(found).astype(object)


def reference_moments(days: pd.Series, given: pd.DataFrame) -> pd.DataFrame:
    """Per subject (index of `days`) the moment of an exposure on that day.

    `given` has USUBJID, ASTDT and EXSTDTC. The first of several that day; without a time of day
    where any of them has none, for that one may have been the first.
    """
    exposed = given[["USUBJID", "ASTDT", "EXSTDTC"]].reset_index(drop=True)
    exposed = exposed[exposed["ASTDT"] == exposed["USUBJID"].map(days)]
    first = first_moments(exposed, ["USUBJID"]).reindex(days.index)
    whole = day_moments(days)
    known = first["first"].notna()
    merged = {c: first[c].where(known, whole[c]) for c in ("first", "last", "offset")}
    return pd.DataFrame({**merged, "timed": known & first["timed"].eq(True)})


def first_moments(exposed: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    """The earliest moment (EXSTDTC) of each group of exposures, indexed by the group."""
    at = pd.concat([exposed[by], moments(exposed["EXSTDTC"])], axis=1)
    order = at.assign(rank=at["timed"].astype(int), day=at["first"].dt.normalize())
    order = order.sort_values([*by, "day", "rank", "first"], kind="stable")
    return order.drop_duplicates(by).set_index(by)[list(COLUMNS)]


def moment_columns(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    """The moments of a findings domain's records, with `said`: what `side_for` needs of them."""
    return moments(text(frame, f"{prefix}DTC")).assign(said=said_of(frame, prefix))


def side_for(
    who: pd.Series, records: pd.DataFrame, reference: pd.DataFrame, kind: Kind
) -> pd.Series:
    """The side of each record against its subject's moment (`reference`, index USUBJID)."""
    own = reference.reindex(who).set_axis(records.index)
    own = own.assign(timed=own["timed"].eq(True))
    said = records["said"] if "said" in records else pd.Series("", index=records.index)
    return side_of(records, own, said, kind)


def latest_infusion(
    who: pd.Series, records: pd.DataFrame, infused: pd.DataFrame, kind: Kind
) -> pd.DataFrame:
    """AINFN, the latest infusion that began before each record, 0 for none; AINFDY, days since.

    `infused`: a row per infusion with USUBJID, AINFN, ASTDT and its moment. AINFN is missing
    without a date, and where a partial date can be on either side of an infusion. AINFDY is 0 on
    the infusion's day.
    """
    own = records.assign(USUBJID=who, row=range(len(records)))
    again = {c: f"{c}_of" for c in COLUMNS}
    moment = infused[["USUBJID", "AINFN", "ASTDT", *COLUMNS]].rename(columns=again)
    pairs = own.merge(moment, on="USUBJID").reset_index(drop=True)
    reference = pairs[list(again.values())].set_axis(list(COLUMNS), axis=1)
    said = pairs["said"] if "said" in pairs else pd.Series("", index=pairs.index)
    side = side_of(pairs, reference, said, kind)
    reached = pairs[side == AFTER].sort_values(["row", "AINFN"], kind="stable")
    last = reached.drop_duplicates("row", keep="last").set_index("row")
    open_ = set(pairs.loc[(side == "") & pairs["first"].notna(), "row"])
    rows = pd.Series(range(len(records)), index=records.index)
    dated = records["first"].notna() & ~rows.isin(open_)
    since = infusion_day(last["first"].dt.normalize(), last["ASTDT"])
    return pd.DataFrame(
        {
            "AINFN": rows.map(last["AINFN"]).astype(float).fillna(0.0).where(dated),
            "AINFDY": rows.map(since).astype(float).where(dated),
        }
    )


def _minutes(zone: pd.Series) -> pd.Series:
    """Minutes from UTC; `Z` 0, `+09:00` 540."""
    parts = zone.str.extract(r"^([+-])(\d{2}):?(\d{2})?$")
    minutes = pd.to_numeric(parts[1]) * 60 + pd.to_numeric(parts[2]).fillna(0)
    return minutes.where(parts[0] != "-", -minutes).where(zone != "Z", 0.0).astype(float)
