"""ASTCT grades of CRS and ICANS over every combination of components (Lee 2019, reference file)."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest

from csr.standards.astct import grade_components

# What may be recorded → the words of the reference that grade it.
PRESSURE = {
    "NONE": "no hypotension",
    "HYPOTENSION WITHOUT VASOPRESSOR": "hypotension without vasopressor",
    "ONE VASOPRESSOR": "one vasopressor",
    "ONE VASOPRESSOR AND VASOPRESSIN": "one vasopressor",
    "MULTIPLE VASOPRESSORS": "multiple vasopressors",
}
OXYGEN = {
    "NONE": "no hypoxia",
    "LOW-FLOW": "low-flow O2",
    "BLOW-BY": "blow-by",
    "HIGH-FLOW": "high-flow O2",
    "FACEMASK": "facemask",
    "NON-REBREATHER MASK": "non-rebreather",
    "VENTURI MASK": "Venturi",
    "POSITIVE PRESSURE": "positive pressure",
}
CONSCIOUSNESS = {
    "AWAKENS SPONTANEOUSLY": "awakens spontaneously",
    "AWAKENS TO VOICE": "to voice",
    "AWAKENS TO TACTILE STIMULUS": "to tactile stimulus",
    "UNAROUSABLE": "unarousable",
    "VIGOROUS STIMULI": "vigorous stimuli",
    "STUPOR": "stupor",
    "COMA": "coma",
}
SEIZURE = {
    "FOCAL SEIZURE RESOLVING RAPIDLY": "resolves rapidly",
    "GENERALIZED SEIZURE RESOLVING RAPIDLY": "resolves rapidly",
    "PROLONGED SEIZURE": ">5 min",
    "REPETITIVE SEIZURES WITHOUT RETURN TO BASELINE": "repetitive without return to baseline",
}
ICP = {
    "FOCAL OEDEMA": "focal oedema",
    "DIFFUSE OEDEMA": "diffuse oedema",
    "POSTURING": "posturing",
    "CRANIAL NERVE VI PALSY": "CN VI palsy",
    "CUSHING TRIAD": "Cushing triad",
}
ICE = ("", *(str(score) for score in range(11)))


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict:
    path = shared / "reference" / "astct_grades.json"
    return json.loads(path.read_text(encoding="utf-8"))


def said_in(grades: dict[str, str], words: str) -> int:
    """The lowest grade of the reference whose text has the words."""
    found = [int(grade) for grade, text in grades.items() if grade.isdigit() and words in text]
    assert found, words
    return min(found)


def ice_grade(grades: dict[str, str], score: int) -> int:
    """`7-9` → grade; a score in no range (10) is no impairment."""
    for grade, text in grades.items():
        low, _, high = text.partition(" ")[0].partition("-")
        if int(low) <= score <= int(high or low):
            return int(grade)
    return 0


def test_crs_over_all_combinations(reference: dict) -> None:
    crs = reference["CRS"]
    seen = set()
    for pressure, oxygen in itertools.product(PRESSURE, OXYGEN):
        by_pressure = 1 if pressure == "NONE" else said_in(crs, PRESSURE[pressure])
        by_oxygen = 1 if oxygen == "NONE" else said_in(crs, OXYGEN[oxygen])
        recorded = {"TEMPMAX": "38.0", "HYPOTENS": pressure, "OXYGEN": oxygen}
        assert grade_components("CRS", recorded) == (max(by_pressure, by_oxygen), "")
        seen.add(max(by_pressure, by_oxygen))
        without = grade_components("CRS", {**recorded, "TEMPMAX": "37.9"})
        assert without == (None, "no temperature of 38.0 °C or more")
        assert grade_components("CRS", {**recorded, "TEMPMAX": ""})[0] is None
    assert seen == {1, 2, 3, 4}


def test_icans_over_all_combinations(reference: dict) -> None:
    icans = reference["ICANS"]
    seen = set()
    domains = itertools.product(
        ICE, CONSCIOUSNESS, ("NONE", *SEIZURE), ("NONE", "DEEP FOCAL WEAKNESS"), ("NONE", *ICP)
    )
    for ice, consciousness, seizure, motor, icp in domains:
        grades = [said_in(icans["consciousness"], CONSCIOUSNESS[consciousness])]
        if ice:
            grades.append(ice_grade(icans["ICE"], int(ice)))
        if seizure != "NONE":
            grades.append(said_in(icans["seizure"], SEIZURE[seizure]))
        if motor != "NONE":
            grades.append(said_in(icans["motor"], motor.lower()))
        if icp != "NONE":
            grades.append(said_in(icans["ICP"], ICP[icp]))
        worst = max(grades)
        recorded = {
            "ICE": ice,
            "CONSCIOU": consciousness,
            "SEIZURE": seizure,
            "MOTOR": motor,
            "ICP": icp,
        }
        grade, why = grade_components("ICANS", recorded)
        if not ice and worst < 4:
            assert (grade, why) == (None, "ICE not recorded")
        else:
            assert (grade, why) == (worst, "")
        seen.add(worst)
    assert seen == {1, 2, 3, 4}


def test_an_ice_score_of_0_is_4_only_where_the_subject_is_unarousable(reference: dict) -> None:
    assert reference["ICANS"]["ICE"]["4"] == "0 (unarousable)"
    rest = {"SEIZURE": "NONE", "MOTOR": "NONE", "ICP": "NONE", "ICE": "0"}
    assert grade_components("ICANS", {**rest, "CONSCIOU": "AWAKENS TO VOICE"})[0] == 3
    assert grade_components("ICANS", {**rest, "CONSCIOU": "UNAROUSABLE"})[0] == 4


@pytest.mark.parametrize("missing", ["HYPOTENS", "OXYGEN"])
def test_what_was_not_recorded_leaves_the_grade_open_below_4(missing: str) -> None:
    full = {"TEMPMAX": "39", "HYPOTENS": "ONE VASOPRESSOR", "OXYGEN": "HIGH-FLOW"}
    assert grade_components("CRS", {**full, missing: ""}) == (None, f"{missing} not recorded")
    worst = {"HYPOTENS": "MULTIPLE VASOPRESSORS", "OXYGEN": "POSITIVE PRESSURE"}
    assert grade_components("CRS", {"TEMPMAX": "39", **worst, missing: ""}) == (4, "")


@pytest.mark.parametrize("text", ["HIGH FLOW", "<script>", "5 L"])
def test_unknown_words_give_no_grade(text: str) -> None:
    grade, why = grade_components("CRS", {"TEMPMAX": "39", "HYPOTENS": "NONE", "OXYGEN": text})
    assert grade is None
    assert "is no known result" in why
    assert grade_components("CRS", {"TEMPMAX": "hot"}) == (None, "TEMPMAX: 'hot' is no number")
    assert grade_components("GVHD", {})[0] is None
