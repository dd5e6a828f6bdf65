"""Laboratory grades of small made-up subjects: signs, branches, records at odds."""

from __future__ import annotations

import pandas as pd
import pytest
from test_adlb import ADSL, EX, PROTOCOL, derived, lb

from csr.derive.adlb import derive_adlb
from csr.derive.adlb_delivered import complete_adlb
from csr.params.laboratory import Laboratory

AFTER = "2026-01-12"


def last(*records: str, rules: Laboratory | None = None) -> pd.Series:
    """The last result of the records."""
    return derived(*records, rules=rules).frame.iloc[-1]


def of(own: pd.Series, letter: str) -> tuple[str, str, str]:
    """Grade, whether it is at least that, and why there is none."""
    return own[f"ATOXGR{letter}"], own[f"ATOXMN{letter}"], own[f"ATOXREA{letter}"]


# test, value, unit, LLN, ULN of one result after baseline → grade, "at least"
SIGNS = [
    ("NEUT <0.1 10^9/L 1.8 6.3", "L", "4", ""),
    ("NEUT <0.5 10^9/L 1.8 6.3", "L", "4", ""),  # below 0.5 whatever it is
    ("NEUT <=0.5 10^9/L 1.8 6.3", "L", "3", "Y"),  # 0.5 itself is grade 3
    ("NEUT <0.8 10^9/L 1.8 6.3", "L", "3", "Y"),
    ("NEUT <2.0 10^9/L 1.8 6.3", "L", "0", "Y"),
    ("NEUT <100 /uL 1800 6300", "L", "4", ""),
    ("PLAT >25 10^9/L 125 350", "L", "0", "Y"),
    ("PLAT >400 10^9/L 125 350", "L", "0", ""),
    ("K >7 mmol/L 3.5 5.1", "H", "4", ""),
    ("K >=7 mmol/L 3.5 5.1", "H", "3", "Y"),
    ("K >6.5 mmol/L 3.5 5.1", "H", "3", "Y"),
    ("K >6.5 mmol/L 3.5 5.1", "L", "0", ""),
    ("TRIG <0.5 mmol/L 0.2 1.7", "H", "0", ""),
    ("ALT <5 U/L 5 40", "H", "0", ""),
]


@pytest.mark.parametrize(("record", "letter", "grade", "least"), SIGNS)
def test_a_grade_holds_if_the_whole_range_has_it(
    record: str, letter: str, grade: str, least: str
) -> None:
    assert of(last(f"A {record} {AFTER}"), letter) == (grade, least, "")


def test_no_change_from_a_baseline_that_is_a_bound() -> None:
    frame = derived(
        "A CRP <5 mg/L 0.1 5 2026-01-02", "A CRP 80 mg/L 0.1 5 2026-01-12",
        "B CRP 10 mg/L 0.1 5 2026-01-02", "B CRP <5 mg/L 0.1 5 2026-01-12",
    ).frame  # fmt: skip
    assert list(frame["AVAL"]) == [5, 80, 10, 5]
    assert list(frame["BQUAL"]) == ["<", "<", "", ""]
    assert list(frame["CHG"].fillna(99)) == [99, 99, 99, -5]
    assert list(frame["ANRIND"]) == ["", "HIGH", "HIGH", ""]


def test_a_multiple_of_a_baseline_that_is_a_bound() -> None:
    """Creatinine 100 of a baseline below 30: more than 3 times it; of one below 80 it is open."""
    records = ("A CREAT {} umol/L 60 110 2026-01-02", "A CREAT 100 umol/L 60 110 2026-01-12")
    assert of(last(records[0].format("<30"), records[1]), "H") == ("3", "", "")
    assert of(last(records[0].format("<80"), records[1]), "H") == ("0", "Y", "")


