"""ADRS: timepoint responses and what follows from them, per evaluator.

Parameters (PARAMCD), one row per subject and evaluator except OVR:

    OVR    overall response at a timepoint, as the protocol reads it (RSSTRESC: as recorded)
    PD     first progression, whether or not a new therapy came before (Y/N)
    BOR    best overall response, unconfirmed
    CBOR   confirmed best overall response
    RSP    CR or PR at any time that counts (Y/N), ADT its first day
    CRSP   confirmed CR or PR (Y/N), ADT the first day of the response that was confirmed
    CB     disease control: CBOR is CR, PR, SD (or NON-CR/NON-PD) (Y/N), ADT its first day
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from csr.derive.adsl import merge_core
from csr.derive.dates import study_day
from csr.derive.findings import Derived, find_rows
from csr.derive.response import (
    Assessment,
    Best,
    Course,
    assessments_that_count,
    best_overall_response,
    cr_then_pr,
    disease_control,
    first_benefit,
    first_response,
    read_cr_then_pr,
)
from csr.derive.sources import Sdtm
from csr.derive.timepoints import RESPONSES, timepoint_responses
from csr.errors import Finding
from csr.params.protocol import Protocol, Response

PARAMS = {
    "OVR": "Overall Response",
    "PD": "Progressive Disease",
    "BOR": "Best Overall Response",
    "CBOR": "Confirmed Best Overall Response",
    "RSP": "Response (CR or PR)",
    "CRSP": "Confirmed Response (CR or PR)",
    "CB": "Disease Control",
}
NUMBERS = {response: float(i) for i, response in enumerate(RESPONSES, start=1)}
NUMBERS |= {"Y": 1.0, "N": 0.0}
Row = dict[str, Any]


def derive_adrs(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> Derived:
    """What tumour response each treated subject had, by each evaluator of RS.

    AVALC, AVAL (CR 1 … NE 6; Y 1, N 0); ADT the day of the assessment that gave it (NaT for N and
    for partial dates); CONFDT the day of the confirming assessment; NEREAS why a best response is
    NE; SRCDOM, SRCVAR, SRCSEQ the record of RS; ANL01FL Y on the OVR rows that count for the best
    response. ASEQ numbers the rows of a subject. A treated subject without assessments has the
    parameters too, for the protocol's evaluator. Source: METHODS §3.
    """
    timepoints, findings = timepoint_responses(sdtm, protocol)
    evaluators = sorted({*timepoints["RSEVAL"], protocol.response.evaluator})
    seen = _by_subject_and_evaluator(timepoints)
    rows: list[Row] = []
    queried: list[float] = []
    for subject in adsl.to_dict("records"):
        for who in evaluators:
            scans = seen.get((subject["USUBJID"], who), [])
            rows += _evaluated(subject, scans, who, protocol.response)
            queried += _queried(subject, scans)
    queries = timepoints.loc[timepoints.index.isin(queried)]
    findings = [*findings, *find_rows(queries, CR_THEN_PR, ("USUBJID", "RSSEQ"), "RSSTRESC")]
    return Derived(_frame(rows, adsl), findings)


def _by_subject_and_evaluator(timepoints: pd.DataFrame) -> dict[tuple[str, str], list[Row]]:
    seen: dict[tuple[str, str], list[Row]] = {}
    for row in timepoints.reset_index(names="row").to_dict("records"):
        seen.setdefault((row["USUBJID"], row["RSEVAL"]), []).append(row)
    return seen


def _after_baseline(subject: Row, scans: list[Row]) -> list[Row]:
    return [scan for scan in scans if scan["LASTDT"] > subject["TRTSDT"]]


def _assessments(subject: Row, after: list[Row]) -> tuple[Assessment, ...]:
    return tuple(
        Assessment(
            scan["RSSTRESC"], _day(subject, scan["FIRSTDT"]), _day(subject, scan["LASTDT"]), i
        )
        for i, scan in enumerate(after)
    )


def _queried(subject: Row, scans: list[Row]) -> list[float]:
    after = _after_baseline(subject, scans)
    return [after[a.row]["row"] for a in cr_then_pr(_assessments(subject, after))]


def _evaluated(subject: Row, scans: list[Row], who: str, rules: Response) -> list[Row]:
    """All rows of one subject and evaluator; the untreated have their timepoints only."""
    after = _after_baseline(subject, scans)
    therapy = _day_or_none(subject, subject["NACTDT"])
    read = read_cr_then_pr(_assessments(subject, after), rules, therapy)
    course = Course(
        read,
        new_therapy=therapy,
        death=_day_or_none(subject, subject["DTHDT"]),
        sd_from=_sd_from(subject, rules),
    )
    responses = {after[a.row]["row"]: a.response for a in read}
    counted = {after[a.row]["row"] for a in assessments_that_count(course, rules)}
    rows = [_timepoint(scan, responses, counted) for scan in scans]
    if not pd.isna(subject["TRTSDT"]):
        rows += _best(course, after, rules)
    return [{"USUBJID": subject["USUBJID"], "RSEVAL": who, **row} for row in rows]


def _sd_from(subject: Row, rules: Response) -> int:
    if rules.sd_from == "T0":
        return 0
    return _day_or_none(subject, subject["TUBLDT"]) or 0


def _timepoint(scan: Row, responses: dict[int, str], counted: set[int]) -> Row:
    response = responses.get(scan["row"], scan["RSSTRESC"])
    return {
        "PARAMCD": "OVR",
        "AVALC": response,
        "ANL01FL": "Y" if scan["row"] in counted else "",
        **_source(scan),
    }


def _best(course: Course, after: list[Row], rules: Response) -> list[Row]:
    confirmed = best_overall_response(course, rules, confirmed=True)
    unconfirmed = best_overall_response(course, rules, confirmed=False)
    controlled = confirmed.response in disease_control(rules)
    return [
        _yes_or_no("PD", _first_pd(course, after), after),
        _best_row("BOR", unconfirmed, after),
        _best_row("CBOR", confirmed, after),
        _yes_or_no("RSP", first_response(course, rules, confirmed=False), after),
        _yes_or_no("CRSP", first_response(course, rules, confirmed=True), after),
        _yes_or_no("CB", first_benefit(course, rules) if controlled else None, after),
    ]


def _first_pd(course: Course, after: list[Row]) -> Assessment | None:
    """The first dated PD: one without a full date can't time an event (and is a finding)."""
    progressions = [a for a in course.assessments if a.response == "PD"]
    dated = [a for a in progressions if not pd.isna(after[a.row]["ADT"])]
    return next(iter(dated or progressions), None)


