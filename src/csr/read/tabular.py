"""CSV and Parquet files."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from csr.read.encodings import decode
from csr.read.problem import repeated, unreadable

TRANSFER_AGAIN = "transfer the file again"
LONGEST_FIELD = 10_000_000
# Whole numbers up to it are exact as float64.
EXACT = 2**53


def read_csv(path: Path, encoding: str | None = None) -> pd.DataFrame:
    """A comma-separated file with a header line: every column text, exactly as written.

    CSV has no types: the specification gives them later. "NA", "None" and the like stay text, an
    empty field is missing. UTF-8, or `encoding`; without one, Windows-1252 where it is not UTF-8
    (`attrs["encoding"]` says so). A first column without a name that counts the lines from 1, as R
    writes it, is left out.

    Raises DataError for NUL characters, a line with another number of fields than the header, an
    open quote at the end (truncated), a repeated column name, or another separator.
    """
    content = path.read_bytes()
    if b"\0" in content:
        raise unreadable(path, "holds NUL characters (UTF-16, or damaged)", "export it as UTF-8")
    text, fallback = decode(path, content, encoding)
    header, rows = _fields(path, text)
    frame = pd.DataFrame(rows, columns=header, dtype=object)
    if header and header[0] == "":
        frame = frame.iloc[:, 1:]
    frame.attrs = {"labels": {}, "label": ""} | ({"encoding": fallback} if fallback else {})
    return frame


def _fields(path: Path, text: str) -> tuple[list[str], list[list[str]]]:
    csv.field_size_limit(LONGEST_FIELD)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    try:
        header = [name.strip() for name in next(reader, [])]
        _check_header(path, header)
        for row in reader:
            if row and len(row) != len(header):
                raise unreadable(
                    path,
                    f"line {reader.line_num} has {len(row)} fields for {len(header)} columns",
                    "quote fields that hold commas, or transfer the file again",
                )
            if row:
                rows.append(row)
        _check_unnamed(path, header, rows)
    except csv.Error as error:
        raise unreadable(
            path, f"line {reader.line_num} is no CSV, or is truncated ({error})", TRANSFER_AGAIN
        ) from None
    return header, rows


def _check_header(path: Path, header: list[str]) -> None:
    if len(header) == 1 and any(mark in header[0] for mark in ";\t|"):
        raise unreadable(path, "is not separated by commas", "export it comma-separated")
    if not header or "" in header[1:]:
        raise unreadable(path, "has a column without a name in its first line", "name every column")
    if twice := repeated(header):
        raise unreadable(path, f"holds the column {', '.join(twice)} twice", "rename one of them")


def _check_unnamed(path: Path, header: list[str], rows: list[list[str]]) -> None:
    """Only the numbers of the lines, as R's write.csv gives them, need no name."""
    if header[0] == "" and [row[0] for row in rows] != [str(n) for n in range(1, len(rows) + 1)]:
        raise unreadable(path, "has a column without a name in its first line", "name every column")


def read_parquet(path: Path) -> pd.DataFrame:
    """The table of a Parquet file: text, float64 and datetime64[ns] columns, labels in `attrs`.

    Factors become their text, true and false the words, times HH:MM:SS text; a moment with a zone
    keeps the local date and time of that zone. Whole numbers that float64 does not hold exactly
    (above 2⁵³) and dates outside 1677-2262 are given as text. An index that pandas stored is
    dropped.

    Raises DataError for a truncated file, nested columns, or a repeated column name.
    """
    try:
        return _frame(path, pq.ParquetFile(path).read())
    except UnicodeDecodeError:
        raise unreadable(path, "holds text that is not UTF-8", TRANSFER_AGAIN) from None
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = str(error).splitlines()[0][:200] if str(error) else "damaged"
        raise unreadable(path, f"is no readable Parquet file ({reason})", TRANSFER_AGAIN) from None


def _frame(path: Path, table: pa.Table) -> pd.DataFrame:
    names = table.column_names
    if twice := repeated(names):
        raise unreadable(path, f"holds the column {', '.join(twice)} twice", "rename one of them")
    kept = [n for n in names if not n.startswith("__index_level_")]
    columns = {n: _typed(path, n, table.column(n)) for n in kept}
    frame = pd.DataFrame(columns, columns=kept, index=range(table.num_rows))
    frame.attrs = {
        "labels": {n: _label(table.schema.field(n).metadata) for n in kept},
        "label": _label(table.schema.metadata),
    }
    return frame


def _label(metadata: dict[bytes, bytes] | None) -> str:
    return (metadata or {}).get(b"label", b"").decode("utf-8", errors="replace")


def _typed(path: Path, name: str, column: pa.ChunkedArray) -> pd.Series:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _typed(path, name, column.cast(kind.value_type))
    if pa.types.is_integer(kind) and _beyond_floats(column):
        return pd.Series(["" if v is None else str(v) for v in column.to_pylist()], dtype=object)
    if pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        return pd.Series(column.cast(pa.float64(), safe=False).to_pandas(), dtype=float)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return _dates(column)
    if pa.types.is_null(kind):
        return pd.Series([""] * len(column), dtype=object)
    if pa.types.is_boolean(kind):
        words = {True: "true", False: "false", None: ""}
        return pd.Series([words[v] for v in column.to_pylist()], dtype=object)
    if pa.types.is_time(kind):
        times = [v.strftime("%H:%M:%S") if v else "" for v in column.to_pylist()]
        return pd.Series(times, dtype=object)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return pd.Series([v or "" for v in column.to_pylist()], dtype=object)
    raise unreadable(
        path, f"the column {name} holds {kind}", "store text, numbers or dates in every column"
    )


def _beyond_floats(column: pa.ChunkedArray) -> bool:
    """Whether whole numbers of the column would lose digits as float64."""
    ends = pc.min_max(column)
    return any(v is not None and abs(v) > EXACT for v in (ends["min"].as_py(), ends["max"].as_py()))


def _dates(column: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        column = pc.local_timestamp(column)
    try:
        return pd.Series(column.cast(pa.timestamp("ns")).to_pandas(), dtype="datetime64[ns]")
    except pa.ArrowInvalid:  # outside the years 1677-2262
        return pd.Series(
            ["" if v is None else str(v) for v in column.cast(pa.string()).to_pylist()]
        )