# test, value, unit, limits without a baseline → grade (direction), reason
NO_BASELINE = [
    ("FIBRINO 0.40 g/L 2 4", "L", "4", ""),
    ("FIBRINO 40 mg/dL 200 400", "L", "4", ""),
    ("FIBRINO 2.5 g/L 2 4", "L", "0", ""),
    ("FIBRINO 1.2 g/L 2 4", "L", "", "baseline missing"),
    ("ALT 30 U/L 5 40", "H", "0", ""),
    ("ALT 900 U/L 5 40", "H", "", "baseline missing"),
    ("CREAT 700 umol/L 60 110", "H", "4", ""),
    ("CREAT 100 umol/L 60 110", "H", "", "baseline missing"),
    ("EOS 0.4 10^9/L 0.02 0.5", "H", "0", ""),
    ("EOS 1.9 10^9/L 0.02 0.5", "H", "", "baseline missing"),
    ("PLAT 20 10^9/L - -", "L", "4", ""),
    ("PLAT 100 10^9/L - -", "L", "", "lower limit of normal missing"),
]


@pytest.mark.parametrize(("record", "letter", "grade", "why"), NO_BASELINE)
def test_the_grade_all_branches_share(record: str, letter: str, grade: str, why: str) -> None:
    assert of(last(f"A {record} {AFTER}"), letter) == (grade, "", why)


def test_a_baseline_without_its_limit_leaves_both_branches() -> None:
    """ALT 60 of a baseline of 30: grade 1 if that was normal (1.5 × ULN) and if not (2 × BASE)."""
    base = "A ALT 30 U/L - - 2026-01-02"
    assert of(last(base, "A ALT 60 U/L 5 40 2026-01-12"), "H") == ("1", "", "")
    why = "upper limit of normal of the baseline missing"
    assert of(last(base, "A ALT 130 U/L 5 40 2026-01-12"), "H") == ("2", "", "")
    assert of(last(base, "A ALT 95 U/L 5 40 2026-01-12"), "H") == ("", "", why)


@pytest.mark.parametrize(("value", "grade"), [("1.5", "4"), ("1.8", "3")])
def test_a_low_result_keeps_its_grade(value: str, grade: str) -> None:
    """Glucose: got no grade, for 1.5 × 18 is not far from a normal one; right: 4, and a finding."""
    usual = [f"A GLUC 5.{i} mmol/L 3.9 6.1 2026-01-1{i}" for i in range(1, 6)]
    found = derived(*usual, f"A GLUC {value} mmol/L 3.9 6.1 2026-01-18")
    assert found.frame["ATOXGRL"].iloc[-1] == grade
    potassium = [f"A K 4.{i} mmol/L 3.5 5.1 2026-01-1{i}" for i in range(1, 6)]
    found = derived(*potassium, "A K 1.8 mmol/L 3.5 5.1 2026-01-18")
    assert found.frame["ATOXGRL"].iloc[-1] == "4"
    assert {f.check for f in found.findings} <= {"lab-suspect"}


def with_recorded(record: str, value: str, unit: str) -> pd.DataFrame:
    frame = lb(record)
    frame["LBORRES"], frame["LBORRESU"] = value, unit
    return frame


@pytest.mark.parametrize(
    ("record", "value", "unit", "agree"),
    [
        ("A BILI 2 umol/L 3 21 2026-01-12", "0.1", "mg/dL", True),  # 1.71 ± 0.86
        ("A BILI 77 umol/L 3 21 2026-01-12", "4.5", "mg/dL", True),
        ("A HGB 95 g/L 120 160 2026-01-12", "9.5", "g/dL", True),
        ("A HGB 9.5 g/L 120 160 2026-01-12", "9.5", "g/dL", False),
        ("A GLUC 5 mmol/L 3.9 6.1 2026-01-12", "97", "mg/dL", True),  # 5.4 ± 0.5
        ("A GLUC 5.0 mmol/L 3.9 6.1 2026-01-12", "108", "mg/dL", False),  # 5.99
        ("A CREAT 80 umol/L 60 110 2026-01-12", "80", "mg/dL", False),
    ],
)
def test_results_agree_within_the_last_decimals(
    record: str, value: str, unit: str, agree: bool
) -> None:
    frame = with_recorded(record, value, unit)
    found = derive_adlb({"lb": frame, "ex": EX}, ADSL, Laboratory(), PROTOCOL)
    assert (found.frame["ANL01FL"].iloc[0] == "Y") == agree
    assert ("lab-unit" in {f.check for f in found.findings}) != agree