def _yes_or_no(paramcd: str, found: Assessment | None, after: list[Row]) -> Row:
    if found is None:
        return {"PARAMCD": paramcd, "AVALC": "N"}
    return {"PARAMCD": paramcd, "AVALC": "Y", **_source(after[found.row])}


def _best_row(paramcd: str, best: Best, after: list[Row]) -> Row:
    row: Row = {"PARAMCD": paramcd, "AVALC": best.response, "NEREAS": best.reason}
    if best.given_by is not None:
        row |= _source(after[best.given_by.row])
    if best.confirmed_by is not None:
        row["CONFDT"] = after[best.confirmed_by.row]["ADT"]
    return row


def _source(scan: Row) -> Row:
    copied = ("ADT", "ADTF", "VISITNUM", "VISIT", "RSSTRESC", "RSDTC")
    return {**{c: scan[c] for c in copied}, "SRCSEQ": scan["RSSEQ"]}


def _day(subject: Row, date: pd.Timestamp) -> int:
    return (date - subject["TRTSDT"]).days


def _day_or_none(subject: Row, date: pd.Timestamp) -> int | None:
    days = date - subject["TRTSDT"]
    return None if pd.isna(days) else days.days


def _frame(rows: list[Row], adsl: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"ADT": DATE, "CONFDT": DATE, "VISITNUM": float, "SRCSEQ": float}
    )
    texts = frame.select_dtypes(object).columns
    frame[texts] = frame[texts].fillna("")
    frame = merge_core(frame, adsl)
    frame["PARAM"] = frame["PARAMCD"].map(PARAMS)
    frame["AVAL"] = frame["AVALC"].map(NUMBERS)
    frame["ADY"] = study_day(frame["ADT"], frame["TRTSDT"])
    has_source = frame["SRCSEQ"].notna()
    frame["SRCDOM"] = has_source.map({True: "RS", False: ""})
    frame["SRCVAR"] = has_source.map({True: "RSSTRESC", False: ""})
    order = frame.assign(p=frame["PARAMCD"].map(list(PARAMS).index))
    order = order.sort_values(["USUBJID", "p", "RSEVAL", "ADT", "SRCSEQ"], kind="stable")
    ordered = order.drop(columns="p").reset_index(drop=True)
    ordered["ASEQ"] = ordered.groupby("USUBJID").cumcount().add(1).astype(float)
    return ordered


DATE = "datetime64[ns]"
COLUMNS = (
    "USUBJID",
    "PARAMCD",
    "RSEVAL",
    "AVALC",
    "ADT",
    "ADTF",
    "CONFDT",
    "NEREAS",
    "VISITNUM",
    "VISIT",
    "RSSTRESC",
    "RSDTC",
    "ANL01FL",
    "SRCSEQ",
)
CR_THEN_PR = Finding(
    "warning",
    "RS",
    "RSSTRESC",
    "cr-then-pr",
    "PR after CR (RECIST 1.1: either it is PD, or the CR was really PR); read as the protocol says",
    "query the site",
)
