"""SAS transport and sas7bdat files: values as written, and every way a file can be damaged.

Files are written here with pyreadstat, then cut or changed byte by byte after SAS's record layout
(TS-140: 80-byte cards, 140-byte NAMESTR blocks).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from csr.errors import DataError
from csr.read.files import read_dataset

AE = pd.DataFrame(
    {
        "USUBJID": ["01-001", "01-002", "01-003"],
        "AETERM": ["NA", "", "None"],
        "AESEQ": [1.0, 0.0, np.nan],
        "ASTDT": [dt.date(2014, 1, 2), None, dt.date(2016, 2, 29)],
    }
)


def write(path: Path, frame: pd.DataFrame = AE, version: int = 5, **formats: str) -> Path:
    labels = {c: f"Label of {c}" for c in frame}
    pyreadstat.write_xport(
        frame, path, file_label="Adverse events", column_labels=labels, table_name="AE",
        file_format_version=version, variable_format=formats or None,
    )  # fmt: skip
    return path


@pytest.mark.parametrize("version", [5, 8])
def test_values_types_and_labels(tmp_path: Path, version: int) -> None:
    frame = read_dataset(write(tmp_path / "ae.xpt", version=version))
    assert frame["AETERM"].tolist() == ["NA", "", "None"]
    assert frame["AESEQ"].tolist()[:2] == [1.0, 0.0]  # not 5.4e-79
    assert np.isnan(frame["AESEQ"][2])
    expected = [pd.Timestamp("2014-01-02"), pd.NaT, pd.Timestamp("2016-02-29")]
    assert frame["ASTDT"].tolist() == expected
    assert frame["ASTDT"].dtype == "datetime64[ns]"
    assert frame.attrs["labels"]["AETERM"] == "Label of AETERM"
    assert frame.attrs["label"] == "Adverse events"
    assert "encoding" not in frame.attrs


def test_datetimes_times_and_unformatted_numbers(tmp_path: Path) -> None:
    numbers = pd.DataFrame({"DTM": [1841220610.0], "TM": [36610.0], "DAY": [19725.0]})
    path = write(tmp_path / "x.xpt", numbers, DTM="DATETIME20.", TM="TIME8.", DAY="8.")
    frame = read_dataset(path)
    assert frame["DTM"].tolist() == [pd.Timestamp("2018-05-06 10:10:10")]
    assert frame["TM"].tolist() == ["10:10:10"]
    assert frame["DAY"].tolist() == [19725.0]


@pytest.mark.parametrize("letter", [0x41, 0x5A, 0x5F, 0x2E])
def test_special_missing_values_are_missing(tmp_path: Path, letter: int) -> None:
    path = write(tmp_path / "x.xpt", pd.DataFrame({"AVAL": [1.0, 2.0], "ID": ["a", "b"]}))
    content = path.read_bytes()
    second = content.rindex(b"A\x20\0\0\0\0\0\0")  # 2.0 as an IBM float
    path.write_bytes(content[:second] + bytes([letter]) + bytes(7) + content[second + 8 :])
    assert np.isnan(read_dataset(path)["AVAL"][1])


def test_text_that_is_not_utf8_is_read_as_windows_1252(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xpt", pd.DataFrame({"A": ["na#ve", "Zoe"], "B": ["日本", "é"]}))
    path.write_bytes(path.read_bytes().replace(b"na#ve", b"na\xefve"))
    frame = read_dataset(path)
    assert frame["A"].tolist() == ["naïve", "Zoe"]
    assert frame["B"].tolist() == ["日本", "é"]  # what is UTF-8 stays UTF-8
    assert frame.attrs["encoding"] == "cp1252"


def test_the_pilots_trial_summary_has_a_windows_quote(shared: Path) -> None:
    frame = read_dataset(shared / "data/A02_cdisc_pilot/sdtm/ts.xpt")
    assert len(frame) == 33  # MANIFEST.csv of the shared data
    assert frame.attrs["encoding"] == "cp1252"
    assert any("Alzheimer’s" in v for v in frame["TSVAL"])


def test_no_rows_and_a_column_without_values(tmp_path: Path) -> None:
    frame = pd.DataFrame({"A": ["x", "y"], "B": ["", ""], "C": [np.nan, np.nan]})
    read = read_dataset(write(tmp_path / "a.xpt", frame))
    assert read["B"].tolist() == ["", ""]
    assert read["C"].isna().all()
    empty = read_dataset(write(tmp_path / "b.xpt", frame.iloc[:0].astype({"C": float})))
    assert empty.shape == (0, 3)


def refused(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read_dataset(path)
    finding = caught.value.findings[0]
    assert finding.dataset == path.stem.upper()
    assert (finding.severity, finding.check) == ("error", "unreadable")
    assert str(caught.value).startswith(f"{path.name}: ")
    assert "; " in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("version", [5, 8])
def test_every_cut_of_a_file_is_refused_or_reads_whole_records(
    tmp_path: Path, version: int
) -> None:
    """Every length short of the whole one; only a cut between two version 5 records may pass."""
    whole = write(tmp_path / "ae.xpt", version=version).read_bytes()
    path = tmp_path / "cut.xpt"
    complete = read_dataset(tmp_path / "ae.xpt")
    for length in range(80, len(whole), 37):
        path.write_bytes(whole[:length])
        try:
            frame = read_dataset(path)
        except DataError as error:
            frame = complete.iloc[:0]
            said = str(error)
        else:
            said = "truncated" if version == 5 else "read"
        assert "truncated" in said
        pd.testing.assert_frame_equal(frame, complete.iloc[: len(frame)])


def test_a_last_record_cut_at_a_card_is_refused(tmp_path: Path) -> None:
    wide = pd.DataFrame({"A": ["x" * 100, "y" * 100], "B": [1.0, 2.0]})
    content = write(tmp_path / "x.xpt", wide).read_bytes()
    (tmp_path / "x.xpt").write_bytes(content[:-80])
    assert "its last record is incomplete" in refused(tmp_path / "x.xpt")
    (tmp_path / "x.xpt").write_bytes(content[:-1])
    assert "multiple of 80 bytes" in refused(tmp_path / "x.xpt")
    (tmp_path / "x.xpt").write_bytes(content[:880])
    assert "header is cut short" in refused(tmp_path / "x.xpt")


def test_nul_characters_within_text_are_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xpt", pd.DataFrame({"A": ["ab#cd", "x"], "N": [1.0, 0.0]}))
    path.write_bytes(path.read_bytes().replace(b"ab#cd", b"ab\0cd"))
    assert "NUL characters within the text of A (row 1)" in refused(path)


def test_two_datasets_in_a_file_are_refused(tmp_path: Path) -> None:
    content = write(tmp_path / "x.xpt").read_bytes()
    (tmp_path / "x.xpt").write_bytes(content + content[240:])
    assert "more than one dataset" in refused(tmp_path / "x.xpt")


def test_a_column_name_twice_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "x.xpt", pd.DataFrame({"AVAL": [1.0], "BVAL": [2.0]}))
    path.write_bytes(path.read_bytes().replace(b"BVAL", b"AVAL"))
    assert "column AVAL twice" in refused(path)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("x.xpt", b"", "is empty"),
        ("x.xpt", b"PAR1 and more", "is a Parquet file"),
        ("x.xpt", b"**COMPRESSED** **COMPRESSED**", "CPORT"),
        ("x.xpt", b"USUBJID,AESEQ\n1,2\n", "does not begin as a .xpt file"),
        ("x.xpt", b"PK\x03\x04rest", "ZIP archive or Excel"),
        ("x.csv", b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "is a SAS transport file"),
        ("x.sas7bdat", b"nothing of the kind", "does not begin as a .sas7bdat file"),
        ("x.sas7bdat", b"\0" * 12 + b"\xc2\xea\x81\x60" + b"\0" * 100, "header is cut short"),
        ("x.sas7bdat", b"\0" * 12 + b"\xc2\xea\x81\x60" + b"\0" * 600, "no readable sas7bdat"),
        ("x.xlsx", b"PK\x03\x04", "the suffix '.xlsx' is unknown"),
        ("x", b"text", "the suffix '' is unknown"),
    ],
)
def test_wrong_content_is_refused(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert says in refused(tmp_path / name)


def test_a_sas7bdat_file_with_pages_missing_is_refused(tmp_path: Path) -> None:
    header = bytearray(b"\0" * 12 + b"\xc2\xea\x81\x60" + b"\0" * 1008)
    header[37] = 1  # little-endian
    header[196:200], header[200:204] = (1024).to_bytes(4, "little"), (4096).to_bytes(4, "little")
    header[204:208] = (2).to_bytes(4, "little")
    (tmp_path / "x.sas7bdat").write_bytes(bytes(header) + b"\0" * 4096)
    assert "pages are missing" in refused(tmp_path / "x.sas7bdat")


def test_a_folder_or_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.xpt").mkdir()
    assert "is a folder" in refused(tmp_path / "x.xpt")
    assert "no such file" in refused(tmp_path / "y.xpt")
