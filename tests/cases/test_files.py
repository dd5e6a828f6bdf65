"""What programs write into files, and files that are damaged: one test a case, got and right.

Cases of `shared/cases/files` and `shared/cases/attack`; each folder's expected.md has the source.
"""

from __future__ import annotations

import datetime as dt
import os
import time
from pathlib import Path

import pandas as pd
import pytest

import csr
from csr.cli import main
from csr.errors import DataError, ParamsError
from csr.params.data import Data
from csr.params.file import read_params
from csr.pipeline.data import Checked
from csr.read.check import check_datasets
from csr.read.files import read_dataset
from csr.render.escape import escape_csv

FEVER = "发热"


def check(folder: Path) -> Checked:
    params = next(
        p for p in (folder / "params.yaml", folder / "input" / "params.yaml") if p.exists()
    )
    return csr.check(params)


def errors(checked: Checked) -> set[tuple[str, str]]:
    return {(f.where(), f.check) for f in checked.errors}


def with_encoding(folder: Path, target: Path, encoding: str) -> Path:
    """The params of a case with the encoding named."""
    text = (folder / "input" / "params.yaml").read_text(encoding="utf-8")
    data = folder / "input" / "data"
    text = text.replace("folder: data", f"folder: {data}\n  encoding: {encoding}")
    path = target / "params.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_csv_in_gbk_is_no_western_text(shared: Path, tmp_path: Path) -> None:
    """Got '·¢ÈÈ' with a note; right: an error that names the encodings, and 发热 with a param."""
    folder = shared / "cases" / "files" / "encoding-gbk-csv"
    found = check(folder).errors
    assert {f.check for f in found} == {"unreadable"}
    assert "gb18030" in " ".join(f.message for f in found)
    read = csr.check(with_encoding(folder, tmp_path, "gb18030"))
    assert FEVER in set(read.adam["adae"]["AEDECOD"]) | set(read.adam["adae"].get("AETERM", ()))


@pytest.mark.parametrize(
    ("file", "encoding"),
    [("gbk", "gb18030"), ("sjis", "shift_jis"), ("euckr", "euc_kr"), ("cp1251", "cp1251")],
)
def test_xpt_of_another_encoding(shared: Path, file: str, encoding: str) -> None:
    """Got nonsense with a note; right: refused without a param, read with it."""
    path = shared / "cases" / "files" / "xpt-gbk" / "input" / f"{file}.xpt"
    with pytest.raises(DataError, match=encoding):
        read_dataset(path)
    texts = " ".join(read_dataset(path, encoding)["AETERM"])
    assert not texts.isascii()
    assert not any(sign in texts for sign in "·¢ÈÐ")
    assert FEVER in texts or file != "gbk"


