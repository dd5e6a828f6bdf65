"""Start and end of an event or intervention, imputed together (METHODS §0b, §10.9).

A date that was recorded in full stands. What is blank or partial is bounded by the other end (what
ended before T0 did not start after it) and by what the record says beside its dates: --STRTPT with
--STTPT, --ENRTPT with --ENTPT, --STRF, --ENRF. BEFORE a reference on or before T0 is before T0;
AFTER and ONGOING at a reference on or after T0 is after it; U, blank and COINCIDENT say nothing.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import pandas as pd

from csr.derive.dates import (
    Imputed,
    earliest_day,
    imputation_flag,
    impute_end,
    impute_start,
    latest_day,
)
from csr.derive.moments import AFTER, BEFORE, day_moments, moments, side_of
from csr.derive.sources import Sdtm, text

# Reference points that sites write in --STTPT and --ENTPT, by when they are; the first that fits.
LATE = re.compile(
    r"end of|follow|discontinu|withdraw|last|cut-?off|final|second|(?:infusion|dose|cycle) [2-9]"
    r"|(?:week|month|year) \d|day (?:[2-9]|\d\d)",
    re.IGNORECASE,
)
EARLY = re.compile(
    r"screen|baseline|consent|enrol|random|apheresis|lymphodeplet|conditioning"
    r"|pre[\s-]*(?:dose|infusion|treatment)|study (?:start|entry)|start of study|first visit",
    re.IGNORECASE,
)
AT_T0 = re.compile(
    r"(?:first|1st|initial|start of).*(?:dose|infusion|treatment|drug|exposure|medication|car)"
    r"|^(?:car-?t(?:[ -]cell)? )?(?:infusion|dose)(?: 1)?$|^day [01]$|treatment start",
    re.IGNORECASE,
)


class Period(NamedTuple):
    """When something began and ended, and where both lie against T0.

    `begun` and `over`: BEFORE, AFTER or "" (can't be told) per record. `over` is AFTER also of
    what is known to have gone on at T0 or later.
    """

    start: Imputed
    end: Imputed
    begun: pd.Series
    over: pd.Series


def impute_period(
    sdtm: Sdtm, frame: pd.DataFrame, prefix: str, reference: pd.DataFrame, limit: pd.Series
) -> Period:
    """The period of each record of `frame`, whose domain has the letters `prefix`.

    `reference` has the moment of T0 by subject; `limit` is the last day an end can have, per
    record.
    """
    own = reference.reindex(frame["USUBJID"]).set_axis(frame.index)
    own = own.assign(timed=own["timed"].eq(True))
    t0 = own["first"].dt.normalize()
    start_text, end_text = text(frame, f"{prefix}STDTC"), text(frame, f"{prefix}ENDTC")
    start_said, end_said = _said(sdtm, frame, prefix, t0)
    over = _over(end_text, own, end_said)
    start = _start(start_text, end_text, t0, start_said, over)
    begun = begun_against(start_text, start, own, start_said)
    undated = start.date.isna()
    begun = begun.mask(undated & t0.notna(), start_said.mask(over == BEFORE, BEFORE))
    same_day = (start.date == t0) & (over == BEFORE)
    return Period(start, impute_end(end_text, limit), begun.mask(same_day, BEFORE), over)


def begun_against(
    written: pd.Series, start: Imputed, reference: pd.DataFrame, said: pd.Series | None = None
) -> pd.Series:
    """The side of a start against a reference moment, row by row: its text, or the day imputed.

    `said` (BEFORE, AFTER or "") decides on the reference's own day, without times.
    """
    exact = moments(written)
    imputed = day_moments(start.date)
    at = exact.where(start.flag == "", imputed)
    at = at.assign(timed=at["timed"].eq(True), offset=at["offset"].astype(float))
    nothing = pd.Series("", index=written.index, dtype=object)
    return side_of(at, reference, nothing if said is None else said, "event")


def over_against(frame: pd.DataFrame, prefix: str, reference: pd.DataFrame) -> pd.Series:
    """The side of an end date against a reference moment, row by row; "" where it is blank."""
    nothing = pd.Series("", index=frame.index, dtype=object)
    return side_of(moments(text(frame, f"{prefix}ENDTC")), reference, nothing, "event")


def _over(written: pd.Series, reference: pd.DataFrame, said: pd.Series) -> pd.Series:
    nothing = pd.Series("", index=written.index, dtype=object)
    side = side_of(moments(written), reference, nothing, "event")
    full = (imputation_flag(written) == "") & earliest_day(written).notna()
    return side.mask((side == "") & ~full, said)


def _start(
    written: pd.Series, end: pd.Series, t0: pd.Series, said: pd.Series, over: pd.Series
) -> Imputed:
    """As `impute_start`, and a partial start known to be before T0 is not moved to it."""
    imputed = impute_start(written, t0, end)
    first = earliest_day(written)
    before = (imputed.flag != "") & (first < t0) & ((said == BEFORE) | (over == BEFORE))
    return Imputed(imputed.date.mask(before, first), imputed.flag)


def _said(
    sdtm: Sdtm, frame: pd.DataFrame, prefix: str, t0: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """What the record says of its start and its end against T0, beside the dates."""
    begins, ends = _study_reference(sdtm, frame)
    found = []
    for point, at, relative in (("STRTPT", "STTPT", "STRF"), ("ENRTPT", "ENTPT", "ENRF")):
        word = text(frame, f"{prefix}{point}").str.upper().str.strip()
        early, late = _place(sdtm, frame, text(frame, f"{prefix}{at}"), t0)
        side = _side(word, early, late, late)
        word = text(frame, f"{prefix}{relative}").str.upper().str.strip()
        period = _side(word, begins <= t0, begins >= t0, ends >= t0)
        found.append(side.where(side != "", period))
    return found[0], found[1]


def _side(word: pd.Series, early: pd.Series, late: pd.Series, end_late: pd.Series) -> pd.Series:
    """The side a word puts a date on: `early`, the reference is on or before T0; `late`, on or
    after it; `end_late`, the end of the reference period is."""
    side = pd.Series("", index=word.index, dtype=object)
    side = side.mask((word == "BEFORE") & early, BEFORE)
    side = side.mask(word.isin(["DURING", "DURING/AFTER"]) & late, AFTER)
    return side.mask(word.isin(["AFTER", "ONGOING"]) & end_late, AFTER)


def _study_reference(sdtm: Sdtm, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Start and end of the study reference period, to which --STRF and --ENRF are relative."""
    blank = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
    if "dm" not in sdtm:
        return blank, blank
    dm = sdtm["dm"].drop_duplicates("USUBJID").set_index("USUBJID")
    days = [latest_day(text(dm, "RFSTDTC")), earliest_day(text(dm, "RFENDTC"))]
    found = [pd.to_datetime(frame["USUBJID"].map(day)) for day in days]
    return found[0], found[1]


def _place(
    sdtm: Sdtm, frame: pd.DataFrame, point: pd.Series, t0: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """Whether a reference point is on or before T0, and whether on or after it.

    It is a date, a visit of SV by its name, or one of the words that say when it is.
    """
    first, last = earliest_day(point), latest_day(point)
    visited = _visits(sdtm)
    if visited is not None:
        keys = pd.MultiIndex.from_arrays([frame["USUBJID"], point.str.upper().str.strip()])
        day = pd.Series(pd.to_datetime(visited.reindex(keys).to_numpy()), index=frame.index)
        first, last = first.fillna(day), last.fillna(day)
    dated = first.notna()
    early, late = last <= t0, first >= t0
    at_late = point.str.contains(LATE) & ~dated
    at_t0 = point.str.contains(AT_T0) & ~dated & ~at_late
    at_early = point.str.contains(EARLY) & ~dated & ~at_late
    return early | at_t0 | at_early, late | at_late | at_t0


def _visits(sdtm: Sdtm) -> pd.Series | None:
    """The first day of each visit by subject and name, in capitals."""
    if "sv" not in sdtm or "VISIT" not in sdtm["sv"]:
        return None
    sv = sdtm["sv"]
    day = earliest_day(text(sv, "SVSTDTC"))
    names = [sv["USUBJID"], text(sv, "VISIT").str.upper().str.strip()]
    return day.groupby(names).min()
