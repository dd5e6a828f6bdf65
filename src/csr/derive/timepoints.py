"""Timepoints of tumour assessment: which records of RS, TR and TU belong together (METHODS §10.1).

A timepoint is one evaluator's: an overall response with the tumour records that

1. share its link group, where one overall response holds it; else
2. share its visit number, where this evaluator has one overall response under it; else
3. are nearest to its date, within `response.timepoint_days` (the later on a tie).

The same lesion measured on two days makes two timepoints, whatever link and visit say: the scan
nearest to the overall response is its own. Scans without an overall response are clustered alike:
different lesions on days no further apart than `timepoint_days` are one timepoint. Two records of
an overall response are of one timepoint where they are of one day, or share link or visit within
those days and no lesion was measured on two days between them. What lies before the baseline's
limit, between it and time zero, and after it never meets.

Timepoints are numbered in time (ASMTN) per subject and evaluator. What is compared ("up to
progression, that one included") is this number, never two dates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import pandas as pd

from csr.derive.dates import earliest_day, latest_day
from csr.derive.infusions import first_infusion
from csr.derive.lesion_groups import DIAMETERS, lesion_id
from csr.derive.moments import AFTER
from csr.derive.sources import NOTHING, Sdtm, accepted, done, evaluator, number, text
from csr.derive.standing_responses import standing_responses
from csr.derive.tumour_baseline import baseline_moments, sides
from csr.params.protocol import Protocol

SERIES = ["USUBJID", "EVAL"]
TIMEPOINT = [*SERIES, "ASMTN"]
EPOCH = pd.Timestamp("1970-01-01")
FAR = 10**9
PERIODS = (0, 1, 2)
BY_LINK, BY_VISIT, BY_DATE = 0, 1, 2


@dataclass(frozen=True)
class Timepoints:
    """Every timepoint, and the number of the timepoint of each record.

    `points`: USUBJID, EVAL, ASMTN; FIRST and LAST, the first and last full date of its scans (NaT:
    none); VISITNUM, VISIT; PERIOD, 0 where it can be baseline, 2 after time zero, 1 between;
    SPAN, days from the first to the last scan; HASRESP, whether an overall response is of it.
    `of`: by domain (rs, tr, tu) ASMTN by the index of the domain, missing for records of a reader
    who is not accepted.
    """

    points: pd.DataFrame
    of: dict[str, pd.Series]


@dataclass(frozen=True)
class _Unit:
    """Records of one evaluator that share link, visit and date, or an overall response."""

    rows: tuple[tuple[str, object], ...]
    first: int | None
    last: int | None
    link: str
    visit: float | None
    name: str
    periods: frozenset[int]
    scanned: bool = False
    measured: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    response: str = ""

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.first is not None and self.first == self.last

    @property
    def order(self) -> tuple:
        """A place in time that rests on what was recorded, not on the order of the source."""
        first = FAR if self.first is None else self.first
        last = FAR if self.last is None else self.last
        visit = FAR if self.visit is None else self.visit
        return (first, last, visit, self.link, self.response, self.name, sorted(self.measured))


Block = tuple[_Unit, ...]
"""Tumour records of one evaluator of one day: they are never torn apart."""


@dataclass
class _Point:
    """A timepoint in the making: its overall responses and its tumour records."""

    responses: list[_Unit] = field(default_factory=list)
    scans: list[_Unit] = field(default_factory=list)

    @property
    def periods(self) -> frozenset[int]:
        return frozenset.intersection(*(u.periods for u in (*self.responses, *self.scans)))

    @property
    def period(self) -> int:
        return max(self.periods) if self.responses else min(self.periods)

    def takes(self, block: Block, window: int) -> bool:
        """Whether records may be of it: their period, and no lesion measured on another day."""
        if any(_repeats(unit, scan, window) for unit in block for scan in self.scans):
            return False
        return bool(self.periods.intersection(*(unit.periods for unit in block)))

    def holds(self, key: str, value: object) -> bool:
        """Whether an overall response (or, without any, a scan) has this link or visit."""
        return any(getattr(u, key) == value for u in (self.responses or self.scans))

    def gap(self, unit: _Unit) -> int:
        """Days between the unit and the overall responses (or, without any, the scans)."""
        return min((_gap(unit, u) for u in (self.responses or self.scans)), default=FAR)

    def gap_to_any(self, unit: _Unit) -> int:
        """Days between the unit and anything of the timepoint."""
        return min((_gap(unit, u) for u in (*self.responses, *self.scans)), default=FAR)

    @property
    def days(self) -> list[int]:
        """The days it was scanned on; only full dates."""
        return sorted(s.first for s in self.scans if s.scanned and s.exact and s.first is not None)

    @property
    def order(self) -> tuple:
        """Its place in time: its scans, else its overall responses, else whatever has a date."""
        answered = [u.first for u in self.responses if u.first is not None]
        other = [u.first for u in self.scans if u.first is not None]
        known = self.days or sorted(answered) or sorted(other)
        units = sorted([*self.responses, *self.scans], key=lambda u: u.order)
        return (known[0] if known else FAR, *units[0].order)


def find_timepoints(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> Timepoints:
    """The timepoints of all overall responses and tumour records, by the rules above.

    `adsl` has USUBJID, TRTSDT and LDSTDT. Overall responses are those the protocol names, of valid
    value; the other records of RS (TRGRESP …) are placed at the timepoint of the same link, visit
    or date.
    """
    bounds = _Bounds.of(sdtm, adsl, protocol)
    overall = standing_responses(sdtm, protocol)
    answers = _response_units(overall, bounds)
    scans = _scan_units(sdtm, bounds)
    parts = _part_units(sdtm, overall.index, bounds)
    window = protocol.response.timepoint_days
    placed: list[dict] = []
    numbers: dict[str, dict[object, int]] = {"rs": {}, "tr": {}, "tu": {}}
    for series in sorted({*answers, *scans, *parts}):
        points = _timepoints_of(answers.get(series, []), scans.get(series, []), window)
        for n, point in enumerate(points, start=1):
            placed.append(_described(series, n, point))
            for domain, row in _rows_of(point):
                numbers[domain][row] = n
        for unit in parts.get(series, []):
            at = _point_of_part(unit, points, window)
            numbers["rs"] |= {} if at is None else dict.fromkeys((r for _, r in unit.rows), at + 1)
    return Timepoints(_points_frame(placed), _by_domain(numbers, sdtm))


def _rows_of(point: _Point) -> Iterable[tuple[str, object]]:
    return (row for unit in (*point.responses, *point.scans) for row in unit.rows)


# Periods


@dataclass(frozen=True)
class _Bounds:
    """By subject the moment the baseline is before, and time zero."""

    limit: pd.DataFrame
    t0: pd.DataFrame

    @classmethod
    def of(cls, sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> _Bounds:
        t0 = first_infusion(sdtm, adsl.set_index("USUBJID")["TRTSDT"], protocol)
        return cls(baseline_moments(sdtm, adsl, protocol), t0)

    def period(self, subjects: pd.Series, day: pd.Series, written: pd.Series) -> pd.Series:
        """0 up to the baseline's limit, 1 up to time zero, 2 after it; 0 where not treated.

        A record of the day itself is before, unless both have a time and it is the later.
        """
        past = sides(subjects, day, written, self.limit) == AFTER
        return past.astype(int) + (sides(subjects, day, written, self.t0) == AFTER).astype(int)


def _days(dates: pd.Series) -> list[int | None]:
    days = (dates - EPOCH).dt.days
    return [None if pd.isna(d) else int(d) for d in days]


# Units


def _response_units(rows: pd.DataFrame, bounds: _Bounds) -> dict[tuple, list[_Unit]]:
    """Each record of an overall response is a unit, of the period in which it may have ended."""
    first, last = earliest_day(text(rows, "RSDTC")), latest_day(text(rows, "RSDTC"))
    period = bounds.period(rows["USUBJID"], last, text(rows, "RSDTC"))
    units: dict[tuple, list[_Unit]] = {}
    columns = zip(
        rows.index,
        rows["USUBJID"],
        evaluator(rows, "RS"),
        _days(first),
        _days(last),
        text(rows, "RSLNKGRP"),
        number(rows, "VISITNUM"),
        text(rows, "VISIT"),
        period,
        text(rows, "RSSTRESC"),
        strict=True,
    )
    for row, subject, who, start, end, link, visit, name, at, response in columns:
        unit = _Unit(
            (("rs", row),),
            start,
            end,
            link,
            None if pd.isna(visit) else float(visit),
            name,
            frozenset((int(at),) if end is not None else PERIODS),
            response=response,
        )
        units.setdefault((subject, who), []).append(unit)
    return units


UNIT = ("link", "visit", "name", "first", "last", "low", "high")


def _scan_units(sdtm: Sdtm, bounds: _Bounds) -> dict[tuple, list[_Unit]]:
    """TR and TU of accepted readers; records that share link, visit and date are one unit."""
    both = pd.concat([_tumour_rows(sdtm, domain) for domain in ("tr", "tu")], ignore_index=True)
    who, dtc = both["USUBJID"], both["dtc"]
    low = bounds.period(who, both["first"], dtc).where(both["first"].notna(), 0)
    high = bounds.period(who, both["last"], dtc).where(both["last"].notna(), 2)
    dated = both.assign(low=low, high=high, first=_days(both["first"]), last=_days(both["last"]))
    found: dict[tuple, list[dict]] = {}
    for row in dated.to_dict("records"):
        key = tuple(_plain(row[c]) for c in (*SERIES, *UNIT))
        found.setdefault(key, []).append(row)
    units: dict[tuple, list[_Unit]] = {}
    for (subject, who, link, visit, name, first, last, least, most), rows in found.items():
        unit = _Unit(
            tuple((row["domain"], row["row"]) for row in rows),
            None if first is None else int(first),
            None if last is None else int(last),
            link,
            visit,
            name,
            frozenset(range(int(least), int(most) + 1)),
            any(row["scanned"] for row in rows),
            frozenset(row["measured"] for row in rows) - {""},
            frozenset(row["state"] for row in rows) - {""},
        )
        units.setdefault((subject, who), []).append(unit)
    return units


def _plain(value: Any) -> Any:
    return None if pd.isna(value) else value


def _tumour_rows(sdtm: Sdtm, domain: str) -> pd.DataFrame:
    prefix = domain.upper()
    frame = sdtm.get(domain, NOTHING)
    frame = frame[accepted(frame, prefix)]
    dtc, was_done = text(frame, f"{prefix}DTC"), done(frame, prefix)
    lesion = lesion_id(frame, prefix)
    test = text(frame, f"{prefix}TESTCD").str.upper()
    named = was_done & (lesion != "") & (domain == "tr")
    return pd.DataFrame(
        {
            "domain": domain,
            "row": frame.index,
            "USUBJID": frame["USUBJID"],
            "EVAL": evaluator(frame, prefix),
            "link": text(frame, f"{prefix}LNKGRP"),
            "visit": number(frame, "VISITNUM"),
            "name": text(frame, "VISIT"),
            "dtc": dtc,
            "first": earliest_day(dtc),
            "last": latest_day(dtc),
            "scanned": was_done,
            "measured": (lesion + "|" + test).where(named & test.isin(DIAMETERS), ""),
            "state": (lesion + "|" + test).where(named & ~test.isin(DIAMETERS), ""),
        }
    )


def _part_units(sdtm: Sdtm, overall: pd.Index, bounds: _Bounds) -> dict[tuple, list[_Unit]]:
    """The records of RS that are no overall response, to be placed beside one."""
    frame = sdtm.get("rs", NOTHING)
    frame = frame[accepted(frame, "RS") & ~frame.index.isin(overall)]
    return _response_units(frame, bounds)


# Placing


def _gap(one: _Unit, other: _Unit) -> int:
    """Days between two units: 0 where they can be of one day, very many where one has no date."""
    if one.first is None or other.first is None or one.last is None or other.last is None:
        return FAR
    return max(one.first - other.last, other.first - one.last, 0)


def _repeats(one: _Unit, other: _Unit, window: int) -> bool:
    """Whether a lesion was measured in both on two days (or seen in both, further apart)."""
    if (one.first, one.last) == (other.first, other.last):
        return False
    if one.measured & other.measured:
        return True
    return bool(one.states & other.states) and window < _gap(one, other) < FAR


def _blocks(units: Iterable[_Unit]) -> list[Block]:
    """Units by their day, in time; those without a full date stay alone."""
    found: list[Block] = []

    def when(unit: _Unit) -> tuple:
        return (*unit.order[:2], sorted(unit.periods))

    ordered = sorted(units, key=lambda u: (when(u), u.order))
    for _, same in groupby(ordered, key=when):
        own = tuple(same)
        found += [own] if own[0].exact else [(unit,) for unit in own]
    return found


def _timepoints_of(answers: list[_Unit], scans: list[_Unit], window: int) -> list[_Point]:
    """The timepoints of one evaluator of one subject, in time."""
    groups = _groups_of(answers, window)
    pools, left = _pooled(groups, scans, window)
    points: list[_Point] = []
    for group, pool in zip(groups, pools, strict=True):
        made, over = _divided(group, pool, window)
        points += made
        left += over
    points += _second_chance(points, left, window)
    return sorted(points, key=lambda p: p.order)


def _groups_of(answers: list[_Unit], window: int) -> list[list[_Unit]]:
    """Overall responses that may be of one timepoint: of one day, or of one link or visit."""
    groups: list[list[_Unit]] = []
    for unit in sorted(answers, key=lambda u: u.order):
        own = next((g for g in groups if _same_timepoint(unit, g, window)), None)
        if own is None:
            groups.append([unit])
        else:
            own.append(unit)
    return groups


def _same_timepoint(unit: _Unit, group: list[_Unit], window: int) -> bool:
    if unit.periods != group[0].periods:
        return False
    if unit.exact and any(other.exact and unit.first == other.first for other in group):
        return True
    if not any(_same_key(unit, other) for other in group):
        return False
    if unit.exact and all(other.exact for other in group):
        return max(_gap(unit, other) for other in group) <= window
    # What has no full date is one with another record only where the two say the same.
    said = (unit.response, unit.first, unit.last)
    return any(said == (other.response, other.first, other.last) for other in group)


def _same_key(one: _Unit, other: _Unit) -> bool:
    if one.link and other.link:
        return one.link == other.link
    return one.visit == other.visit


def _pooled(
    groups: list[list[_Unit]], scans: list[_Unit], window: int
) -> tuple[list[list[tuple[int, _Unit]]], list[_Unit]]:
    """Each scan with the group that holds its link, else its visit, else is nearest; the rest."""
    pools: list[list[tuple[int, _Unit]]] = [[] for _ in groups]
    left = []
    for scan in scans:
        how, at = _group_of(scan, groups, window)
        if at is None:
            left.append(scan)
        else:
            pools[at].append((how, scan))
    return pools, left


def _group_of(scan: _Unit, groups: list[list[_Unit]], window: int) -> tuple[int, int | None]:
    open_to = [i for i, g in enumerate(groups) if g[0].periods & scan.periods]
    for how, key in ((BY_LINK, "link"), (BY_VISIT, "visit")):
        value = getattr(scan, key)
        holders = [i for i, g in enumerate(groups) if any(getattr(u, key) == value for u in g)]
        if value not in ("", None) and len(holders) == 1 and holders[0] in open_to:
            return how, holders[0]
    near = [(min(_gap(scan, u) for u in groups[i]), -i, i) for i in open_to]
    near = [found for found in near if found[0] <= window]
    return BY_DATE, min(near)[2] if near else None


def _divided(
    group: list[_Unit], pool: list[tuple[int, _Unit]], window: int
) -> tuple[list[_Point], list[_Unit]]:
    """The timepoints of a group: one, or one a day where lesions were measured again; the rest."""
    scans = [scan for _, scan in pool]
    again = any(_repeats(a, b, window) for i, a in enumerate(scans) for b in scans[i + 1 :])
    days = sorted({u.first for u in group if u.first is not None})
    if not again or len(days) < 2:
        return _gathered([_Point(list(group))], pool, window)
    points = [_Point([u for u in group if u.first == day]) for day in days]
    points[-1].responses += [u for u in group if u.first is None]
    made, left = _gathered(points, pool, window)
    scanned = [p for p in made if p.scans]
    for point in [p for p in made if not p.scans]:
        answer = point.responses[0]
        nearest = min(scanned, key=lambda p: (p.gap(answer), [-x for x in p.order[:1]]))
        nearest.responses += point.responses
    return scanned, left


def _gathered(
    points: list[_Point], pool: list[tuple[int, _Unit]], window: int
) -> tuple[list[_Point], list[_Unit]]:
    """Scans go to the nearest timepoint, by link before visit before date, the nearest first."""
    hows: dict[_Unit, int] = {scan: how for how, scan in pool}

    def rank(block: Block) -> tuple:
        gap = min(p.gap(block[0]) for p in points)
        return (min(hows[unit] for unit in block), gap, -block[0].order[0], block[0].order)

    left: list[_Unit] = []
    for block in sorted(_blocks(hows), key=rank):
        near = min(points, key=lambda p: (p.gap(block[0]), -p.order[0]))
        if near.takes(block, window):
            near.scans += block
        else:
            left += block
    for point in points:
        left += _seen_again(point, left)
    return points, left


def _seen_again(point: _Point, left: list[_Unit]) -> list[_Unit]:
    """Takes out states that only repeat others of the timepoint and were seen at a later scan."""
    out: list[_Unit] = []
    for unit in sorted(point.scans, key=lambda u: u.order, reverse=True):
        other = [u for u in point.scans if u is not unit and u not in out]
        repeats = unit.states and unit.states <= frozenset().union(*(u.states for u in other))
        if unit.measured or not repeats:
            continue
        own = min((_gap(unit, u) for u in (*other, *point.responses)), default=FAR)
        if min((_gap(unit, u) for u in left), default=FAR) < own:
            out.append(unit)
    point.scans = [u for u in point.scans if u not in out]
    return out


def _second_chance(points: list[_Point], left: list[_Unit], window: int) -> list[_Point]:
    """Scans left over, clustered; each cluster to the nearest overall response that takes it.

    The rest are timepoints of their own.
    """
    own: list[_Point] = []
    for cluster in _clustered(points, left, window):
        block = tuple(cluster.scans)
        near = [p for p in points if _away(p, block) <= window and p.takes(block, window)]
        if near:
            min(near, key=lambda p: (_away(p, block), -p.order[0])).scans += block
        else:
            own.append(cluster)
    return own


def _away(point: _Point, block: Block) -> int:
    return min(point.gap(unit) for unit in block)


def _clustered(points: list[_Point], left: list[_Unit], window: int) -> list[_Point]:
    """Scans left over: days within the window, no lesion measured twice; undated by their visit.

    Undated ones go to the timepoint among `points` that alone holds their visit, where one does.
    """
    made: list[_Point] = []
    for block in _blocks(u for u in left if u.first is not None):
        last = made[-1] if made else None
        if last and last.takes(block, window) and _spans(last, block) <= window:
            last.scans += block
        else:
            made.append(_Point([], list(block)))
    for block in _blocks(u for u in left if u.first is None):
        visit = block[0].visit
        same = [p for p in (*points, *made) if visit is not None and p.holds("visit", visit)]
        if len(same) == 1 and same[0].takes(block, window):
            same[0].scans += block
        else:
            made.append(_Point([], list(block)))
    return made


def _spans(point: _Point, block: Block) -> int:
    return max((_gap(block[0], other) for other in point.scans), default=0)


def _point_of_part(unit: _Unit, points: list[_Point], window: int) -> int | None:
    """Where a record of RS beside the overall response belongs: link, visit, then date."""
    open_to = [i for i, p in enumerate(points) if p.periods & unit.periods]
    for key in ("link", "visit"):
        value = getattr(unit, key)
        held = [i for i in open_to if points[i].responses and points[i].holds(key, value)]
        held = held or [i for i in open_to if points[i].holds(key, value)]
        if value not in ("", None) and held and (len(held) == 1 or unit.first is not None):
            return min(held, key=lambda i: (points[i].gap_to_any(unit), -i))
    near = [(points[i].gap_to_any(unit), -i, i) for i in open_to]
    near = [found for found in near if found[0] <= window]
    return min(near)[2] if near else None


# Frames


def _described(series: tuple, n: int, point: _Point) -> dict:
    units = sorted(point.responses or point.scans, key=lambda u: u.order)
    named = next((u for u in units if u.visit is not None or u.name), units[0])
    days = point.days
    return {
        "USUBJID": series[0],
        "EVAL": series[1],
        "ASMTN": n,
        "FIRST": days[0] if days else None,
        "LAST": days[-1] if days else None,
        "VISITNUM": named.visit,
        "VISIT": named.name,
        "PERIOD": point.period,
        "SPAN": days[-1] - days[0] if days else 0,
        "HASRESP": bool(point.responses),
    }


def _points_frame(placed: list[dict]) -> pd.DataFrame:
    columns = ["USUBJID", "EVAL", "ASMTN", "FIRST", "LAST", "VISITNUM", "VISIT", "PERIOD", "SPAN"]
    frame = pd.DataFrame(placed, columns=[*columns, "HASRESP"])
    dates = {
        c: EPOCH + pd.to_timedelta(pd.to_numeric(frame[c]), unit="D") for c in ("FIRST", "LAST")
    }
    return frame.assign(**dates).astype(
        {"VISITNUM": float, "ASMTN": float, "PERIOD": int, "SPAN": float, "HASRESP": bool}
    )


def _by_domain(numbers: dict[str, dict[object, int]], sdtm: Sdtm) -> dict[str, pd.Series]:
    return {
        domain: pd.Series(found, dtype=float).reindex(sdtm.get(domain, NOTHING).index)
        for domain, found in numbers.items()
    }