def test_two_laboratories_with_other_limits_are_no_contradiction() -> None:
    """Got: no grade for the second laboratory. Right: each by its own limits."""
    records = [f"A ALT 3{i} U/L 5 40 2026-01-0{i}" for i in range(1, 5)]
    found = derived(*records, "A ALT 130 U/L 10 120 2026-01-12", "B LDH 700 U/L 240 480 2026-01-12",
                    "B LDH 300 U/L 120 250 2026-01-13")  # fmt: skip
    assert found.findings == []
    assert list(found.frame["ATOXGRH"])[4:] == ["1", "1", "1"]


@pytest.mark.parametrize(
    "record",
    [
        "A HGB 118 g/L 12 16 2026-01-12",  # limits in g/dL
        "A PLAT 150 10^9/L 125000 350000 2026-01-12",
        "A CREAT 90 umol/L 0.7 1.3 2026-01-12",
        "A GLUC 58 mmol/L - 110 2026-01-12",
        "A HGB 11.8 g/L 120 160 2026-01-12",  # the value in g/dL
        "A PLAT 150000 10^9/L 125 350 2026-01-12",
    ],
)
def test_a_record_at_odds_with_itself_is_not_graded(record: str) -> None:
    found = derived(record)
    assert list(found.frame["ATOXGRL"] + found.frame["ATOXGRH"]) == [""]
    assert [f.check for f in found.findings] == ["lab-unit"]


def test_a_lone_limit_of_another_unit_is_not_used() -> None:
    """Glucose 1.6 mmol/L is none in mg/dL, so that the limit of 70 is wrong: grade 4 without it."""
    found = derived("A GLUC 1.6 mmol/L 70 - 2026-01-12", "B GLUC 3.5 mmol/L - 110 2026-01-12")
    assert list(found.frame["ATOXGRL"]) == ["4", ""]
    assert found.frame["ANRLO"].isna().all()


def test_an_extreme_value_that_fits_no_other_unit_is_graded() -> None:
    """Sodium 85: no other unit would make it plausible."""
    assert of(last("A SODIUM 85 mmol/L 135 145 2026-01-12"), "L") == ("4", "", "")


def test_without_a_unit_only_its_own_limits_grade() -> None:
    found = derived(
        "A ALP 900 - 40 120 2026-01-12", "A APTT 80 - 25 36 2026-01-12",
        "A PLAT 20 - 125 350 2026-01-12", "A HAPTOG 0.1 - 0.3 2 2026-01-12",
    )  # fmt: skip
    frame = found.frame.set_index("PARAMCD")
    assert list(frame["AVAL"]) == [900, 80, 20, 0.1]
    assert set(frame["ANL01FL"]) == {""}
    assert frame.loc["APTT", "ATOXGRH"] == "2"
    assert frame.loc["HAPTOG", "ATOXGRL"] == "1"
    assert (frame.loc["PLAT", "ATOXGRL"], frame.loc["PLAT", "ATOXREAL"]) == (
        "",
        "unit missing or unknown",
    )


def test_a_blank_unit_is_that_of_the_test() -> None:
    found = derived("A PLAT 150 10^9/L 125 350 2026-01-02", "A PLAT 20 - 125 350 2026-01-12")
    assert list(found.frame["ATOXGRL"]) == ["0", "4"]
    assert [f.check for f in found.findings] == ["unit-blank"]


@pytest.mark.parametrize("unit", ["G/L", "10^9/L", "K/uL", "x10^9/L", "10*3/uL", "10E9/L", "Gpt/L"])
def test_counts_in_every_spelling(unit: str) -> None:
    assert of(last(f"A NEUT 0.4 {unit} 1.8 6.3 2026-01-12"), "L")[0] == "4"


