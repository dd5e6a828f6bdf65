"""ADAE: one row per adverse event: dates, treatment emergence, infusion, period, relationship."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.adex import components
from csr.derive.adsl import merge_core
from csr.derive.dates import Imputed, find_impossible_dates, infusion_day, study_day
from csr.derive.emergence import KEYS, find_unknown_change, with_change
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import first_infusion, given, infusion_table
from csr.derive.moments import (
    AFTER,
    BEFORE,
    day_moments,
    latest_infusion,
    moments,
    reference_moments,
)
from csr.derive.periods import Period, begun_against, impute_period, over_against
from csr.derive.sources import Sdtm, text
from csr.errors import Finding
from csr.params.protocol import AdverseEvents, Protocol
from csr.relationship import relation_of

# Periods by start, in order of time: number, name, last day after T0 (inclusive).
AFTER_INFUSION = (
    (3, "Infusion to day 28", 28),
    (4, "Day 29 to day 182", 182),
    (5, "Day 183 to day 365", 365),
    (6, "After day 365", None),
)


BEFORE_INFUSION = {
    0.0: "Before apheresis and treatment",
    1.0: "Apheresis to lymphodepletion",
    2.0: "Lymphodepletion to infusion",
}


def period_starts(subjects: pd.DataFrame) -> dict[str, pd.Series]:
    """The first day of each period (APERIODC) of each subject; NaT where it has none.

    Of the period before apheresis and treatment no first day is known: time zero stands for it, for
    whoever was treated was in it.
    """
    t0 = subjects["TRTSDT"]
    before = {1.0: subjects.get("APHDT", t0), 2.0: subjects.get("LDSTDT", t0)}
    starts = {name: before.get(number, t0) for number, name in BEFORE_INFUSION.items()}
    days = [0, *(last + 1 for _, _, last in AFTER_INFUSION if last is not None)]
    for (_, name, _), day in zip(AFTER_INFUSION, days, strict=True):
        starts[name] = t0 + pd.Timedelta(days=day)
    return starts


def derive_adae(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, cutoff: pd.Timestamp
) -> Derived:
    """When each adverse event was, whether it is treatment-emergent, and what it is related to.

    One row per record of AE, every column of AE (with SUPPAE) kept. ASTDT, AENDT with ASTDTF,
    AENDTF (D day, M month imputed); ASTDY, AENDY without a day 0; ADURN in days, only where both
    dates were recorded in full. TRTEMFL Y or blank. AWORSFL Y: begun before treatment and worse on
    it; ACONTFL Y: a later line of an event begun before, not worse. TRTEMDT: the day it counts
    from, ASTDT or for AWORSFL the start of treatment; AINFN, AINFDY and the period go by it. AINFN:
    the latest infusion up to the start (0: none yet), AINFDY: days since it, its day being 0.
    APERIOD, APERIODC: the period by start. AREL and further columns of the protocol: RELATED, NOT
    RELATED or MISSING, blank where nothing was reported of a component the subject never received.
    A start without any date counts as treatment-emergent unless the record shows that it began or
    ended before. Source: METHODS §0b, §5, §10.9, §10.10.
    """
    rules = protocol.adverse_events
    events = merge_core(sdtm["ae"].reset_index(drop=True), adsl, _DATES)
    events["TRTA"] = events["TRT01A"]
    limit = events[["DTHDT"]].assign(cutoff=cutoff).min(axis=1)
    first = first_infusion(sdtm, adsl.set_index("USUBJID")["TRTSDT"], protocol)
    period = impute_period(sdtm, events, "AE", first, limit)
    events = _with_dates(events, period)
    events = _with_origin(events, period, first, _depletion(sdtm, adsl, protocol), rules)
    events = with_change(events, rules)
    worse = events["AWORSFL"] == "Y"
    events["TRTEMDT"] = events["ASTDT"].mask(worse, events["ORIGIN"])
    events = _with_infusion(events, period.start, infusion_table(sdtm, protocol))
    events = _with_period(events)
    events = _with_relationship(events, sdtm, protocol)
    events["TRTEMFL"] = _emergent(events, rules)
    account = open_account("ADAE", "AE", sdtm["ae"])
    account.settle_by(sdtm["ae"], ("USUBJID", "AESEQ"), events)
    kept = events.drop(columns=[*(c for c in _DATES if c not in sdtm["ae"]), *_WORKING])
    return Derived(kept, _findings(sdtm["ae"], events, rules))


_DATES = ("DTHDT", "LDSTDT", "APHDT", "NACTDT")
_WORKING = ("LASTINF", "BEGUN", "OVER", "ORIGIN", "NOINIT", "SIDE")


def _with_dates(events: pd.DataFrame, period: Period) -> pd.DataFrame:
    start, end, t0 = period.start, period.end, events["TRTSDT"]
    in_full = (start.flag == "") & (end.flag == "")
    return events.assign(
        ASTDT=start.date,
        ASTDTF=start.flag,
        ASTDY=study_day(start.date, t0),
        AENDT=end.date,
        AENDTF=end.flag,
        AENDY=study_day(end.date, t0),
        ADURN=(infusion_day(end.date, start.date) + 1).where(in_full),
        ADURU=((end.date - start.date).notna() & in_full).map({True: "DAY", False: ""}),
        SIDE=period.begun,
    )


def _depletion(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """The moment lymphodepletion began, by subject."""
    days = adsl.set_index("USUBJID")["LDSTDT"] if "LDSTDT" in adsl else _no_day(adsl)
    return reference_moments(days, given(sdtm, protocol.exposure.lymphodepletion))


def _no_day(adsl: pd.DataFrame) -> pd.Series:
    return pd.Series(pd.NaT, index=adsl["USUBJID"], dtype="datetime64[ns]")


def _with_origin(
    events: pd.DataFrame,
    period: Period,
    first: pd.DataFrame,
    depletion: pd.DataFrame,
    rules: AdverseEvents,
) -> pd.DataFrame:
    """ORIGIN, the day from which events are emergent; BEGUN and OVER, start and end against it."""
    if rules.teae_start == "infusion":
        return events.assign(BEGUN=period.begun, OVER=period.over, ORIGIN=events["TRTSDT"])
    moment = depletion.where(depletion["first"].notna(), first)
    own = moment.reindex(events["USUBJID"]).set_axis(events.index)
    own = own.assign(timed=own["timed"].eq(True), offset=own["offset"].astype(float))
    begun = begun_against(text(events, "AESTDTC"), period.start, own)
    over = over_against(events, "AE", own)
    undated = period.start.date.isna()
    return events.assign(
        BEGUN=begun.mask(undated, period.begun).mask(undated & (over == BEFORE), BEFORE),
        OVER=over,
        ORIGIN=own["first"].dt.normalize(),
    )


def _with_infusion(events: pd.DataFrame, start: Imputed, infused: pd.DataFrame) -> pd.DataFrame:
    """AINFN, AINFDY of the latest infusion up to the start; LASTINF, the subject's last dose."""
    exact = moments(text(events, "AESTDTC"))
    worse = events["AWORSFL"] == "Y"
    whole = day_moments(events["TRTEMDT"])
    as_written = (start.flag == "") & ~worse
    at = exact.where(as_written, whole)
    at = at.assign(timed=at["timed"].eq(True), offset=at["offset"].astype(float))
    found = latest_infusion(events["USUBJID"], at, infused, "event")
    of_first = worse & (events["TRTEMDT"] == events["TRTSDT"])
    return events.assign(
        AINFN=found["AINFN"].mask(of_first, 1.0),
        AINFDY=found["AINFDY"].mask(of_first, 0.0),
        LASTINF=events["USUBJID"].map(infused.groupby("USUBJID")["LASTDT"].max()),
    )


