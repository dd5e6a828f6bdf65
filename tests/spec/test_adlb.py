"""ADLB of small made-up subjects: units, baseline, grades and what is in doubt."""

from __future__ import annotations

import pandas as pd
import pytest
from pydantic import ValidationError

from csr.derive.adlb import derive_adlb
from csr.derive.findings import Derived
from csr.params.laboratory import Laboratory
from csr.params.parts import Records
from csr.params.protocol import Exposure, Protocol, TimeToEventRules

PROTOCOL = Protocol(
    exposure=Exposure(
        study_treatment=Records(domain="ex", where={"EXCAT": ("CAR-T",)}),
        lymphodepletion=Records(domain="ex", where={"EXCAT": ("LD",)}),
    ),
    time_to_event=TimeToEventRules(new_therapy="treatment-policy"),
)
ADSL = pd.DataFrame(
    {
        "USUBJID": ["A", "B"],
        "TRT01A": "Dose",
        "TRTSDT": pd.to_datetime(["2026-01-10", "2026-01-10"]),
        "LDSTDT": pd.to_datetime(["2026-01-05", None]),
    }
)
EX = pd.DataFrame(
    {
        "USUBJID": ["A", "A", "B"],
        "EXSEQ": [1.0, 2.0, 1.0],
        "EXCAT": ["LD", "CAR-T", "CAR-T"],
        "EXTRT": ["CYCLO", "CELLS", "CELLS"],
        "EXDOSE": 1.0,
        "EXDOSU": "",
        "EXSTDTC": ["2026-01-05", "2026-01-10", "2026-01-10"],
        "EXENDTC": "",
    }
)
COLUMNS = "who test value unit low high date"


def lb(*records: str) -> pd.DataFrame:
    """A record: subject, test, value, unit, limits, date; recorded as standardised."""
    rows = [dict(zip(COLUMNS.split(), record.split(), strict=True)) for record in records]
    frame = pd.DataFrame(rows)
    numbers = pd.to_numeric(frame["value"], errors="coerce")
    limits = {"LBSTNRLO": "low", "LBSTNRHI": "high"}
    return pd.DataFrame(
        {
            "USUBJID": frame["who"],
            "LBSEQ": [float(i) for i in range(1, len(frame) + 1)],
            "LBTESTCD": frame["test"],
            "LBTEST": frame["test"],
            "LBCAT": "",
            "LBORRES": frame["value"],
            "LBORRESU": frame["unit"].replace("-", ""),
            "LBSTRESC": frame["value"],
            "LBSTRESN": numbers,
            "LBSTRESU": frame["unit"].replace("-", ""),
            **{name: pd.to_numeric(frame[c], errors="coerce") for name, c in limits.items()},
            "LBDTC": frame["date"],
        }
    )


def derived(*records: str, rules: Laboratory | None = None) -> Derived:
    return derive_adlb({"lb": lb(*records), "ex": EX}, ADSL, rules or Laboratory(), PROTOCOL)


def test_baseline_is_the_last_before_lymphodepletion_or_infusion() -> None:
    records = (
        "A NEUT 3.0 10^9/L 1.8 6.3 2026-01-02",
        "A NEUT 2.5 10^9/L 1.8 6.3 2026-01-05",  # the day lymphodepletion starts: before it
        "A NEUT 0.4 10^9/L 1.8 6.3 2026-01-09",
        "B NEUT 5.0 10^9/L 1.8 6.3 2026-01-10",  # no lymphodepletion: the day of the infusion
        "B NEUT 0.9 10^9/L 1.8 6.3 2026-01-12",
    )
    frame = derived(*records).frame
    assert list(frame["ABLFL"]) == ["", "Y", "", "Y", ""]
    assert list(frame["BASE"]) == [2.5, 2.5, 2.5, 5.0, 5.0]
    assert list(frame["ATOXGRL"]) == ["0", "0", "4", "0", "3"]
    assert list(frame["ONTRTFL"]) == ["", "", "Y", "", "Y"]
    assert list(frame["AINFN"]) == [0, 0, 0, 0, 1]  # the day of the infusion: before it
    later = derived(*records, rules=Laboratory(baseline="infusion")).frame
    assert list(later["ABLFL"]) == ["", "", "Y", "Y", ""]


def test_one_unit_per_test() -> None:
    frame = derived(
        "A HGB 12.0 g/dL 12.0 16.0 2026-01-02",
        "A HGB 118 g/L 120 160 2026-01-12",
        "A GLUC 90 mg/dL 70 110 2026-01-02",
        "A PLAT 150000 /uL 125000 350000 2026-01-02",
        "A PLAT 24 10*9/L 125 350 2026-01-12",
    ).frame
    # CTCAE prints thresholds of glucose in mg/dL: it stays. Of two units the SI one where equal.
    assert list(frame["AVAL"]) == pytest.approx([120, 118, 90, 150, 24], rel=1e-12)
    assert list(frame["AVALU"]) == ["g/L", "g/L", "mg/dL", "10^9/L", "10^9/L"]
    assert list(frame["ANRLO"]) == pytest.approx([120, 120, 70, 125, 125], rel=1e-12)
    assert list(frame["ATOXGRL"]) == ["0", "1", "0", "0", "4"]


