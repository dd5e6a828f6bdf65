"""The overall response of each timepoint, one per evaluator, with the dates of its scans.

Recorded twice is recorded once; NE beside an evaluable response gives way to it; of two evaluable
ones the accepted reader's stands, else the worse, and that is a finding (METHODS §10.2).
"""

from __future__ import annotations

import pandas as pd

from csr.derive.account import Account
from csr.derive.dates import earliest_day, impute_scan, latest_day
from csr.derive.findings import Derived, find_rows
from csr.derive.sources import Sdtm, accepted, evaluator, number, text
from csr.derive.standing_responses import KEYS, find_not_standing, standing_responses
from csr.derive.timepoints import Timepoints, find_timepoints
from csr.errors import Finding
from csr.params.protocol import Protocol, Response

TIMEPOINT = ["USUBJID", "RSEVAL", "ASMTN"]
# Of two evaluable responses at one timepoint the one that is first here counts.
WORST_FIRST = ("PD", "SD", "NON-CR/NON-PD", "PR", "CR", "NE")


def timepoint_responses(
    sdtm: Sdtm,
    adsl: pd.DataFrame,
    protocol: Protocol,
    account: Account | None = None,
    timepoints: Timepoints | None = None,
) -> Derived:
    """One row per timepoint with an overall response: what was seen, by whom, when it was scanned.

    USUBJID, RSEVAL, ASMTN (number of the timepoint), RSSEQ, VISITNUM, VISIT, RSSTRESC, RSDTC;
    FIRSTDT and LASTDT, the first and the last day it can have been (equal for a full date); ADT,
    the analysis date: the first day of the timepoint for PD, the last for the rest, and NaT for a
    partial date the protocol does not impute; ADTF. In order of subject, evaluator and time. The
    index is that of RS. METHODS §0b, §3, §10.1, §10.2.
    """
    standing = standing_responses(sdtm, protocol, account)
    known = timepoints or find_timepoints(sdtm, adsl, protocol)
    frame = _columns(standing, known.of["rs"])
    chosen, conflicts = _one_a_timepoint(frame, account)
    dated = _with_dates(chosen, known.points, protocol.response)
    findings = [
        *find_not_standing(sdtm, protocol),
        *find_rows(frame.loc[conflicts], CONFLICT, KEYS, "RSSTRESC"),
        *find_rows(dated[dated["ADT"].isna()], UNDATED, KEYS, "RSDTC"),
        *find_rows(_long(dated, known, protocol), LONG, KEYS, "RSDTC"),
    ]
    return Derived(dated.sort_values(TIMEPOINT, kind="stable"), findings)


def _columns(rows: pd.DataFrame, asmtn: pd.Series) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "USUBJID": rows["USUBJID"],
            "RSEVAL": evaluator(rows, "RS"),
            "ASMTN": asmtn.reindex(rows.index),
            "RSSEQ": number(rows, "RSSEQ"),
            "VISITNUM": number(rows, "VISITNUM"),
            **{c: text(rows, c) for c in ("VISIT", "RSSTRESC", "RSDTC")},
            "accepted": accepted(rows, "RS"),
        }
    )


def _long(dated: pd.DataFrame, known: Timepoints, protocol: Protocol) -> pd.DataFrame:
    """Responses of timepoints whose scans are further apart than scans of one timepoint may be."""
    days = known.points.rename(columns={"EVAL": "RSEVAL"}).set_index(TIMEPOINT)["SPAN"]
    span = dated[TIMEPOINT].join(days, on=TIMEPOINT)["SPAN"]
    return dated[span > protocol.response.timepoint_days]


def _one_a_timepoint(frame: pd.DataFrame, account: Account | None) -> tuple[pd.DataFrame, pd.Index]:
    """The record that counts at each timepoint, and those of timepoints with two answers."""
    rank = frame["RSSTRESC"].map({r: i for i, r in enumerate(WORST_FIRST)})
    is_ne = frame["RSSTRESC"] == "NE"
    # Of equal responses over several days the first day is that of PD, the last that of the rest.
    days = (earliest_day(frame["RSDTC"]) - pd.Timestamp("1970-01-01")).dt.days
    when = days.where(frame["RSSTRESC"] == "PD", -days)
    ordered = frame.assign(rank=rank, ne=is_ne, other=~frame["accepted"], when=when).sort_values(
        [*TIMEPOINT, "ne", "other", "rank", "when", "RSSEQ"], kind="stable"
    )
    chosen = ordered.drop_duplicates(TIMEPOINT)
    counts = chosen.set_index(TIMEPOINT)["RSSTRESC"].rename("counts")
    passed = ordered.join(counts, on=TIMEPOINT).drop(index=chosen.index)
    same = passed["RSSTRESC"] == passed["counts"]
    if account is not None:
        account.leave_out(passed.index[same], "recorded twice")
        account.leave_out(passed.index[~same & passed["ne"]], "NE beside an evaluable response")
        account.leave_out(passed.index[~same], "another response of the timepoint counts")
    evaluable = frame[~is_ne & (frame["accepted"] | ~_accepted_there(frame))]
    answers = evaluable.groupby(TIMEPOINT)["RSSTRESC"].transform("nunique")
    return chosen.drop(columns=["rank", "ne", "other", "accepted", "when"]), evaluable.index[
        answers > 1
    ]


def _accepted_there(frame: pd.DataFrame) -> pd.Series:
    return frame.groupby(TIMEPOINT)["accepted"].transform("any").astype(bool)


def _with_dates(frame: pd.DataFrame, points: pd.DataFrame, rules: Response) -> pd.DataFrame:
    imputed = impute_scan(frame["RSDTC"], rules.impute_scan_day)
    dated = frame.assign(
        FIRSTDT=earliest_day(frame["RSDTC"]),
        LASTDT=latest_day(frame["RSDTC"]),
        ADT=imputed.date,
        ADTF=imputed.flag,
    )
    if rules.scan_dates == "lesions":
        dated = _with_lesion_dates(dated, points)
    settled = dated["ADT"].notna()
    return dated.assign(
        FIRSTDT=dated["FIRSTDT"].mask(settled, dated["ADT"]),
        LASTDT=dated["LASTDT"].mask(settled, dated["ADT"]),
    )


def _with_lesion_dates(dated: pd.DataFrame, points: pd.DataFrame) -> pd.DataFrame:
    """PD is dated by the first day of its timepoint, any other response by the last."""
    spread = points.rename(columns={"EVAL": "RSEVAL"}).set_index(TIMEPOINT)[["FIRST", "LAST"]]
    merged = dated[TIMEPOINT].join(spread, on=TIMEPOINT)
    by_lesions = merged["LAST"].mask(dated["RSSTRESC"] == "PD", merged["FIRST"])
    known = by_lesions.notna()
    return dated.assign(
        ADT=dated["ADT"].mask(known, by_lesions), ADTF=dated["ADTF"].mask(known, "")
    )


UNDATED = Finding(
    "warning",
    "RS",
    "RSDTC",
    "scan-date",
    "without a full scan date: can give a response, can't time an event or a censoring",
    "complete the date, or let the protocol impute the day",
)
LONG = Finding(
    "warning",
    "RS",
    "RSDTC",
    "timepoint-span",
    "the scans under the link or visit of this response lie further apart than scans of one "
    "timepoint should (response.timepoint_days); they are taken together",
    "correct the dates or the visits of the scans",
)
CONFLICT = Finding(
    "warning",
    "RS",
    "RSSTRESC",
    "responses-of-one-timepoint",
    "several overall responses of one evaluator at one timepoint; the worse is used",
    "keep one overall response a timepoint, or select one criterion in the protocol",
)
