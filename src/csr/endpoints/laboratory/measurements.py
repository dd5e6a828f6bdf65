"""Vital signs, ECG and performance status: by visit, abnormal, and shifts (METHODS §5)."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.laboratory.by_visit import one_a_visit, summarise_by_visit
from csr.endpoints.laboratory.shift import count_shifts, shift_rows
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.params.measurements import MeasurementRules
from csr.results import (
    Adam,
    Analysis,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

ECOG = ("0", "1", "2", "3", "4", "5")
QTC = ("≤ 450 ms", "> 450 to 480 ms", "> 480 to 500 ms", "> 500 ms")
QTC_EDGES = (450.0, 480.0, 500.0)
QTC_CHANGE = {"> 30 ms": 30.0, "> 60 ms": 60.0}
INTERPRETATION = (
    "NORMAL",
    "ABNORMAL, NOT CLINICALLY SIGNIFICANT",
    "ABNORMAL, CLINICALLY SIGNIFICANT",
)
LOW, HIGH, ANY = "Below the limit", "Above the limit", "Any"
CATEGORIES = (LOW, HIGH, ANY)


def unasked(params: Params) -> str:
    """Measurements are analysed where params say how."""
    return "" if params.measurements is not None else "params declare no measurements"


def rules_of(params: Params) -> MeasurementRules:
    """The rules of params, which must be there."""
    if params.measurements is None:
        raise ValueError("params declare no measurements")
    return params.measurements


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
    rows = summarise_by_visit(out, own, subjects, params, percent, "ADVS", "VSSEQ")
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
        *(counted_rows(part, "ADVS", ["TRTA", *items], "VSSEQ") for part in parts),
    )
    out = ResultList("vitals-abnormal", "safety")
    limits = rules_of(params).limits
    limited = records[records["PARAMCD"].isin(limits)].drop_duplicates("PARAM")
    asked = [
        (str(r.PARAM), category)
        for r in limited.itertuples()
        for category in CATEGORIES
        if category == ANY or getattr(limits[str(r.PARAMCD)], "low" if category == LOW else "high")
    ]
    if asked:
        count_subjects(out, rows, "TRTA", params.treatment.values, [items], items, asked)
    return Output(rows, out.frame())


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
    qtc = records[(records["PARAMCD"] == rules.qtc) & records["AVAL"].notna()]
    place = pd.cut(
        qtc["AVAL"], [-float("inf"), *QTC_EDGES, float("inf")], labels=list(QTC), right=True
    )
    read = records[records["PARAMCD"] == rules.interpretation]
    parts = [
        qtc.assign(TERM="QTcF", LEVEL=place.astype(object)),
        read.assign(TERM="Interpretation", LEVEL=read["AVALC"].str.upper()),
    ]
    out = ResultList("ecg-shift", "safety")
    shifts = [
        shift_rows(part, subjects, order)
        for part, order in zip(parts, (QTC, INTERPRETATION), strict=True)
    ]
    every = pd.concat(shifts, ignore_index=True)
    return Output(count_shifts(out, every, subjects, params, "ADEG"), out.frame())


def answer_qtc_change(adam: Adam, params: Params) -> Output:
    """Subjects whose QTcF rose by more than 30 or 60 ms over baseline."""
    subjects, records = _records(adam, params, "adeg")
    own = records[(records["PARAMCD"] == rules_of(params).qtc) & (records["ONTRTFL"] == "Y")]
    parts = [own[own["CHG"] > edge].assign(CATEGORY=name) for name, edge in QTC_CHANGE.items()]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADEG", ["TRTA", "CATEGORY"], "EGSEQ") for part in parts),
    )
    out = ResultList("qtc-change", "safety")
    asked = [(name,) for name in QTC_CHANGE]
    groups = params.treatment.values
    count_subjects(out, rows, "TRTA", groups, [("CATEGORY",)], ("CATEGORY",), asked)
    return Output(rows, out.frame())


SOURCE = "METHODS §5"
VITALS = Analysis("vitals-by-visit", ("adsl", "advs"), answer_vitals, SOURCE, unasked=unasked)
ABNORMAL = Analysis("vitals-abnormal", ("adsl", "advs"), answer_abnormal, SOURCE, unasked=unasked)
ECOG_SHIFT = Analysis("ecog-shift", ("adsl", "adecog"), answer_ecog, SOURCE, unasked=unasked)
ECG_SHIFT = Analysis("ecg-shift", ("adsl", "adeg"), answer_ecg, "ICH E14", unasked=unasked)
QTC_RISE = Analysis("qtc-change", ("adsl", "adeg"), answer_qtc_change, "ICH E14", unasked=unasked)