def test_alt_is_graded_by_an_abnormal_baseline() -> None:
    frame = derived(
        "A ALT 80 U/L 5 40 2026-01-02",  # 2 × ULN: at baseline grade 1, by its limit
        "A ALT 110 U/L 5 40 2026-01-12",  # 1.4 × baseline: below 1.5
        "A ALT 250 U/L 5 40 2026-01-14",  # 3.1 × baseline
        "B ALT 30 U/L 5 40 2026-01-02",
        "B ALT 110 U/L 5 40 2026-01-12",  # 2.75 × ULN
    ).frame
    assert list(frame["ATOXGRH"]) == ["1", "0", "2", "0", "1"]
    assert list(frame["BTOXGRH"]) == ["1", "1", "1", "0", "0"]


def test_calcium_is_graded_corrected_for_albumin_of_that_day() -> None:
    frame = derived(
        "A CA 1.95 mmol/L 2.1 2.6 2026-01-12",
        "A ALB 25 g/L 35 50 2026-01-12",
        "A CA 1.95 mmol/L 2.1 2.6 2026-01-14",
    ).frame
    own = frame[frame["PARAMCD"] == "CACORR"]
    # 1.95 + 0.02 × (40 − 25) = 2.25: no hypocalcaemia; on the 14th there is no albumin
    assert own["AVAL"].iloc[0] == pytest.approx(2.25)
    assert list(own["ATOXGRL"]) == ["0", ""]
    assert list(own["ATOXREAL"]) == ["", "no albumin of that day"]
    assert (frame.loc[frame["PARAMCD"] == "CA", "ATOXGRL"] == "").all()


def in_doubt(found: Derived) -> dict[str, int]:
    return {f.message.split(";")[0]: len(f.rows) for f in found.findings if f.check == "lab-unit"}


@pytest.mark.parametrize("unit", ["-", "furlong/L", "mol"])
def test_an_unknown_unit_is_a_finding_and_has_no_grade(unit: str) -> None:
    found = derived(f"A PLAT 20 {unit} 125 350 2026-01-12")
    assert in_doubt(found) == {"unit missing or unknown": 1}
    assert list(found.frame["ATOXGRL"]) == [""]
    assert list(found.frame["ATOXREAL"]) == ["unit missing or unknown"]
    assert list(found.frame["ANL01FL"]) == [""]


NORMAL = tuple(f"B GLUC 5.{i} mmol/L 3.9 6.1 2026-01-1{i}" for i in range(1, 6))


def test_a_value_of_another_unit_is_a_finding_and_has_no_grade() -> None:
    # 95 mg/dL written as mmol/L; 0.28 is 5.1 mmol/L converted as if it had been mg/dL
    found = derived(
        *NORMAL, "A GLUC 95 mmol/L 3.9 6.1 2026-01-12", "B GLUC 0.28 mmol/L 3.9 6.1 2026-01-18"
    )
    assert in_doubt(found) == {"no plausible value in this unit": 1}
    # What only the other results of the subject speak against is graded all the same.
    assert {f.check: len(f.rows) for f in found.findings} == {"lab-unit": 1, "lab-suspect": 1}
    assert list(found.frame["ATOXGRL"]) == ["0"] * 5 + ["", "4"]


def test_reference_limits_of_another_unit_are_a_finding() -> None:
    found = derived(*NORMAL, "A GLUC 58 mmol/L 70 110 2026-01-12")
    assert in_doubt(found) == {"reference limits of another unit": 1}


def test_recorded_and_standardised_results_must_agree() -> None:
    frame = lb("A GLUC 5.0 mmol/L 3.9 6.1 2026-01-12")
    frame["LBORRES"], frame["LBORRESU"] = "5.0", "mg/dL"
    found = derive_adlb({"lb": frame, "ex": EX}, ADSL, Laboratory(), PROTOCOL)
    assert in_doubt(found) == {"result and standardised result disagree": 1}


def test_text_is_neither_a_number_nor_a_grade() -> None:
    found = derived("A NEUT HEMOLYZED 10^9/L 1.8 6.3 2026-01-13")
    assert list(found.frame["ATOXGRL"]) == [""]
    assert list(found.frame["ATOXREAL"]) == ["value missing"]
    assert {f.check: len(f.rows) for f in found.findings} == {"lab-text": 1}


def test_an_impossible_date_is_a_finding() -> None:
    found = derived("A NEUT 0.2 10^9/L 1.8 6.3 2026-02-30")
    assert "impossible-date" in {f.check for f in found.findings}
    assert found.frame["ADT"].isna().all()
    assert list(found.frame["ANL01FL"]) == [""]


@pytest.mark.parametrize(
    ("version", "why"), [("4.03", "abnormal baseline"), ("6.0", "neutrophils")]
)
def test_other_versions_are_refused_by_name(version: str, why: str) -> None:
    with pytest.raises(ValidationError, match=f"CTCAE {version} is not offered.*{why}"):
        Laboratory.model_validate({"ctcae": version})
