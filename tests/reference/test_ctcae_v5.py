"""CTCAE v5.0 laboratory grades: 267 published vectors, and the thresholds of the reference."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.spec.test_adlb import ADSL, EX, PROTOCOL

from csr.derive.adlb import derive_adlb
from csr.derive.laboratory_units import OTHER_LIMITS
from csr.params.laboratory import Laboratory
from csr.standards.ctcae import NAMES, grade_values, read_terms

TERMS = {name.casefold(): term for name, term in read_terms().items()}


def number(text: str | float | None) -> float:
    return float("nan") if text in ("", None) else float(text)


def graded(
    term: str, value: float, low: float, high: float, base: float, pchg: float = float("nan")
) -> tuple[str, str]:
    values = {"value": value, "low": low, "high": high, "base": base, "pchg": pchg, "first": 0}
    arrays = {name: np.array([float(v)]) for name, v in values.items()}
    grade, why, _ = grade_values(TERMS[term.casefold()], arrays)
    return ("" if np.isnan(grade[0]) else f"{grade[0]:g}"), str(why[0])


def vectors(shared: Path) -> list[dict[str, str]]:
    folder = shared / "data" / "A10_ctcae_v5_labs"
    text = (folder / "expected_ctcae_v5_grades.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


# The criteria count multiples of baseline only under anticoagulation, which these vectors take for
# granted: "INR increased: >1.2 - 1.5; >1 - 1.5 x baseline if on anticoagulation" (grade 1).
BY_BOUNDS = {  # term's number in the list → the grade by the bounds alone
    "7.0": "0", "9.0": "2", "10.0": "1", "11.0": "1", "12.0": "0", "13.0": "0", "15.0": "0",
}  # fmt: skip


def judged(rows: list[dict[str, str]], rules: Laboratory) -> list[tuple[str, str]]:
    """The grade of each vector and why it has none, through the derivation with all it has.

    A vector is a subject. Those without a unit are derived apart: a blank unit is the one that all
    others of the test share.
    """
    got: dict[int, tuple[str, str]] = {}
    for blank in (True, False):
        own = {i: row for i, row in enumerate(rows) if (row["AVALU"] == "") == blank}
        frame = derived(own, rules) if own else pd.DataFrame()
        for i, row in own.items():
            last = frame[(frame["USUBJID"] == str(i)) & (frame["ONTRTFL"] == "Y")].iloc[-1]
            letter = "L" if row["direction"] == "low" else "H"
            known = row["term"].casefold() in TERMS
            assert (last[f"ATOXDSC{letter}"] != "") == known
            got[i] = (last[f"ATOXGR{letter}"], last[f"ATOXREA{letter}"])
    return [got[i] for i in range(len(rows))]


def derived(rows: dict[int, dict[str, str]], rules: Laboratory) -> pd.DataFrame:
    """ADLB of the vectors: a baseline where they have one, and the value after it."""
    records = []
    for i, row in rows.items():
        term = TERMS.get(row["term"].casefold())
        days = (("2026-01-02", row["BASE"]), ("2026-01-12", row["AVAL"]))
        for day, value in days if row["BASE"] else days[1:]:
            limits = number(row["ANRLO"]), number(row["ANRHI"])
            test = "NOTATERM" if term is None else term.test
            records.append((str(i), test, value, number(value), row["AVALU"], *limits, day))
    names = ("LBTESTCD", "LBSTRESC", "LBSTRESN", "LBSTRESU", "LBSTNRLO", "LBSTNRHI", "LBDTC")
    lb = pd.DataFrame(records, columns=["USUBJID", *names])
    lb = lb.assign(LBTEST=lb["LBTESTCD"], LBSEQ=[float(i) for i in range(len(lb))])
    subjects = [str(i) for i in rows]
    adsl = pd.concat([ADSL[ADSL["USUBJID"] == "A"]] * len(rows)).assign(USUBJID=subjects)
    doses = pd.concat([EX[EX["USUBJID"] == "A"].assign(USUBJID=s) for s in subjects])
    sdtm = {"lb": lb, "ex": doses.reset_index(drop=True)}
    return derive_adlb(sdtm, adsl.reset_index(drop=True), rules, PROTOCOL).frame


def test_all_267_vectors_through_the_derivation(shared: Path) -> None:
    rows = vectors(shared)
    assert len(rows) == 267
    assert not [row for row in rows if row["PCHG"]]
    got = judged(rows, Laboratory(anticoagulation="always", correct_calcium=False))
    wrong = [(row, g) for row, g in zip(rows, got, strict=True) if g[0] != row["expected_grade"]]
    assert wrong == []
    blank = [
        g[1]
        for row, g in zip(rows, got, strict=True)
        if row["term"].casefold() in TERMS and row["expected_grade"] == ""
    ]
    assert len(blank) > 50
    doubts = {"value missing", "no plausible value in this unit", OTHER_LIMITS}
    assert set(blank) <= {*NAMES.values(), *doubts}
    assert all(blank)


def test_what_differs_without_anticoagulation(shared: Path) -> None:
    """INR by its bounds alone, as METHODS §10.8 has it: the vectors that differ, by number."""
    rows = [row for row in vectors(shared) if row["term"].casefold() == "inr increased"]
    assert len(rows) == 14
    got = judged(rows, Laboratory())
    differ = {
        row["TESTNUM"]: g[0]
        for row, g in zip(rows, got, strict=True)
        if g[0] != row["expected_grade"]
    }
    assert differ == BY_BOUNDS


LOW = {
    "Neutrophil count decreased (10^9/L)": "Neutrophil count decreased",
    "Platelet count decreased (10^9/L)": "Platelet count decreased",
    "White blood cell decreased (10^9/L)": "White blood cell decreased",
    "Lymphocyte count decreased (10^9/L)": "Lymphocyte count decreased",
    "CD4 lymphocytes decreased (10^9/L)": "CD4 lymphocytes decreased",
    "Anemia haemoglobin (g/L)": "Anemia",
    "Hypoalbuminemia (g/L)": "Hypoalbuminemia",
}
HIGH = {
    "ALT or AST increased": (
        "Alanine aminotransferase increased",
        "Aspartate aminotransferase increased",
    ),
    "ALP increased": ("Alkaline phosphatase increased",),
    "Blood bilirubin increased": ("Blood bilirubin increased",),
    "Creatinine increased": ("Creatinine increased",),
}
STEP = 1e-6


def reference(shared: Path) -> dict:
    path = shared / "reference" / "ctcae_v5_labs.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", LOW)
def test_lower_thresholds_of_the_reference(shared: Path, name: str) -> None:
    thresholds = reference(shared)["low"][name]
    lowest = 1e4  # a lower limit of normal above every threshold
    for grade, threshold in enumerate(thresholds, 1):
        if threshold == "clinical only":
            continue
        edge = lowest if threshold == "<LLN" else float(threshold)
        at = graded(LOW[name], edge, lowest, 2e4, float("nan"))[0]
        below = graded(LOW[name], edge * (1 - STEP), lowest, 2e4, float("nan"))[0]
        assert (at, below) == (str(grade - 1), str(grade)), (name, threshold)


def upper(text: str) -> list[tuple[str, float, str]]:
    """`>3U or >3B` → [(">", 3, "U"), (">", 3, "B")]."""
    found = []
    for part in text.split(" or "):
        operator = ">=" if part.startswith(">=") else ">"
        body = part.removeprefix(operator)
        found.append((operator, float(body[:-1]), body[-1]))
    return found


@pytest.mark.parametrize("name", HIGH)
def test_upper_thresholds_of_the_reference(shared: Path, name: str) -> None:
    for state, thresholds in reference(shared)["high"][name].items():
        # Baseline within the limits, beyond them, or (creatinine) at the limit.
        base = {"baseline normal": 30.0, "baseline abnormal": 80.0, "any": 40.0}[state]
        for grade, text in enumerate(thresholds, 1):
            for operator, factor, of in upper(text):
                edge = factor * (40.0 if of == "U" else base)
                beyond, at = edge * (1 + STEP), edge * (1 - STEP) if operator == ">=" else edge
                for term in HIGH[name]:
                    assert graded(term, beyond, 10, 40, base)[0] == str(grade), (term, text)
                    assert graded(term, at, 10, 40, base)[0] == str(grade - 1), (term, text)


def test_a_higher_grade_that_can_not_be_told_leaves_no_lower_one() -> None:
    # 2 × ULN without a baseline: creatinine may be grade 3 by its baseline.
    assert graded("Creatinine increased", 80, 10, 40, float("nan")) == ("", "baseline missing")
    # 7 × ULN is grade 4 whatever the baseline was.
    assert graded("Creatinine increased", 280, 10, 40, float("nan"))[0] == "4"
    # Platelets of 20 need no limit of normal; platelets of 100 do.
    nothing = float("nan")
    assert graded("Platelet count decreased", 20, nothing, nothing, nothing)[0] == "4"
    assert graded("Platelet count decreased", 100, nothing, nothing, nothing) == (
        "",
        "lower limit of normal missing",
    )