def test_windows_1252_is_still_read(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("A\nMüller – 37 °C Señor “naïve” Ærø ±2 µg/L\n".encode("cp1252"))
    frame = read_dataset(path)
    assert frame["A"].tolist() == ["Müller – 37 °C Señor “naïve” Ærø ±2 µg/L"]
    assert frame.attrs["encoding"] == "cp1252"


def test_an_encoding_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'klingon' is no encoding"):
        Data.model_validate({"folder": "x", "datasets": {}, "encoding": "klingon"})


def test_xpt_8_without_a_count_is_read(shared: Path) -> None:
    """Got a refusal that said to transfer the file again; right: read, with a warning."""
    frame = read_dataset(shared / "cases" / "files" / "xpt8-count-zero" / "input" / "v8nc.xpt")
    assert len(frame) == 2
    assert "haven" in frame.attrs["note"]


def test_a_zone_does_not_move_the_day(shared: Path) -> None:
    """Got TRTSDT 2026-01-09 and ASTDT 2026-01-11; right 2026-01-10 and 2026-01-12."""
    adam = check(shared / "cases" / "files" / "parquet-timestamp-zone").adam
    assert adam["adsl"]["TRTSDT"].min() == pd.Timestamp("2026-01-10")
    assert adam["adae"]["ASTDT"].min() == pd.Timestamp("2026-01-12")


def test_a_bare_number_among_dates_is_none(shared: Path) -> None:
    """Got 2086-01-11 and 2016-01-12; right: two errors."""
    checked = check(shared / "cases" / "files" / "mixed-dates")
    wrong = [f for f in checked.errors if f.check == "not-a-date"]
    assert sorted(v for f in wrong for v in f.values) == ["20465", "46032"]


def test_whole_numbers_keep_their_digits(shared: Path) -> None:
    """Got events of other subjects attached; right: 24 events of unknown subjects."""
    checked = check(shared / "cases" / "files" / "integer-id-17-digits")
    unknown = next(f for f in checked.errors if f.check == "unknown-subject")
    assert unknown.dataset == "ADAE"
    assert unknown.count == 24


@pytest.mark.parametrize(("file", "says"), [("adae", "half a character"), ("bigint", "not a")])
def test_json_that_nothing_can_hold(shared: Path, file: str, says: str) -> None:
    """Got a traceback; right: file, row and column."""
    with pytest.raises(DataError, match=f"row \\d+, [A-Z]+: .*{says}"):
        read_dataset(shared / "cases" / "attack" / "surrogate" / f"{file}.json")


def test_fifty_thousand_columns_are_read_at_once(shared: Path, tmp_path: Path) -> None:
    """Got no end in 90 s (double names were searched for quadratically); right: linear."""
    path = shared / "cases" / "attack" / "wide-header" / "adsl.csv"
    frame = read_dataset(path)
    assert len(frame.columns) > 50_000
    few = path.read_text(encoding="utf-8").split(",")[:2_000]
    (tmp_path / "few.csv").write_text(",".join(few), encoding="utf-8")
    times = []
    for file in (tmp_path / "few.csv", path):
        began = time.process_time()
        read_dataset(file)
        times.append(time.process_time() - began)
    # 25 times the columns: linear, with room for noise; quadratic would be 625 times.
    assert times[1] < 150 * max(times[0], 0.002)


def test_aliases_of_aliases_are_refused(shared: Path, tmp_path: Path) -> None:
    """Got no end in 60 s; right: refused."""
    with pytest.raises(ParamsError, match="aliases"):
        read_params(shared / "cases" / "attack" / "yaml-bomb" / "params.yaml")
    for text, says in (("a: \0", "not YAML"), ("[" * 5000, "nested too deeply")):
        (tmp_path / "x.yaml").write_text(text, encoding="utf-8")
        with pytest.raises(ParamsError, match=says):
            read_params(tmp_path / "x.yaml")


def test_a_folder_that_cannot_be_written_to_is_one_line(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Got a traceback; right: one line and exit code 2."""
    file = tmp_path / "out"
    file.write_text("a file", encoding="utf-8")
    assert main(["build", str(root / "params" / "cdisc-pilot.yaml"), "--out", str(file)]) == 2
    said = capsys.readouterr().err.strip().splitlines()[-1]
    assert "can't be written to" in said
    assert "--out" in said
    assert os.path.getsize(file) == 6


def test_a_csv_holds_no_formula() -> None:
    """Got =cmd|… as it is; right: behind an apostrophe. Numbers stay numbers."""
    frame = pd.DataFrame(
        {"T": ["=cmd|' /C calc'!A0", "@SUM(1+1)", "-1.5", "- see", "x"], "N": [-1.0] * 5}
    )
    assert escape_csv(frame)["T"].str[0].tolist() == ["'", "'", "-", "'", "x"]
    assert escape_csv(frame)["N"].tolist() == [-1.0] * 5


def test_dates_of_sdtm_are_text_so_that_the_cut_sees_them() -> None:
    """Got AEENDT 2023-03-12 after a cut-off of 2022-09-30; right: blank, as every later date."""
    from csr.cut import cut_sdtm, declared_rules

    dm = pd.DataFrame({"STUDYID": "S", "DOMAIN": "DM", "USUBJID": ["1"], "RFSTDTC": ["2022-01-01"]})
    ae = pd.DataFrame(
        {"STUDYID": "S", "DOMAIN": "AE", "USUBJID": ["1"], "AESEQ": [1.0], "AETERM": ["X"],
         "AESTDTC": ["2022-02-01"], "AEENDTC": ["2023-03-12"],
         "AEENDT": [pd.Timestamp("2023-03-12")], "AESTDT": [dt.date(2022, 2, 1)]}
    )  # fmt: skip
    sdtm, _ = check_datasets({"dm": dm, "ae": ae}, standard="sdtm")
    cut = cut_sdtm(sdtm, cutoff=dt.date(2022, 9, 30), rules=declared_rules()).sdtm["ae"]
    assert cut[["AEENDTC", "AEENDT", "AESTDT"]].iloc[0].tolist() == ["", "", "2022-02-01"]


def test_a_file_of_another_domain_is_an_error() -> None:
    dm = pd.DataFrame({"STUDYID": "S", "DOMAIN": "DM", "USUBJID": ["1"]})
    lb = pd.DataFrame({"STUDYID": "S", "DOMAIN": ["VS"], "USUBJID": ["1"], "LBSEQ": [1.0]})
    _, findings = check_datasets({"dm": dm, "lb": lb}, standard="sdtm")
    assert [f.where() for f in findings if f.check == "other-domain"] == ["LB.DOMAIN"]


def test_what_programs_write_for_missing_numbers(tmp_path: Path) -> None:
    """R's numbered first column, and `.` or NA in columns of numbers and dates (a note)."""
    path = tmp_path / "adsl.csv"
    path.write_text(
        '"","USUBJID","AGE","TRTSDT","SEX"\n"1","a","NA","NA","NA"\n"2","b",".","2020-01-01","M"\n'
    )
    frame = read_dataset(path)
    assert list(frame) == ["USUBJID", "AGE", "TRTSDT", "SEX"]
    done, findings = check_datasets({"adsl": frame})
    assert done["adsl"]["AGE"].isna().all()
    noted = {f.column: f.severity for f in findings if f.check == "missing-word"}
    assert noted == {"AGE": "note", "TRTSDT": "note"}
    assert not [f for f in findings if f.check in ("not-a-number", "not-a-date")]
    assert done["adsl"]["SEX"].iloc[0] == "NA"  # text is what it says, until params map it
    path.write_text('"","A"\n"7","a"\n')
    with pytest.raises(DataError, match="without a name"):
        read_dataset(path)
