"""CSV and Parquet files: text stays what was written, numbers and dates are what they are."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from csr.errors import DataError
from csr.read.files import read_dataset


def csv_file(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_csv_text_is_kept_as_written(tmp_path: Path) -> None:
    text = (
        '\ufeffUSUBJID,AETERM,AGE\r\n001,NA,\r\n002,"None, or ""NULL""",34\r\n003,nan,1e3\r\n\r\n'
    )
    frame = read_dataset(csv_file(tmp_path / "ae.csv", text))
    assert frame["USUBJID"].tolist() == ["001", "002", "003"]
    assert frame["AETERM"].tolist() == ["NA", 'None, or "NULL"', "nan"]
    assert frame["AGE"].tolist() == ["", "34", "1e3"]


def test_csv_windows_1252_and_line_breaks_in_quotes(tmp_path: Path) -> None:
    content = 'A,B\n"one\ntwo",naïve\n'.encode("cp1252")
    frame = read_dataset(csv_file(tmp_path / "x.csv", content))
    assert frame.iloc[0].tolist() == ["one\ntwo", "naïve"]
    assert frame.attrs["encoding"] == "cp1252"


def test_csv_without_rows(tmp_path: Path) -> None:
    assert read_dataset(csv_file(tmp_path / "x.csv", "A,B\n")).shape == (0, 2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("A,B\n1,2\n3\n", "line 3 has 1 fields for 2 columns"),
        ("A,B\n1,2,3\n", "line 2 has 3 fields"),
        ('A,B\n1,"2', "is truncated"),
        ("A,A\n1,2\n", "column A twice"),
        ("A;B\n1;2\n", "not separated by commas"),
        ("A,\n1,2\n", "a column without a name"),
        ("A\0,B\n1,2\n", "NUL characters"),
        ("A,B\n1,2\n".encode("utf-16"), "NUL characters"),
        (b"A,B\n1,\x81\n", "not utf-8 or cp1252"),
        ("\n", "a column without a name"),
    ],
)
def test_bad_csv_is_refused(tmp_path: Path, content: str | bytes, says: str) -> None:
    with pytest.raises(DataError, match=says):
        read_dataset(csv_file(tmp_path / "x.csv", content))


def parquet(path: Path, **columns: pa.Array) -> Path:
    pq.write_table(pa.table(columns), path)
    return path


def test_every_parquet_type(tmp_path: Path) -> None:
    path = parquet(
        tmp_path / "x.parquet",
        TEXT=pa.array(["NA", None]),
        FACTOR=pa.array(["a", None]).dictionary_encode(),
        INT=pa.array([1, None], pa.int32()),
        DEC=pa.array([Decimal("1.25"), None]),
        FLAG=pa.array([True, None]),
        DAY=pa.array([dt.date(2014, 1, 2), None]),
        ZONED=pa.array([1388620800_000000, None], pa.timestamp("us", "Europe/Berlin")),
        TIME=pa.array([dt.time(8, 30), None]),
        NONE=pa.nulls(2),
    )
    frame = read_dataset(path)
    first = frame.iloc[0].to_dict()
    assert first == {
        "TEXT": "NA", "FACTOR": "a", "INT": 1.0, "DEC": 1.25, "FLAG": "true",
        "DAY": pd.Timestamp("2014-01-02"), "ZONED": pd.Timestamp("2014-01-02 01:00"),
        "TIME": "08:30:00", "NONE": "",
    }  # fmt: skip
    assert frame.iloc[1][["TEXT", "FACTOR", "FLAG", "TIME", "NONE"]].tolist() == [""] * 5
    assert frame.iloc[1][["INT", "DEC", "DAY", "ZONED"]].isna().all()
    assert {str(t) for t in frame.dtypes} == {"object", "float64", "datetime64[ns]"}


def test_parquet_labels_index_and_far_dates(tmp_path: Path) -> None:
    field = pa.field("ADT", pa.date32(), metadata={"label": "Analysis date"})
    schema = pa.schema([field], metadata={"label": "Tumour"})
    far = pa.table({"ADT": pa.array([dt.date(9999, 12, 31), None], pa.date32())}, schema=schema)
    pq.write_table(far, tmp_path / "x.parquet")
    frame = read_dataset(tmp_path / "x.parquet")
    assert frame["ADT"].tolist() == ["9999-12-31", ""]
    assert frame.attrs["labels"] == {"ADT": "Analysis date"}
    assert frame.attrs["label"] == "Tumour"
    pd.DataFrame({"A": [1.0, np.nan]}, index=[5, 7]).to_parquet(tmp_path / "y.parquet")
    assert list(read_dataset(tmp_path / "y.parquet")) == ["A"]


def test_bad_parquet_is_refused(tmp_path: Path) -> None:
    path = parquet(tmp_path / "x.parquet", A=pa.array(["a", "b"]))
    whole = path.read_bytes()
    for length in range(4, len(whole), 40):
        path.write_bytes(whole[:length])
        with pytest.raises(DataError, match="no readable Parquet file"):
            read_dataset(path)
    nested = parquet(tmp_path / "y.parquet", A=pa.array([[1], [2]]))
    with pytest.raises(DataError, match="column A holds list"):
        read_dataset(nested)
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["A", "A"])
    pq.write_table(twice, tmp_path / "z.parquet")
    with pytest.raises(DataError, match="column A twice"):
        read_dataset(tmp_path / "z.parquet")
