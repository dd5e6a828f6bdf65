"""Timepoint responses as recorded in RS, one per evaluator and scan, with the dates of the scan."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day, impute_scan, latest_day
from csr.derive.findings import Derived, find_rows
from csr.derive.sources import Sdtm, accepted, done, evaluator, number, select_records, text
from csr.errors import Finding
from csr.params.protocol import Protocol, Response

RESPONSES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE")
KEYS = ("USUBJID", "RSSEQ")
TIMEPOINT = ["USUBJID", "RSEVAL", "VISITNUM"]


def timepoint_responses(sdtm: Sdtm, protocol: Protocol) -> Derived:
    """One row per overall response: what was seen, by whom, and when it was scanned.

    USUBJID, RSEVAL, RSSEQ, VISITNUM, VISIT, RSSTRESC, RSDTC; FIRSTDT and LASTDT, the first and the
    last day it can have been (equal for a full date); ADT, the analysis date: the first day of a
    scan spread over days for PD, the last for the rest, and NaT for a partial date the protocol
    does not impute; ADTF. In order of subject, evaluator, date and visit. METHODS §0b, §3.
    """
    recorded = select_records(sdtm, protocol.response.timepoint)
    prefix_rows = recorded[accepted(recorded, "RS")] if len(recorded) else recorded
    valid = text(prefix_rows, "RSSTRESC").isin(RESPONSES)
    frame = _columns(prefix_rows[valid])
    frame = _with_dates(frame, sdtm, protocol.response)
    findings = [
        *_find_unaccepted(recorded),
        *_find_invalid(prefix_rows[~valid & done(prefix_rows, "RS")]),
        *_find_undated(frame),
        *_find_same_day(frame),
    ]
    order = ["USUBJID", "RSEVAL", "FIRSTDT", "VISITNUM", "RSSEQ"]
    return Derived(frame.sort_values(order, kind="stable").reset_index(drop=True), findings)


def _columns(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"],
            "RSEVAL": evaluator(rows, "RS"),
            "RSSEQ": number(rows, "RSSEQ"),
            "VISITNUM": number(rows, "VISITNUM"),
            **{c: text(rows, c) for c in ("VISIT", "RSSTRESC", "RSDTC")},
        }
    )


def _with_dates(frame: pd.DataFrame, sdtm: Sdtm, rules: Response) -> pd.DataFrame:
    dated = frame.assign(
        FIRSTDT=earliest_day(frame["RSDTC"]),
        LASTDT=latest_day(frame["RSDTC"]),
        ADT=impute_scan(frame["RSDTC"], rules.impute_scan_day).date,
        ADTF=impute_scan(frame["RSDTC"], rules.impute_scan_day).flag,
    )
    if rules.scan_dates == "lesions":
        dated = _with_lesion_dates(dated, sdtm)
    settled = dated["ADT"].notna()
    return dated.assign(
        FIRSTDT=dated["FIRSTDT"].mask(settled, dated["ADT"]),
        LASTDT=dated["LASTDT"].mask(settled, dated["ADT"]),
    )


def _with_lesion_dates(dated: pd.DataFrame, sdtm: Sdtm) -> pd.DataFrame:
    """PD is dated by the first lesion date of its timepoint, any other response by the last."""
    spread = _lesion_dates(sdtm)
    merged = dated.reset_index().merge(spread, on=TIMEPOINT, how="left").set_index("index")
    by_lesions = merged["SCANLAST"].mask(dated["RSSTRESC"] == "PD", merged["SCANFIRST"])
    known = by_lesions.notna()
    return dated.assign(
        ADT=dated["ADT"].mask(known, by_lesions), ADTF=dated["ADTF"].mask(known, "")
    )


def _lesion_dates(sdtm: Sdtm) -> pd.DataFrame:
    lesions = sdtm.get("tr", pd.DataFrame({"USUBJID": pd.Series(dtype=object)}))
    lesions = lesions[accepted(lesions, "TR") & done(lesions, "TR")]
    scanned = impute_scan(text(lesions, "TRDTC"), "no").date
    keyed = pd.DataFrame(
        {
            "USUBJID": lesions["USUBJID"],
            "RSEVAL": evaluator(lesions, "TR"),
            "VISITNUM": number(lesions, "VISITNUM"),
            "date": scanned,
        }
    ).dropna(subset=["VISITNUM", "date"])
    spread = keyed.groupby(TIMEPOINT)["date"].agg(SCANFIRST="min", SCANLAST="max")
    return spread.reset_index()


def _find_unaccepted(recorded: pd.DataFrame) -> list[Finding]:
    several = text(recorded, "RSEVALID") != ""
    key = [recorded["USUBJID"], evaluator(recorded, "RS"), number(recorded, "VISITNUM")]
    any_accepted = accepted(recorded, "RS").groupby(key, dropna=False).transform("any")
    finding = Finding(
        "warning",
        "RS",
        "RSACPTFL",
        "no-accepted-reader",
        "several readers and none accepted (RSACPTFL = Y): no response of this evaluator is used",
        "flag the accepted reader in the source",
    )
    return find_rows(recorded[several & ~any_accepted.astype(bool)], finding, KEYS)


def _find_invalid(rows: pd.DataFrame) -> list[Finding]:
    finding = Finding(
        "error",
        "RS",
        "RSSTRESC",
        "response-value",
        f"outside {', '.join(RESPONSES)}; left out of every response",
        "correct the source, or map the values under codelists in the params",
    )
    return find_rows(rows, finding, KEYS, "RSSTRESC")


def _find_undated(frame: pd.DataFrame) -> list[Finding]:
    finding = Finding(
        "warning",
        "RS",
        "RSDTC",
        "scan-date",
        "without a full scan date: can give a response, can't time an event or a censoring",
        "complete the date, or let the protocol impute the day",
    )
    return find_rows(frame[frame["ADT"].isna()], finding, KEYS, "RSDTC")


def _find_same_day(frame: pd.DataFrame) -> list[Finding]:
    dated = frame[frame["ADT"].notna()]
    twice = dated.duplicated(["USUBJID", "RSEVAL", "ADT"], keep=False)
    finding = Finding(
        "warning",
        "RS",
        "RSDTC",
        "same-day-responses",
        "several overall responses of one evaluator on one day; all are used, in order of RSSEQ",
        "keep one overall response a timepoint, or select one criterion in the protocol",
    )
    return find_rows(dated[twice], finding, KEYS, "RSSTRESC")
