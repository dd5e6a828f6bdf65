"""The same data in any format read as the same frame (a generated property)."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path

import pandas as pd
import pyreadstat
from hypothesis import given, settings
from hypothesis import strategies as st

from csr.read.check import check_datasets
from csr.read.files import read_dataset

# XPT keeps no blanks at the end, and at most 200 bytes; every format keeps the rest.
TEXTS = st.one_of(
    st.sampled_from(
        ["", "NA", "None", "NULL", "nan", "N/A", "0", "007", "1e5", "true", '"', ",", "'"]
    ),
    st.text(st.characters(categories=["L", "N", "P", "S", "Zs"]), max_size=20).map(str.strip),
)
NUMBERS = st.one_of(
    st.none(),
    st.sampled_from([0.0, 1.0, -1.0, 0.1, 1 / 3]),
    st.floats(1e-30, 1e30) | st.floats(-1e30, -1e-30),
)
DATES = st.none() | st.dates(dt.date(1700, 1, 1), dt.date(2261, 12, 31))
RECORDS = st.lists(st.tuples(TEXTS, NUMBERS, DATES), min_size=1, max_size=8)
NAMES = {"AEDECOD": "string", "AESEQ": "float", "ADURN": "double", "ASTDT": "date"}


def frame_of(records: list[tuple[str, float | None, dt.date | None]]) -> pd.DataFrame:
    texts, numbers, dates = zip(*records, strict=True)
    return pd.DataFrame(
        {
            "AEDECOD": list(texts),
            "AESEQ": [float(i) for i in range(len(records))],
            "ADURN": pd.array(numbers, dtype="float64"),
            "ASTDT": pd.Series(dates, dtype=object),
        }
    )


def write_json(frame: pd.DataFrame, path: Path) -> None:
    columns = [
        {"itemOID": n, "name": n, "label": n, "dataType": t}
        | ({"targetDataType": "integer"} if t == "date" else {})
        for n, t in NAMES.items()
    ]
    rows = [
        [v.isoformat() if isinstance(v, dt.date) else None if pd.isna(v) else v for v in row]
        for row in frame.itertuples(index=False, name=None)
    ]
    header = {"records": len(rows), "name": "ADAE", "label": "x", "columns": columns}
    path.write_text(json.dumps(header | {"rows": rows}, ensure_ascii=False), encoding="utf-8")
    lines = [json.dumps(part, ensure_ascii=False) for part in [header, *rows]]
    path.with_suffix(".ndjson").write_text("\n".join(lines), encoding="utf-8", newline="\n")


def write_all(frame: pd.DataFrame, folder: Path) -> list[Path]:
    pyreadstat.write_xport(frame, folder / "v5.xpt", file_format_version=5)
    pyreadstat.write_xport(frame, folder / "v8.xpt", file_format_version=8)
    frame.to_parquet(folder / "a.parquet")
    frame.to_csv(folder / "a.csv", index=False, quoting=1, lineterminator="\n")
    write_json(frame, folder / "a.json")
    return [folder / n for n in ("v5.xpt", "v8.xpt", "a.parquet", "a.csv", "a.json", "a.ndjson")]


@settings(max_examples=15, deadline=None)
@given(RECORDS)
def test_every_format_reads_equal(
    records: list[tuple[str, float | None, dt.date | None]],
) -> None:
    frame = frame_of(records)
    expected, _ = check_datasets({"adae": frame})
    assert expected["adae"]["AEDECOD"].tolist() == frame["AEDECOD"].tolist()
    with tempfile.TemporaryDirectory() as folder:
        for path in write_all(frame, Path(folder)):
            done, _ = check_datasets({"adae": read_dataset(path)})
            # 1e-15: pandas writes 17 digits into CSV; XPT's 56-bit mantissa holds a double.
            pd.testing.assert_frame_equal(done["adae"], expected["adae"], rtol=1e-15, atol=0)
