"""Everything wrong with a transfer is found at once, with rows, keys and values.

The datasets are written here, a few records each; every expected row number is counted in them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from csr.errors import Finding
from csr.read.check import check_datasets


def adsl(**changes: list[Any]) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {
        "STUDYID": ["S1", "S1", "S1"],
        "USUBJID": ["01", "02", "03"],
        "AGE": [34, 56, 78],
        "SEX": ["F", "M", "F"],
        "SAFFL": ["Y", "Y", "N"],
        "TRTSDT": ["2024-01-01", "2024-02-01", ""],
        "TRTEDT": ["2024-01-01", "2024-02-01", ""],
    }
    return pd.DataFrame(columns | changes)


def adae(**changes: list[Any]) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {
        "USUBJID": ["01", "01", "02"],
        "AESEQ": [1, 2, 1],
        "AEDECOD": ["Nausea", "Pyrexia", "Nausea"],
        "AEBODSYS": [
            "Gastrointestinal disorders",
            "General disorders",
            "Gastrointestinal disorders",
        ],
        "AESER": ["N", "Y", "N"],
        "TRTEMFL": ["Y", "Y", ""],
        "AETOXGR": ["1", "3", ""],
        "ASTDT": ["2024-01-02", "2024-01-03", "2024-02-02"],
        "AENDT": ["2024-01-05", "", "2024-02-03"],
    }
    return pd.DataFrame(columns | changes)


def adtte(**changes: list[Any]) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {
        "USUBJID": ["01", "02"],
        "PARAMCD": ["OS", "OS"],
        "AVAL": [10.0, 20.0],
        "AVALU": ["DAYS", "DAYS"],
        "CNSR": [0, 1],
    }
    return pd.DataFrame(columns | changes)


def found(frames: dict[str, pd.DataFrame], **options: Any) -> dict[tuple[str, str, str], Finding]:
    _, findings = check_datasets({"adsl": adsl()} | frames, **options)
    return {(f.severity, f.where(), f.check): f for f in findings}


def test_sound_data_give_no_finding() -> None:
    frames = {"adae": adae(), "adtte": adtte()}
    assert found(frames, cutoff=dt.date(2024, 12, 31), relationships=["RELATED"]) == {}


def test_every_column_is_in_its_kind() -> None:
    frame = adae(AESEQ=["1", "2", "1"], AETOXGR=[1.0, 3.0, np.nan], ASTDT=[23377, 23378, 23408])
    done, findings = check_datasets({"adsl": adsl(AGE=["34", "56.5", ""]), "adae": frame})
    assert [f.check for f in findings] == ["missing-value"]
    assert done["adae"]["AESEQ"].tolist() == [1.0, 2.0, 1.0]
    assert done["adae"]["AETOXGR"].tolist() == ["1", "3", ""]
    # 23377 is '02JAN2024'd.
    assert done["adae"]["ASTDT"][0] == pd.Timestamp("2024-01-02")
    assert done["adsl"]["AGE"].tolist()[:2] == [34.0, 56.5]
    assert done["adsl"]["TRTSDT"].dtype == "datetime64[ns]"
    assert done["adsl"]["TRTSDT"].isna().tolist() == [False, False, True]


def test_dates_are_taken_from_datetimes_where_only_these_are_there() -> None:
    times = adae().drop(columns=["ASTDT", "AENDT"])
    times["ASTDTM"] = pd.to_datetime(["2024-01-02 10:30", "2024-01-03 23:59", None])
    subjects = adsl().drop(columns=["TRTSDT"])
    subjects["TRTSDTM"] = [dt.datetime(2024, 1, 1, 9), dt.datetime(2024, 2, 1, 9), None]
    done, _ = check_datasets({"adsl": subjects, "adae": times})
    expected = [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-03"), pd.NaT]
    assert done["adae"]["ASTDT"].tolist() == expected
    assert done["adsl"]["TRTSDT"][1] == pd.Timestamp("2024-02-01")
    assert "AENDT" not in done["adae"]


def test_labels_order_and_unknown_columns_are_kept() -> None:
    frame = adae(ZZ=["NA", None, "x"], NUMBER=[1, 2, 3], YES=[True, False, None])
    frame.attrs = {"labels": {"ZZ": "a label"}}
    frame.index = [7, 8, 9]
    done, _ = check_datasets({"adsl": adsl(), "adae": frame})
    assert done["adae"]["ZZ"].tolist() == ["NA", "", "x"]
    assert done["adae"]["NUMBER"].tolist() == [1.0, 2.0, 3.0]
    assert done["adae"]["YES"].tolist() == ["true", "false", ""]
    assert done["adae"].attrs == {"labels": {"ZZ": "a label"}}
    assert list(done["adae"])[: len(frame.columns)] == list(frame)


@pytest.mark.parametrize(
    ("changes", "expected", "rows", "values"),
    [
        ({"AESER": ["yes", "Y", "0"]}, ("error", "ADAE.AESER", "code"), (1, 3), ("yes", "0")),
        ({"AESER": ["n", "Y", "N "]}, ("error", "ADAE.AESER", "code-form"), (1, 3), ("n", "N ")),
        ({"TRTEMFL": ["U", "Y", ""]}, ("error", "ADAE.TRTEMFL", "code"), (1,), ("U",)),
        ({"AETOXGR": ["1", "6", ""]}, ("error", "ADAE.AETOXGR", "code"), (2,), ("6",)),
        ({"AESEQ": [1, 1, 1]}, ("error", "ADAE", "duplicate-key"), (1, 2), ()),
        ({"AESEQ": [1, 2.5, 1]}, ("error", "ADAE.AESEQ", "not-whole"), (2,), ("2.5",)),
        ({"AESEQ": ["1", "two", "1"]}, ("error", "ADAE.AESEQ", "not-a-number"), (2,), ("two",)),
        ({"ASTDT": ["2024-02-30", "2024-01-03", ""]}, ("error", "ADAE.ASTDT", "not-a-date"), (1,),
         ("2024-02-30",)),
        ({"USUBJID": ["01", "99", "02"]}, ("error", "ADAE.USUBJID", "unknown-subject"), (2,),
         ("99",)),
        ({"USUBJID": ["01", " ", "02"]}, ("error", "ADAE.USUBJID", "missing-value"), (2,), ("",)),
        ({"USUBJID": ["01", "01 ", "02"]}, ("error", "ADAE.USUBJID", "blanks"), (2,), ("01 ",)),
        ({"AEDECOD": ["", "Pyrexia", "Nausea"]}, ("warning", "ADAE.AEDECOD", "missing-value"), (1,),
         ("",)),
        ({"AETERM": ["a\nb", "c\td", "e"]}, ("warning", "ADAE.AETERM", "control-characters"),
         (1, 2), ("a\\nb", "c\\td")),
        ({"AETERM": ["x" * 1001, "x" * 1000, ""]}, ("warning", "ADAE.AETERM", "long-text"), (1,),
         ("x" * 39 + "…",)),
        ({"AETERM": [" a", "b", ""]}, ("warning", "ADAE.AETERM", "blanks"), (1,), (" a",)),
        ({"AENDT": ["2024-01-01", "", "2024-02-03"]}, ("warning", "ADAE.AENDT", "end-before-start"),
         (1,), ("2024-01-01",)),
        ({"AETOXGR": ["", "3", ""]}, ("warning", "ADAE.AETOXGR", "needed-value"), (1,), ("",)),
        ({"STUDYID": ["S1", "S2", ""]}, ("warning", "ADAE.STUDYID", "other-study"), (2,), ("S2",)),
        ({"ZZFL": ["Y", "X", ""]}, ("warning", "ADAE.ZZFL", "code"), (2,), ("X",)),
        ({"ZZDT": ["UN", "2024-01-01", ""]}, ("warning", "ADAE.ZZDT", "not-a-date"), (1,), ("UN",)),
        ({"AEREL": ["RELATED", "MAYBE", ""]}, ("warning", "ADAE.AEREL", "code"), (2,), ("MAYBE",)),
    ],
)  # fmt: skip
def test_one_thing_wrong_in_adverse_events(
    changes: dict[str, list[Any]], expected: tuple[str, str, str], rows: tuple[int, ...],
    values: tuple[str, ...],
) -> None:  # fmt: skip
    findings = found({"adae": adae(**changes)}, relationships=["RELATED", "NOT RELATED"])
    finding = findings[expected]
    assert finding.rows == rows
    assert finding.values == values
    assert len(finding.keys) == len(rows)


def test_keys_are_the_natural_ones() -> None:
    finding = found({"adae": adae(AESER=["N", "X", "N"])})["error", "ADAE.AESER", "code"]
    assert finding.keys == ("USUBJID=01, AESEQ=2",)
    assert finding.message == "1 record outside Y, N"
    assert "data.datasets.adae.codelists" in finding.action


def test_a_code_in_other_case_names_the_right_one() -> None:
    finding = found({"adsl": adsl(SEX=["f", "M", " F "])})["error", "ADSL.SEX", "code-form"]
    assert finding.rows == (1, 3)
    assert "' F ' for 'F'" in finding.message
    assert "'f' for 'F'" in finding.message


def test_an_extensible_codelist_only_warns() -> None:
    races = ["WHITE", "MARTIAN", "ASIAN"]
    assert ("warning", "ADSL.RACE", "code") in found({"adsl": adsl(RACE=races)})


@pytest.mark.parametrize(
    ("changes", "expected", "rows"),
    [
        ({"AVAL": [-1.0, 20.0]}, ("error", "ADTTE.AVAL", "below-minimum"), (1,)),
        ({"AVAL": ["", "20"]}, ("error", "ADTTE.AVAL", "missing-value"), (1,)),
        ({"AVAL": [float("inf"), 20]}, ("error", "ADTTE.AVAL", "not-a-number"), (1,)),
        ({"CNSR": [0, -1]}, ("error", "ADTTE.CNSR", "below-minimum"), (2,)),
        ({"CNSR": [0, 0.5]}, ("error", "ADTTE.CNSR", "not-whole"), (2,)),
        ({"USUBJID": ["01", "01"]}, ("error", "ADTTE", "duplicate-key"), (1, 2)),
        ({"AVALU": ["DAYS", "MONTHS"]}, ("warning", "ADTTE.AVALU", "mixed-units"), (1, 2)),
    ],
)
def test_one_thing_wrong_in_times_to_event(
    changes: dict[str, list[Any]], expected: tuple[str, str, str], rows: tuple[int, ...]
) -> None:
    assert found({"adtte": adtte(**changes)})[expected].rows == rows


def test_units_may_differ_between_parameters() -> None:
    frame = adtte(PARAMCD=["OS", "COUNT"], AVALU=["DAYS", "EVENTS"])
    assert found({"adtte": frame}) == {}


def test_responses_are_checked_only_in_parameters_that_have_them() -> None:
    frame = pd.DataFrame(
        {
            "USUBJID": ["01", "02", "03", "01", "02"],
            "PARAMCD": ["BOR", "BOR", "BOR", "LSTA", "LSTA"],
            "AVALC": ["CR", "pr", "GOOD", "any text", ""],
        }
    )
    findings = found({"adrs": frame})
    assert {k: f.rows for k, f in findings.items()} == {
        ("error", "ADRS.AVALC", "code"): (3,),
        ("error", "ADRS.AVALC", "code-form"): (2,),
    }


@pytest.mark.parametrize("value", ["CR", "NON-CR/NON-PD", "NE", "MISSING", "NA", "iUPD", "Y", ""])
def test_responses_as_the_field_writes_them(value: str) -> None:
    frame = pd.DataFrame({"USUBJID": ["01", "02"], "PARAMCD": "BOR", "AVALC": ["PD", value]})
    assert found({"adrs": frame}) == {}


def test_subjects_treated_without_or_with_reversed_dates() -> None:
    frame = adsl(TRTSDT=["2024-03-01", "", ""])
    findings = found({"adsl": frame})
    assert findings["warning", "ADSL.TRTEDT", "end-before-start"].rows == (1,)
    assert findings["warning", "ADSL.TRTSDT", "needed-value"].rows == (2,)


def test_dates_after_the_cut_off() -> None:
    findings = found({"adae": adae()}, cutoff=dt.date(2024, 2, 1))
    assert findings["warning", "ADAE.ASTDT", "after-cutoff"].rows == (3,)
    assert "2024-02-01" in findings["warning", "ADAE.ASTDT", "after-cutoff"].message


def test_missing_columns_and_datasets() -> None:
    # What is no key (AESER) is left to the displays, which say what they need.
    frame = adae().drop(columns=["AESER", "AESEQ"])
    findings = found({"adae": frame}, needed={"adsl": ["TRT01A"], "adae": ["AESEV"]})
    assert {k for k in findings if k[2] == "missing-column"} == {
        ("error", "ADAE.AESEQ", "missing-column"),
        ("error", "ADAE.AESEV", "missing-column"),
        ("error", "ADSL.TRT01A", "missing-column"),
    }
    _, alone = check_datasets({"adae": adae()})
    assert [(f.where(), f.check) for f in alone] == [("ADSL", "missing-dataset")]


def test_empty_datasets_and_those_nothing_is_declared_for() -> None:
    frames = {"adae": adae().iloc[:0], "adqs": pd.DataFrame({"USUBJID": ["99"], "A": ["\x07"]})}
    findings = found(frames)
    assert set(findings) == {
        ("error", "ADQS.USUBJID", "unknown-subject"),
        ("warning", "ADQS.A", "control-characters"),
    }
    assert found({"adsl": adsl().iloc[:0]}) == {}


def test_at_most_a_thousand_rows_are_kept_and_all_are_counted() -> None:
    many = pd.concat([adae(AESER=["bad"] * 3)] * 1000, ignore_index=True)
    finding = found({"adae": many})["error", "ADAE.AESER", "code"]
    assert finding.message.startswith("3,000 records")
    assert len(finding.rows) == len(finding.keys) == len(finding.values) == 1000


def test_errors_come_first_whatever_the_order_of_the_data() -> None:
    bad = {"adtte": adtte(AVAL=[-1, 2]), "adae": adae(AESER=["X", "Y", "N"], AETERM=[" a", "", ""])}
    _, findings = check_datasets({"adsl": adsl()} | bad)
    _, reverse = check_datasets({"adtte": bad["adtte"], "adae": bad["adae"], "adsl": adsl()})
    assert [f.where() for f in findings] == ["ADAE.AESER", "ADTTE.AVAL", "ADAE.AETERM"]
    assert findings == reverse


def test_sdtm_dates_keys_and_subjects() -> None:
    dm = pd.DataFrame(
        {"STUDYID": "S1", "DOMAIN": "DM", "USUBJID": ["01", "02"], "SUBJID": ["1", "2"], "SEX": "F",
         "RFSTDTC": ["2024-01-01", "2024-01---"]}
    )  # fmt: skip
    ae = pd.DataFrame(
        {"STUDYID": "S1", "DOMAIN": "AE", "USUBJID": ["01", "01", "03"], "AESEQ": ["1", "1", "1"],
         "AETERM": "x", "AEDECOD": "x", "AEBODSYS": "y", "AESER": "N",
         "AESTDTC": ["2024-02-30", "2024---12", "2024-03"],
         "AEENDTC": ["", "2024-01-01", "2024-02-28"]}
    )  # fmt: skip
    done, findings = check_datasets(
        {"dm": dm, "ae": ae}, standard="sdtm", cutoff=dt.date(2024, 2, 15)
    )
    assert {(f.severity, f.where(), f.check, f.rows) for f in findings} == {
        ("error", "AE", "duplicate-key", (1, 2)),
        ("error", "AE.AESTDTC", "not-iso8601", (1,)),
        ("error", "AE.USUBJID", "unknown-subject", (3,)),
        ("error", "DM.RFSTDTC", "not-iso8601", (2,)),
        ("warning", "AE.AEENDTC", "end-before-start", (3,)),
        ("note", "AE.AESTDTC", "after-cutoff", (1, 3)),
        ("note", "AE.AEENDTC", "after-cutoff", (3,)),
    }
    assert done["ae"]["AESEQ"].tolist() == [1.0, 1.0, 1.0]
    assert done["ae"]["AESTDTC"][1] == "2024---12"


def test_sdtm_names_of_split_and_supplemental_datasets() -> None:
    dm = pd.DataFrame(
        {"STUDYID": "S1", "DOMAIN": "DM", "USUBJID": ["01"], "SUBJID": ["1"], "SEX": ["F"]}
    )
    split = pd.DataFrame({"STUDYID": ["S1"], "DOMAIN": ["QS"], "USUBJID": ["01"]})
    supp = pd.DataFrame({"STUDYID": ["S1"], "USUBJID": ["01"], "QNAM": ["A"]})
    _, findings = check_datasets({"dm": dm, "qsph": split, "suppae": supp}, standard="sdtm")
    assert {f.where() for f in findings if f.check == "missing-column"} == {
        "QSPH.QSSEQ", "QSPH.QSTESTCD", "SUPPAE.RDOMAIN", "SUPPAE.IDVAR", "SUPPAE.IDVARVAL",
        "SUPPAE.QVAL",
    }  # fmt: skip
