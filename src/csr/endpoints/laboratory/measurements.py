"""Vital signs, ECG and performance status: by visit, abnormal, and shifts (METHODS §5)."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.laboratory.by_visit import (
    CHANGES,
    VISIT_COLUMNS,
    one_a_visit,
    summarise_by_visit,
)
from csr.endpoints.laboratory.laboratory import SIGNS, text_of
from csr.endpoints.laboratory.shift import count_shifts, shift_rows
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.params.measurements import MeasurementRules
from csr.results import (
    UNTRACED,
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)
from csr.standards.units import conversion

ECOG = ("0", "1", "2", "3", "4", "5")
QTC = ("≤ 450 ms", "> 450 to 480 ms", "> 480 to 500 ms", "> 500 ms")
QTC_EDGES = (450.0, 480.0, 500.0)
QTC_CHANGE = {"> 30 ms": 30.0, "> 60 ms": 60.0}
ABNORMAL_ONLY = "ABNORMAL"
INTERPRETATION = (
    "NORMAL",
    "ABNORMAL, NOT CLINICALLY SIGNIFICANT",
    ABNORMAL_ONLY,
    "ABNORMAL, CLINICALLY SIGNIFICANT",
)
LEAST_MS = 50.0  # no interval in seconds is that long
LOW, HIGH, ANY = "Below the limit", "Above the limit", "Any"
CATEGORIES = (LOW, HIGH, ANY)
TESTS = {"ATESTCD": "tests are known by PARAMCD"}
UNITS = {
    "AVALU": "the unit is that in the brackets of PARAM",
    "PARAM": "without AVALU, intervals are in milliseconds where none could be in seconds",
}


def unasked(params: Params) -> str:
    """Measurements are analysed where params say how."""
    return "" if params.measurements is not None else "params declare no measurements"


def rules_of(params: Params) -> MeasurementRules:
    """The rules of params, which must be there."""
    if params.measurements is None:
        raise ValueError("params declare no measurements")
    return params.measurements


def record_needs(params: Params, dataset: str) -> Needs:
    """What is read of every dataset of measurements: subjects, and which records count."""
    return subject_needs(params, "safety") + reads(dataset, "USUBJID", "ANL01FL")


def _key(records: pd.DataFrame, key: str) -> str:
    return key if key in records else ""


def _records(adam: Adam, params: Params, dataset: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    subjects = subjects_in(adam, params, "safety")
    own = with_group(adam[dataset], subjects)
    return subjects, own[own["ANL01FL"] == "Y"].reset_index(drop=True)


def answer_vitals(adam: Adam, params: Params) -> Output:
    """Values and changes of every vital sign by visit, the last value of a visit."""
    subjects, records = _records(adam, params, "advs")
    out = ResultList("vitals-by-visit", "safety")
    own = one_a_visit(records[records["AVAL"].notna()])
    percent = rules_of(params).visit_percent
    rows = summarise_by_visit(out, own, subjects, params, percent, "ADVS", _key(own, "VSSEQ"))
    return Output(rows, out.frame())


def answer_abnormal(adam: Adam, params: Params) -> Output:
    """Subjects with a value beyond params' limits after baseline, by vital sign and direction."""
    subjects, records = _records(adam, params, "advs")
    after = records[(records["ONTRTFL"] == "Y") & records["ANRIND"].isin(["LOW", "HIGH"])]
    named = after["ANRIND"].map({"LOW": LOW, "HIGH": HIGH})
    parts = [after.assign(CATEGORY=named), after.assign(CATEGORY=ANY)]
    items = ("PARAM", "CATEGORY")
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADVS", ["TRTA", *items], _key(part, "VSSEQ")) for part in parts),
    )
    out = ResultList("vitals-abnormal", "safety")
    asked = _sides(records, params)
    if asked:
        count_subjects(out, rows, "TRTA", params.treatment.values, [items], items, asked)
    return Output(rows, out.frame())


def _tests(records: pd.DataFrame) -> pd.Series:
    """The test of each record, whatever position it was measured in."""
    own = text_of(records, "ATESTCD")
    return own.where(own != "", records["PARAMCD"])


def _in_ms(records: pd.DataFrame) -> pd.DataFrame:
    """Intervals, and changes of them, in milliseconds, by AVALU or the brackets of PARAM.

    Without any unit they are in milliseconds where none could be in seconds; a unit that is none of
    time leaves no number.
    """
    in_name = text_of(records, "PARAM").str.extract(r"\(([^()]*)\)\s*$")[0].fillna("")
    unit = text_of(records, "AVALU")
    unit = unit.where(unit != "", in_name.where(in_name.map(_milliseconds).notna(), ""))
    if not (unit != "").any() and (records["AVAL"].dropna() >= LEAST_MS).all():
        return records
    factor = unit.map(_milliseconds).astype(float)
    changes = {name: records[name] * factor for name in ("AVAL", "CHG") if name in records}
    return records.assign(**changes)


def _milliseconds(unit: str) -> float:
    found = conversion(unit, "ms")
    return float("nan") if found is None else found.factor


def limits_are_ours(params: Params) -> bool:
    """Whether ANRIND was made by params' limits: of a delivered ADVS it says what the data say."""
    return params.data.standard == "sdtm"


