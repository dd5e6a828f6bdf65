"""ADMFG: how long the product took to make, whether it was released, and its quality."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import infusions
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.errors import Finding
from csr.params.manufacturing import Manufacturing
from csr.params.parts import Records
from csr.params.protocol import Protocol

WITHIN, OUT = "Released within specification", "Released out of specification"
FAILED, NONE = "Manufacturing failed", "Not released"
PARAMS = {
    "OUTCOME": "Outcome of manufacturing",
    "APHREL": "Apheresis to release",
    "RELINF": "Release to first infusion",
    "APHINF": "Apheresis to first infusion (vein to vein)",
    "LDINF": "Lymphodepletion to first infusion",
    "VIAB": "Viability of the product",
    "TRANSD": "Transduction efficiency",
}
UNITS = {"OUTCOME": "", "VIAB": "%", "TRANSD": "%"}
# Interval: the dates of its start and its end.
INTERVALS = {
    "APHREL": ("APHERESIS", "RELEASE"),
    "RELINF": ("RELEASE", "TRTSDT"),
    "APHINF": ("APHERESIS", "TRTSDT"),
    "LDINF": ("LDSTDT", "TRTSDT"),
}


def derive_admfg(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> Derived:
    """One row per apheresed subject and parameter, quality also per infusion (AINFN).

    OUTCOME with AVALC, ADT the release, else the failure; intervals with AVAL in days (the day of
    the start is 0) and ADT their end; VIAB and TRANSD in percent, the lowest of the bags of an
    infusion. The apheresis is the last one begun up to the release, without a release up to the
    first infusion. An interval that ends before it starts is left out, and a finding.
    Source: METHODS §7.
    """
    rules = protocol.manufacturing
    if rules is None:
        raise ValueError("the protocol says nothing of manufacturing")
    dates = _dates(sdtm, adsl, protocol, rules)
    outcome = dates[["USUBJID"]].assign(
        PARAMCD="OUTCOME",
        AVALC=_outcome(dates),
        AVAL=float("nan"),
        ADT=dates["RELEASE"].where(dates["RELEASE"].notna(), dates["FAILURE"]),
    )
    spans = [_interval(dates, code) for code in INTERVALS]
    backwards = [dates[end] < dates[start] for start, end in INTERVALS.values()]
    wrong = pd.concat(backwards, axis=1).any(axis=1)
    quality = _quality(sdtm, protocol, rules)
    parts = [p for p in (outcome, *spans, quality) if len(p)] or [outcome]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["USUBJID"].isin(dates["USUBJID"])]
    return Derived(_finished(frame, adsl), find_rows(dates[wrong], BACKWARDS, ("USUBJID",)))


def _dates(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, rules: Manufacturing
) -> pd.DataFrame:
    """APHERESIS, RELEASE, TRTSDT, LDSTDT FAILURE, the flags OUT and FAILED of each apheresed."""
    wanted = ["USUBJID", "TRTSDT", "LDSTDT"]
    account = open_account("ADMFG", "ADSL", adsl)
    apheresed = account.keep(adsl, adsl["APHERFL"] == "Y", "not apheresed")
    subjects = apheresed[[c for c in wanted if c in adsl]]
    released = _starts(sdtm, rules.released).groupby("USUBJID")["DAY"].min()
    out = set(_starts(sdtm, rules.out_of_specification)["USUBJID"])
    failed = _starts(sdtm, rules.failed).groupby("USUBJID", as_index=False)["DAY"].min()
    dates = subjects.assign(
        RELEASE=subjects["USUBJID"].map(released),
        OUT=subjects["USUBJID"].isin(out),
        FAILED=subjects["USUBJID"].isin(failed["USUBJID"]),
        FAILURE=pd.to_datetime(subjects["USUBJID"].map(failed.set_index("USUBJID")["DAY"])),
    )
    collected = _starts(sdtm, protocol.exposure.apheresis).merge(dates, on="USUBJID")
    limit = collected["RELEASE"].where(collected["RELEASE"].notna(), collected["TRTSDT"])
    usable = collected[limit.isna() | (collected["DAY"] <= limit)]
    last = usable.groupby("USUBJID")["DAY"].max()
    return dates.assign(APHERESIS=pd.to_datetime(dates["USUBJID"].map(last)))


def _starts(sdtm: Sdtm, wanted: Records | None) -> pd.DataFrame:
    """Subject and day of every record a protocol names that happened."""
    records = select_records(sdtm, wanted)
    prefix = wanted.domain.upper() if wanted else ""
    begun = records[done(records, prefix)]
    days = earliest_day(text(begun, f"{prefix}STDTC"))
    return pd.DataFrame({"USUBJID": begun["USUBJID"], "DAY": days})


def _outcome(dates: pd.DataFrame) -> pd.Series:
    released = dates["RELEASE"].notna()
    words = pd.Series(NONE, index=dates.index, dtype=object)
    words = words.mask(dates["FAILED"], FAILED)
    return words.mask(released & ~dates["OUT"], WITHIN).mask(released & dates["OUT"], OUT)


def _interval(dates: pd.DataFrame, code: str) -> pd.DataFrame:
    start, end = INTERVALS[code]
    days = (dates[end] - dates[start]).dt.days.astype(float)
    rows = dates[["USUBJID"]].assign(PARAMCD=code, AVAL=days, ADT=dates[end])
    return rows[days >= 0]


def _quality(sdtm: Sdtm, protocol: Protocol, rules: Manufacturing) -> pd.DataFrame:
    """The lowest viability and transduction of each infusion, dated by its first fraction."""
    infused = infusions(sdtm, protocol)[["USUBJID", "EXSEQ", "AINFN", "ASTDT"]]
    source = select_records(sdtm, protocol.exposure.study_treatment)
    parts = []
    for code, column in (("VIAB", rules.viability), ("TRANSD", rules.transduction)):
        if column is None:
            continue
        values = pd.DataFrame(
            {"USUBJID": source["USUBJID"], "EXSEQ": number(source, "EXSEQ")}
        ).assign(AVAL=number(source, column))
        both = infused.merge(values, on=["USUBJID", "EXSEQ"])
        by_infusion = both.groupby(["USUBJID", "AINFN"], as_index=False)
        lowest = by_infusion.agg({"AVAL": "min", "ASTDT": "min"})
        parts.append(lowest[lowest["AVAL"].notna()].assign(PARAMCD=code))
    columns = ["USUBJID", "AINFN", "ADT", "AVAL", "PARAMCD"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).rename(columns={"ASTDT": "ADT"})[columns]


def _finished(frame: pd.DataFrame, adsl: pd.DataFrame) -> pd.DataFrame:
    for column in ("AVALC", "AINFN", "ADT"):
        if column not in frame:
            frame[column] = None
    codes = frame["PARAMCD"]
    frame = frame.assign(
        PARAM=codes.map(PARAMS),
        AVALU=codes.map(UNITS).fillna("DAYS"),
        AVALC=frame["AVALC"].fillna(""),
        AINFN=frame["AINFN"].astype(float),
        ADT=pd.to_datetime(frame["ADT"]),
        place=codes.map(list(PARAMS).index),
    )
    ordered = frame.sort_values(["USUBJID", "place", "AINFN"], kind="stable")
    ordered = ordered.drop(columns="place").reset_index(drop=True)
    ordered["ASEQ"] = ordered.groupby("USUBJID").cumcount().add(1).astype(float)
    return merge_core(ordered, adsl)


BACKWARDS = Finding(
    "warning",
    "ADMFG",
    "ADT",
    "manufacturing-dates",
    "an interval of manufacturing (apheresis, release, lymphodepletion, infusion) ends before it "
    "starts; left out",
    "correct the dates in the source",
)