def _with_period(events: pd.DataFrame) -> pd.DataFrame:
    start = events["TRTEMDT"]
    day = infusion_day(start, events["TRTSDT"])
    day = day.mask((events["SIDE"] == BEFORE) & (events["AWORSFL"] != "Y") & (day >= 0), -1.0)
    number_of = pd.Series(0.0, index=events.index)
    number_of[start >= events["APHDT"]] = 1.0
    number_of[start >= events["LDSTDT"]] = 2.0
    for period, _, last in reversed(AFTER_INFUSION):
        within = day >= 0 if last is None else (day >= 0) & (day <= last)
        number_of[within] = float(period)
    number_of[start.isna()] = float("nan")
    names = BEFORE_INFUSION | {float(period): name for period, name, _ in AFTER_INFUSION}
    return events.assign(APERIOD=number_of, APERIODC=number_of.map(names).fillna(""))


def _with_relationship(events: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    rules, exposure = protocol.adverse_events, components(protocol)
    derived = {}
    for column, reported in rules.relationship.items():
        if reported not in events:
            continue
        derived[column] = relation_of(
            text(events, reported), rules.not_related, rules.missing_relationship
        )
        if component := rules.components.get(column):
            received = events["USUBJID"].isin(given(sdtm, exposure[component])["USUBJID"])
            unsaid = text(events, reported) == ""
            derived[column] = derived[column].mask(unsaid & ~received, "")
    return events.assign(**derived)


def _emergent(events: pd.DataFrame, rules: AdverseEvents) -> pd.Series:
    """Y from the first infusion (or lymphodepletion) to the latest infusion + window."""
    start = events["TRTEMDT"]
    undated = start.isna() & (events["BEGUN"] != BEFORE)
    since = (events["BEGUN"] == AFTER) & (events["ACONTFL"] != "Y")
    emergent = events["TRTSDT"].notna() & (since | undated | (events["AWORSFL"] == "Y"))
    if rules.teae_window_days is not None:
        last = events["LASTINF"] + pd.Timedelta(days=rules.teae_window_days)
        emergent &= ~(start > last)
    if rules.after_new_therapy == "related":
        emergent &= ~((start > events["NACTDT"]) & ~_related_to_any(events, rules))
    return emergent.map({True: "Y", False: ""})


def _related_to_any(events: pd.DataFrame, rules: AdverseEvents) -> pd.Series:
    columns = [c for c in rules.relationship if c in events]
    return events[columns].isin(["RELATED", "MISSING"]).any(axis=1)


def _findings(ae: pd.DataFrame, events: pd.DataFrame, rules: AdverseEvents) -> list[Finding]:
    unplaced = (text(events, "AESTDTC") == "") & (events["SIDE"] != BEFORE)
    found = [
        *find_impossible_dates(ae, "AE", "AESTDTC", KEYS),
        *find_impossible_dates(ae, "AE", "AEENDTC", KEYS),
        *find_rows(events[events["AENDT"] < events["ASTDT"]], ENDS_BEFORE, KEYS, "AEENDTC"),
        *find_rows(events[unplaced], NO_START, KEYS),
        *find_unknown_change(events, rules),
    ]
    known = [v.upper() for v in (*rules.related, *rules.not_related, "")]
    for reported in rules.relationship.values():
        if reported not in ae:
            found.append(_no_column(reported))
            continue
        unknown = ae[~text(ae, reported).str.upper().str.strip().isin(known)]
        found += find_rows(unknown, _unknown_relationship(reported), KEYS, reported)
    return found


ENDS_BEFORE = Finding(
    "warning", "AE", "AEENDTC", "ends-before-start", "ends before it starts", "correct the source"
)
NO_START = Finding(
    "warning",
    "AE",
    "AESTDTC",
    "no-start",
    "without a start date: counted as treatment-emergent unless it ended before treatment; in no "
    "rate, curve, period or time of a first event",
    "complete the date, or at least its year, or say in AESTRTPT when it began",
)


def _no_column(column: str) -> Finding:
    return Finding(
        "warning",
        "AE",
        column,
        "no-relationship",
        "named by the protocol as a relationship, but not in the data; not derived",
        "map the column, or leave it out of the protocol's relationship",
    )


def _unknown_relationship(column: str) -> Finding:
    return Finding(
        "warning",
        "AE",
        column,
        "relationship-value",
        "neither related nor not related by the protocol's words; counted as related",
        "correct the source, or add the word to related or not_related in the protocol",
    )
