"""ADAE: one row per adverse event: dates, treatment emergence, infusion, period, relationship."""

from __future__ import annotations

import pandas as pd

from csr.derive.adex import components
from csr.derive.adsl import merge_core
from csr.derive.dates import (
    Imputed,
    find_impossible_dates,
    impute_end,
    impute_start,
    infusion_day,
    study_day,
)
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import given, infusions
from csr.derive.sources import Sdtm, text
from csr.errors import Finding
from csr.params.protocol import AdverseEvents, Protocol
from csr.relationship import relation_of

KEYS = ("USUBJID", "AESEQ")
# Periods by start, in order of time: number, name, last day after T0 (inclusive).
AFTER_INFUSION = (
    (3, "Infusion to day 28", 28),
    (4, "Day 29 to day 182", 182),
    (5, "Day 183 to day 365", 365),
    (6, "After day 365", None),
)


def derive_adae(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, cutoff: pd.Timestamp
) -> Derived:
    """When each adverse event was, whether it is treatment-emergent, and what it is related to.

    One row per record of AE, every column of AE (with SUPPAE) kept. ASTDT, AENDT with ASTDTF,
    AENDTF (D day, M month imputed); ASTDY, AENDY without a day 0; ADURN in days, only where both
    dates were recorded in full. TRTEMFL Y or blank. AINFN: the latest infusion up to the start
    (0: none yet), AINFDY: days since it, its day being 0. APERIOD, APERIODC: the period by start.
    AREL and further columns of the protocol: RELATED, NOT RELATED or MISSING, blank where nothing
    was reported of a component the subject never received. A start without any
    date counts as treatment-emergent unless the event ended before. Source: METHODS §0b, §5.
    """
    events = merge_core(sdtm["ae"].reset_index(drop=True), adsl, _DATES)
    events["TRTA"] = events["TRT01A"]
    start = impute_start(text(events, "AESTDTC"), events["TRTSDT"], text(events, "AEENDTC"))
    limit = events[["DTHDT"]].assign(cutoff=cutoff).min(axis=1)
    end = impute_end(text(events, "AEENDTC"), limit)
    events = _with_dates(events, start, end)
    events = _with_infusion(events, infusions(sdtm, protocol))
    events = _with_period(events)
    events = _with_relationship(events, sdtm, protocol)
    events["TRTEMFL"] = _emergent(events, protocol.adverse_events)
    kept = events.drop(columns=[*(c for c in _DATES if c not in sdtm["ae"]), "LASTINF"])
    return Derived(kept, _findings(sdtm["ae"], events, protocol.adverse_events))


_DATES = ("DTHDT", "LDSTDT", "APHDT", "NACTDT")


def _with_dates(events: pd.DataFrame, start: Imputed, end: Imputed) -> pd.DataFrame:
    in_full = (start.flag == "") & (end.flag == "")
    t0 = events["TRTSDT"]
    return events.assign(
        ASTDT=start.date,
        ASTDTF=start.flag,
        ASTDY=study_day(start.date, t0),
        AENDT=end.date,
        AENDTF=end.flag,
        AENDY=study_day(end.date, t0),
        ADURN=(infusion_day(end.date, start.date) + 1).where(in_full),
        ADURU=((end.date - start.date).notna() & in_full).map({True: "DAY", False: ""}),
    )


def _with_infusion(events: pd.DataFrame, infused: pd.DataFrame) -> pd.DataFrame:
    """AINFN, AINFDY of the latest infusion up to the start; LASTINF, the subject's last one."""
    order = events.assign(row=range(len(events)))
    pairs = order[["row", "USUBJID", "ASTDT", "AESTDTC"]].merge(
        infused[["USUBJID", "ASTDT", "EXSTDTC", "AINFN"]], on="USUBJID", suffixes=("", "_EX")
    )
    begun = pairs["ASTDT"] >= pairs["ASTDT_EX"]
    pairs = pairs[begun & ~_earlier_that_day(pairs["AESTDTC"], pairs["EXSTDTC"])]
    latest = pairs.sort_values(["row", "ASTDT_EX"], kind="stable").groupby("row").tail(1)
    latest = latest.set_index("row")
    since = infusion_day(latest["ASTDT"], latest["ASTDT_EX"])
    number_of = order["row"].map(latest["AINFN"])
    return events.assign(
        AINFN=number_of.fillna(0.0).where(events["ASTDT"].notna()).to_numpy(),
        AINFDY=order["row"].map(since).to_numpy(),
        LASTINF=events["USUBJID"].map(infused.groupby("USUBJID")["ASTDT"].max()),
    )


def _earlier_that_day(event: pd.Series, infusion: pd.Series) -> pd.Series:
    """Both with a time on the same day, and the event's is the earlier."""
    same_day = (event.str[:10] == infusion.str[:10]) & (event.str.len() >= 16)
    return same_day & (infusion.str.len() >= 16) & (event.str[:16] < infusion.str[:16])


def _with_period(events: pd.DataFrame) -> pd.DataFrame:
    start, day = events["ASTDT"], infusion_day(events["ASTDT"], events["TRTSDT"])
    number_of = pd.Series(0.0, index=events.index)
    number_of[start >= events["APHDT"]] = 1.0
    number_of[start >= events["LDSTDT"]] = 2.0
    for period, _, last in reversed(AFTER_INFUSION):
        within = day >= 0 if last is None else (day >= 0) & (day <= last)
        number_of[within] = float(period)
    number_of[start.isna()] = float("nan")
    names = {0.0: "Before apheresis and treatment", 1.0: "Apheresis to lymphodepletion"}
    names |= {2.0: "Lymphodepletion to infusion"}
    names |= {float(period): name for period, name, _ in AFTER_INFUSION}
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
    start, end = events["ASTDT"], events["AENDT"]
    undated = start.isna() & ~(end < events["TRTSDT"])
    since = events["AINFN"] >= 1
    if rules.teae_start == "lymphodepletion":
        since |= start >= events["LDSTDT"]
    emergent = events["TRTSDT"].notna() & (since | undated)
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
    found = [
        *find_impossible_dates(ae, "AE", "AESTDTC", KEYS),
        *find_impossible_dates(ae, "AE", "AEENDTC", KEYS),
        *find_rows(events[events["AENDT"] < events["ASTDT"]], ENDS_BEFORE, KEYS, "AEENDTC"),
        *find_rows(events[text(events, "AESTDTC") == ""], NO_START, KEYS),
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
    "without a start date: counted as treatment-emergent unless it ended before treatment",
    "complete the date, or at least its year",
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
