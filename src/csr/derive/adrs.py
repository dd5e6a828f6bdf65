"""ADRS: timepoint responses and what follows from them, per evaluator.

Parameters (PARAMCD), one row per subject and evaluator except OVR:

    OVR    overall response at a timepoint, as the protocol reads it (RSSTRESC: as recorded)
    PD     first progression, whether or not a new therapy came before (Y/N)
    BOR    best overall response, unconfirmed
    CBOR   confirmed best overall response
    RSP    CR or PR at any time that counts (Y/N), ADT its first day
    CRSP   confirmed CR or PR (Y/N), ADT the first day of the response that was confirmed
    CB     disease control: CBOR is CR, PR, SD (or NON-CR/NON-PD) (Y/N), ADT its first day
    TUBL   whether this evaluator has a tumour assessment at baseline (Y/N), ADT its last day
    MDIS   measurable disease at baseline: a target lesion of this evaluator (Y/N)
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from csr.derive.account import open_account
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
from csr.derive.sources import NOTHING, Sdtm
from csr.derive.standing_responses import RESPONSES
from csr.derive.timepoint_responses import timepoint_responses
from csr.derive.timepoints import Timepoints
from csr.derive.tumour_baseline import tumour_baseline
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
    "TUBL": "Baseline Tumour Assessment",
    "MDIS": "Measurable Disease at Baseline",
}
NUMBERS = {response: float(i) for i, response in enumerate(RESPONSES, start=1)}
NUMBERS |= {"Y": 1.0, "N": 0.0}
Row = dict[str, Any]


def derive_adrs(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, timepoints: Timepoints | None = None
) -> Derived:
    """What tumour response each treated subject had, by each evaluator of RS.

    AVALC, AVAL (CR 1 … NE 6; Y 1, N 0); ADT the day of the assessment that gave it (NaT for N and
    for partial dates); ASMTN the number of its timepoint, which ADTR has too; CONFDT the day of the
    confirming assessment; NEREAS why a best response is NE; SRCDOM, SRCVAR, SRCSEQ the record of
    RS; ANL01FL Y on the OVR rows that count for the best response. ASEQ numbers the rows of a
    subject. A treated subject without assessments has the parameters too, for the protocol's
    evaluator. TUBL and MDIS are there where TU or TR was transferred. Source: METHODS §3, §10.
    """
    account = open_account("ADRS", "RS", sdtm.get("rs", NOTHING))
    overall, findings = timepoint_responses(sdtm, adsl, protocol, account, timepoints)
    overall = account.keep(overall, overall["USUBJID"].isin(adsl["USUBJID"]), "subject not in DM")
    evaluators = sorted({*overall["RSEVAL"], protocol.response.evaluator})
    seen = _by_subject_and_evaluator(overall)
    baseline = _baselines(sdtm, adsl, protocol, evaluators)
    rows: list[Row] = []
    queried: list[float] = []
    for subject in adsl.to_dict("records"):
        for who in evaluators:
            scans = seen.get((subject["USUBJID"], who), [])
            own = baseline[who].get(subject["USUBJID"], {})
            known = subject if who == protocol.response.evaluator else subject | own
            rows += _evaluated(known, scans, who, protocol.response)
            rows += _at_baseline(known, own, who)
            queried += _queried(subject, scans)
    queries = overall.loc[overall.index.isin(queried)]
    findings = [
        *findings,
        *find_rows(queries, CR_THEN_PR, ("USUBJID", "RSSEQ"), "RSSTRESC"),
        *_find_without_tumours(overall, baseline),
    ]
    account.settle(overall.index)
    return Derived(_frame(rows, adsl), findings)


def _baselines(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, evaluators: list[str]
) -> dict[str, dict[str, Row]]:
    """By evaluator and subject: TUBLFL, TUBLDT, MEASFL as that evaluator has them."""
    return {
        who: {
            row["USUBJID"]: {c: row[c] for c in ("TUBLFL", "TUBLDT", "MEASFL")}
            for row in tumour_baseline(sdtm, adsl, protocol, who).to_dict("records")
        }
        for who in evaluators
    }


def _find_without_tumours(
    overall: pd.DataFrame, baseline: dict[str, dict[str, Row]]
) -> list[Finding]:
    """Responses of an evaluator none of whose subjects has a tumour assessment at baseline."""
    known = {who: {row["TUBLFL"] for row in rows.values()} for who, rows in baseline.items()}
    alone = [who for who, flags in known.items() if flags == {"N"}]
    rows = overall[overall["RSEVAL"].isin(alone)]
    return find_rows(rows, NO_TUMOURS, ("USUBJID", "RSSEQ"), "RSEVAL")


def _at_baseline(subject: Row, own: Row, who: str) -> list[Row]:
    """Facts of one evaluator; none for the untreated, nor where nothing can be said."""
    if pd.isna(subject["TRTSDT"]) or not own.get("TUBLFL"):
        return []
    of = {"USUBJID": subject["USUBJID"], "RSEVAL": who}
    date = own["TUBLDT"] if own["TUBLFL"] == "Y" else pd.NaT
    return [
        {**of, "PARAMCD": "TUBL", "AVALC": own["TUBLFL"], "ADT": date},
        {**of, "PARAMCD": "MDIS", "AVALC": own["MEASFL"]},
    ]


def _by_subject_and_evaluator(overall: pd.DataFrame) -> dict[tuple[str, str], list[Row]]:
    seen: dict[tuple[str, str], list[Row]] = {}
    for row in overall.reset_index(names="row").to_dict("records"):
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
    copied = ("ADT", "ADTF", "ASMTN", "VISITNUM", "VISIT", "RSSTRESC", "RSDTC")
    return {**{c: scan[c] for c in copied}, "SRCSEQ": scan["RSSEQ"]}


def _day(subject: Row, date: pd.Timestamp) -> int:
    return (date - subject["TRTSDT"]).days


def _day_or_none(subject: Row, date: pd.Timestamp) -> int | None:
    days = date - subject["TRTSDT"]
    return None if pd.isna(days) else days.days


def _frame(rows: list[Row], adsl: pd.DataFrame) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(
        {"ADT": DATE, "CONFDT": DATE, "ASMTN": float, "VISITNUM": float, "SRCSEQ": float}
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
    order = order.sort_values(["USUBJID", "p", "RSEVAL", "ADT", "ASMTN", "SRCSEQ"], kind="stable")
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
    "ASMTN",
    "VISITNUM",
    "VISIT",
    "RSSTRESC",
    "RSDTC",
    "ANL01FL",
    "SRCSEQ",
)
NO_TUMOURS = Finding(
    "warning",
    "RS",
    "RSEVAL",
    "evaluator-without-baseline",
    "the evaluator has responses and, in no subject, a tumour assessment at baseline (TU, TR): "
    "times to progression by this evaluator are censored on the first day",
    "transfer the evaluator's TU and TR",
)
CR_THEN_PR = Finding(
    "warning",
    "RS",
    "RSSTRESC",
    "cr-then-pr",
    "PR after CR (RECIST 1.1: either it is PD, or the CR was really PR); read as the protocol says",
    "query the site",
)