def test_inr_by_baseline_only_under_anticoagulation() -> None:
    """INR 1.15 of a baseline of 1.0: grade 1 on a day with warfarin only."""
    records = lb(
        "A INR 1.0 1 0.8 1.2 2026-01-02",
        "A INR 1.15 1 0.8 1.2 2026-01-12",
        "A INR 1.15 1 0.8 1.2 2026-01-20",
    )
    cm = pd.DataFrame(
        {"USUBJID": ["A"], "CMTRT": ["Warfarin"], "CMDECOD": ["WARFARIN SODIUM"],
         "CMSTDTC": ["2026-01-11"], "CMENDTC": ["2026-01-15"]}
    )  # fmt: skip
    sdtm = {"lb": records, "ex": EX, "cm": cm}
    grades = {
        how: list(
            derive_adlb(sdtm, ADSL, Laboratory(anticoagulation=how), PROTOCOL).frame["ATOXGRH"]
        )
        for how in ("medication", "always", "never")
    }
    assert grades == {
        "medication": ["0", "1", "0"],
        "always": ["0", "1", "1"],
        "never": ["0", "0", "0"],
    }


def test_specimens_make_series() -> None:
    """Serum, plasma and blood are one; urine, CSF and others are their own, without grades."""
    frame = lb(*[f"A GLUC 5.{i} mmol/L 3.9 6.1 2026-01-0{i}" for i in range(1, 7)])
    frame["LBSPEC"] = ["SERUM", "PLASMA", "BLOOD", "URINE", "CEREBROSPINAL FLUID", "PLEURAL FLUID"]
    adlb = derive_adlb({"lb": frame, "ex": EX}, ADSL, Laboratory(), PROTOCOL).frame
    assert list(adlb["PARAMCD"]) == ["GLUC", "GLUC", "GLUC", "GLUC_U", "GLUC_C", "GLUC_PF"]
    assert list(adlb["ATOXGRL"] != "") == [True] * 3 + [False] * 3
    assert adlb.groupby("PARAMCD")["PARAM"].nunique().eq(1).all()
    assert list(adlb["ATESTCD"]) == ["GLUC"] * 3 + [""] * 3


def test_another_laboratory_or_method_is_a_note() -> None:
    frame = lb("A ALT 30 U/L 5 40 2026-01-02", "A ALT 31 U/L 5 40 2026-01-12")
    frame["LBNAM"], frame["LBMETHOD"] = ["ONE", "TWO"], ["A", "A"]
    found = derive_adlb({"lb": frame, "ex": EX}, ADSL, Laboratory(), PROTOCOL)
    assert [(f.check, f.column, f.severity) for f in found.findings] == [
        ("series-attribute", "LBNAM", "note")
    ]
    assert list(found.frame["BASE"]) == [30, 30]


def test_a_delivered_adlb_reads_its_signs() -> None:
    frame = pd.DataFrame(
        {
            "USUBJID": "A",
            "PARAMCD": "NEUT",
            "PARAM": "Neutrophils (10^9/L)",
            "AVAL": [3.2, 0.05, None],
            "AVALC": ["3.2", "<0.1", "<0.1"],
            "ANRLO": 1.8,
            "ANRHI": 6.3,
            "ABLFL": ["Y", "", ""],
            "ONTRTFL": ["", "Y", "Y"],
            "BASE": 3.2,
        }
    )
    done = complete_adlb(frame, Laboratory()).frame
    assert list(done["AVAL"]) == [3.2, 0.1, 0.1]
    assert list(done["AQUAL"]) == ["", "<", "<"]
    assert list(done["ATOXGRL"]) == ["0", "4", "4"]


def test_a_delivered_urine_is_a_parameter_of_its_own() -> None:
    """One PARAMCD for serum and urine: the urine's baseline is none of the serum."""
    frame = pd.DataFrame(
        {
            "USUBJID": "A",
            "PARAMCD": "CREAT",
            "PARAM": "Creatinine (umol/L)",
            "LBSPEC": ["SERUM", "URINE", "SERUM"],
            "AVAL": [80.0, 9000.0, 250.0],
            "ANRHI": [110.0, 20000.0, 110.0],
            "ANRLO": 1.0,
            "ABLFL": ["Y", "Y", ""],
            "ONTRTFL": ["", "", "Y"],
        }
    )
    done = complete_adlb(frame, Laboratory()).frame
    assert list(done["PARAMCD"]) == ["CREAT", "CREAT_U", "CREAT"]
    assert list(done["BASE"]) == [80, 9000, 80]
    assert list(done["ATOXGRH"]) == ["0", "", "3"]