def _sides(records: pd.DataFrame, params: Params) -> list[tuple[str, str]]:
    """Each vital sign with limits, and each side on which it has one."""
    if not limits_are_ours(params):
        told = records.loc[records["ANRIND"] != "", "PARAM"].unique()
        return [(str(sign), category) for sign in told for category in CATEGORIES]
    limits = rules_of(params).limits
    tests = _tests(records)
    limited = records.assign(TESTCD=tests)[tests.isin(limits)].drop_duplicates("PARAM")
    return [
        (str(r.PARAM), category)
        for r in limited.itertuples()
        for category in CATEGORIES
        if category == ANY or getattr(limits[str(r.TESTCD)], "low" if category == LOW else "high")
    ]


def answer_ecog(adam: Adam, params: Params) -> Output:
    """ECOG performance status at baseline × the worst after it."""
    subjects, records = _records(adam, params, "adecog")
    levels = records["AVAL"].map("{:g}".format, na_action="ignore").fillna("")
    own = records.assign(TERM="ECOG performance status", LEVEL=levels)
    out = ResultList("ecog-shift", "safety")
    shifts = shift_rows(own, subjects, ECOG)
    return Output(count_shifts(out, shifts, subjects, params, "ADECOG"), out.frame())


def answer_ecg(adam: Adam, params: Params) -> Output:
    """QTcF by ICH E14's bounds, and the overall interpretation: baseline × the worst after it."""
    rules = rules_of(params)
    subjects, records = _records(adam, params, "adeg")
    qtc = _in_ms(records[_tests(records) == rules.qtc])
    qtc = qtc[qtc["AVAL"].notna()]
    place = pd.cut(
        qtc["AVAL"], [-float("inf"), *QTC_EDGES, float("inf")], labels=list(QTC), right=True
    )
    parts = [qtc.assign(TERM="QTcF", LEVEL=place.astype(object))]
    if "AVALC" in records:
        read = records[_tests(records) == rules.interpretation]
        parts.append(read.assign(TERM="Interpretation", LEVEL=read["AVALC"].str.upper()))
    out = ResultList("ecg-shift", "safety")
    shifts = [
        shift_rows(part, subjects, order)
        for part, order in zip(parts, (QTC, INTERPRETATION), strict=False)
    ]
    every = pd.concat(shifts, ignore_index=True)
    return Output(count_shifts(out, every, subjects, params, "ADEG"), out.frame())


def answer_qtc_change(adam: Adam, params: Params) -> Output:
    """Subjects whose QTcF rose by more than 30 or 60 ms over baseline."""
    subjects, records = _records(adam, params, "adeg")
    qtc = _in_ms(records[_tests(records) == rules_of(params).qtc])
    own = qtc[qtc["ONTRTFL"] == "Y"]
    out = ResultList("qtc-change", "safety")
    if "CHG" not in own:
        return Output(make_rows(population_rows(subjects, ["TRTA"])), out.frame())
    parts = [own[own["CHG"] > edge].assign(CATEGORY=name) for name, edge in QTC_CHANGE.items()]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADEG", ["TRTA", "CATEGORY"], _key(part, "EGSEQ")) for part in parts),
    )
    asked = [(name,) for name in QTC_CHANGE]
    groups = params.treatment.values
    count_subjects(out, rows, "TRTA", groups, [("CATEGORY",)], ("CATEGORY",), asked)
    return Output(rows, out.frame())


def vitals_needs(params: Params) -> Needs:
    """Values that count, and their visits."""
    own = reads("advs", *VISIT_COLUMNS, **CHANGES, **SIGNS, VSSEQ=UNTRACED)
    return record_needs(params, "advs") + own


def abnormal_needs(params: Params) -> Needs:
    """Values that count, and on which side of the limits they lie."""
    own = reads("advs", "PARAMCD", "PARAM", "ONTRTFL", "ANRIND", **TESTS, VSSEQ=UNTRACED)
    return record_needs(params, "advs") + own


def ecog_needs(params: Params) -> Needs:
    """The status at baseline and after it."""
    return record_needs(params, "adecog") + reads("adecog", "AVAL", "ABLFL", "ONTRTFL")


def ecg_needs(params: Params) -> Needs:
    """QTcF and the interpretation, at baseline and after it."""
    read = "the interpretation of the ECG is left out"
    own = reads("adeg", "PARAMCD", "AVAL", "ABLFL", "ONTRTFL", AVALC=read, **TESTS, **UNITS)
    return record_needs(params, "adeg") + own


def rise_needs(params: Params) -> Needs:
    """The changes of QTcF after baseline."""
    rise = "the rise over baseline is left out"
    own = reads("adeg", "PARAMCD", "AVAL", "ONTRTFL", CHG=rise, EGSEQ=UNTRACED, **TESTS, **UNITS)
    return record_needs(params, "adeg") + own


VITALS, ABNORMAL, ECOG_SHIFT, ECG_SHIFT, QTC_RISE = (
    Analysis(name, how, source, unasked=unasked, needs=needs)
    for name, how, source, needs in (
        ("vitals-by-visit", answer_vitals, "METHODS §5", vitals_needs),
        ("vitals-abnormal", answer_abnormal, "METHODS §5", abnormal_needs),
        ("ecog-shift", answer_ecog, "METHODS §5", ecog_needs),
        ("ecg-shift", answer_ecg, "ICH E14", ecg_needs),
        ("qtc-change", answer_qtc_change, "ICH E14", rise_needs),
    )
)
