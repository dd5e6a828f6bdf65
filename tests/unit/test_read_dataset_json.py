"""Dataset-JSON 1.1, as CDISC's standard describes it and CDISC's examples are written."""

from __future__ import annotations

import gzip
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from csr.errors import DataError
from csr.read.files import read_dataset

COLUMNS = [
    {"itemOID": "1", "name": "USUBJID", "label": "Subject", "dataType": "string"},
    {"itemOID": "2", "name": "AGE", "label": "Age", "dataType": "integer"},
    {"itemOID": "3", "name": "DOSE", "label": "Dose", "dataType": "decimal",
     "targetDataType": "decimal"},
    {"itemOID": "4", "name": "TRTSDT", "label": "Start", "dataType": "date",
     "targetDataType": "integer", "displayFormat": "DATE9."},
    {"itemOID": "5", "name": "TRTSDTM", "label": "Start time", "dataType": "datetime",
     "targetDataType": "integer"},
    {"itemOID": "6", "name": "RFSTDTC", "label": "Start text", "dataType": "date"},
    {"itemOID": "7", "name": "OK", "label": "Yes", "dataType": "boolean"},
]  # fmt: skip
ROWS = [
    ["01-001", 34, "1.5", "2014-01-02", "2014-01-02T08:30:00", "2014-01", True],
    ["日本 None", None, None, None, None, None, None],
]


def document(rows: list[Any] = ROWS, **changes: Any) -> dict[str, Any]:
    header = {"datasetJSONVersion": "1.1.0", "name": "ADSL", "label": "Subjects"}
    return header | {"records": len(rows), "columns": COLUMNS} | changes


def write(path: Path, rows: list[Any] = ROWS, **changes: Any) -> Path:
    header = document(rows, **changes)
    lines = "\n".join(json.dumps(part, ensure_ascii=False) for part in [header, *rows])
    content = {
        ".json": json.dumps(header | {"rows": rows}, ensure_ascii=False).encode(),
        ".ndjson": lines.encode(),
        ".dsjc": gzip.compress(lines.encode()),
    }
    path.write_bytes(content[path.suffix])
    return path


@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".dsjc"])
def test_values_types_and_labels(tmp_path: Path, suffix: str) -> None:
    frame = read_dataset(write(tmp_path / f"adsl{suffix}"))
    assert frame["USUBJID"].tolist() == ["01-001", "日本 None"]
    assert frame["AGE"][0] == 34
    assert np.isnan(frame["AGE"][1])
    assert frame["DOSE"][0] == 1.5
    assert frame["TRTSDT"].tolist() == [pd.Timestamp("2014-01-02"), pd.NaT]
    assert frame["TRTSDTM"].tolist() == [pd.Timestamp("2014-01-02 08:30"), pd.NaT]
    assert frame["RFSTDTC"].tolist() == ["2014-01", ""]
    assert frame["OK"].tolist() == ["true", ""]
    assert frame.attrs["labels"]["AGE"] == "Age"
    assert frame.attrs["label"] == "Subjects"


def test_zlib_is_read_as_gzip_is(tmp_path: Path) -> None:
    write(tmp_path / "a.ndjson")
    (tmp_path / "a.dsjc").write_bytes(zlib.compress((tmp_path / "a.ndjson").read_bytes()))
    frame, plain = read_dataset(tmp_path / "a.dsjc"), read_dataset(tmp_path / "a.ndjson")
    pd.testing.assert_frame_equal(frame, plain)


def test_an_impossible_date_stays_text_for_the_checks(tmp_path: Path) -> None:
    rows = [["1", 1, None, "2014-02-30", None, None, None]]
    assert read_dataset(write(tmp_path / "a.json", rows))["TRTSDT"].tolist() == ["2014-02-30"]


def test_no_rows(tmp_path: Path) -> None:
    for suffix in (".json", ".ndjson"):
        frame = read_dataset(write(tmp_path / f"a{suffix}", []))
        assert frame.shape == (0, 7)
        assert frame["AGE"].dtype == float
        assert frame["TRTSDT"].dtype == "datetime64[ns]"


@pytest.mark.parametrize(
    ("name", "changes", "says"),
    [
        ("a.json", {"records": 3}, "declares 3 records but holds 2"),
        ("a.ndjson", {"records": 1}, "declares 1 records but holds 2"),
        ("a.ndjson", {"columns": []}, "declares no columns"),
        ("a.json", {"columns": [*COLUMNS[:6], COLUMNS[0]]}, "column USUBJID twice"),
        ("a.json", {"columns": COLUMNS[:6]}, "row 1 has 7 values for 6 columns"),
        ("a.json", {"rows": {}}, "is no Dataset-JSON"),
        ("a.json", {"clinicalData": {}}, "is Dataset-JSON 1.0"),
    ],
)
def test_what_contradicts_the_header_is_refused(
    tmp_path: Path, name: str, changes: dict[str, Any], says: str
) -> None:
    path = write(tmp_path / name, **changes)
    if "rows" in changes:
        path.write_text(json.dumps(document() | changes), encoding="utf-8")
    with pytest.raises(DataError, match=says):
        read_dataset(path)


@pytest.mark.parametrize("value", ["thirty", True, [1]])
def test_a_text_in_a_column_of_numbers_is_refused(tmp_path: Path, value: Any) -> None:
    rows = [["1", value, None, None, None, None, None]]
    with pytest.raises(DataError, match="row 1, AGE: not a number, but declared integer"):
        read_dataset(write(tmp_path / "a.json", rows))


@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".dsjc"])
def test_every_cut_of_a_file_is_refused(tmp_path: Path, suffix: str) -> None:
    whole = write(tmp_path / f"a{suffix}").read_bytes()
    path = tmp_path / f"cut{suffix}"
    for length in range(0, len(whole), 23):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError):
            read_dataset(path)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe{", b"[1, 2]", b"null", b'{"a": NaN}', b"[" * 100_000, b"\0\0\0"]
)
@pytest.mark.parametrize("suffix", [".json", ".ndjson", ".dsjc"])
def test_other_content_is_refused(tmp_path: Path, content: bytes, suffix: str) -> None:
    (tmp_path / f"a{suffix}").write_bytes(content)
    with pytest.raises(DataError):
        read_dataset(tmp_path / f"a{suffix}")


def test_cdiscs_japanese_example(shared: Path) -> None:
    frame = read_dataset(shared / "data/A09_datasetjson_msg/i18n/ae_japanese.json")
    assert len(frame) == 1191  # its header
    assert frame["AETERM"][2] == "下痢"  # the third record of the file: diarrhoea
