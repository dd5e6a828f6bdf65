"""Dataset-JSON 1.1 [CDISC Dataset-JSON v1.1]: .json, .ndjson, and .dsjc (compressed ndjson).

Dates are text in the file. A column with dataType date, datetime or time and a targetDataType is a
number in SAS, thus a date here; without one it is ISO 8601 text (--DTC) and stays text.
"""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pandas as pd

from csr.read.dates import parse_dates
from csr.read.problem import repeated, unreadable

NUMBERS = frozenset({"integer", "decimal", "float", "double"})
MOMENTS = frozenset({"date", "datetime"})
# What programs write for a number that is missing.
NO_NUMBER = frozenset({"", ".", "NA"})
# Whole numbers up to it are exact as float64.
EXACT = 2**53
TRANSFER_AGAIN = "transfer the file again"
EXPORT_AGAIN = "export it again as Dataset-JSON 1.1"


def read_dataset_json(path: Path) -> pd.DataFrame:
    """The dataset of a Dataset-JSON file: one row per record, labels in `attrs`.

    Raises DataError where the file is truncated, is no Dataset-JSON 1.1, declares another number of
    records than it holds, or has a row or value that does not fit its columns.
    """
    text = _text(path)
    header, rows = _lines(path, text) if _by_line(path) else _document(path, text)
    columns = _columns(path, header)
    declared = header.get("records")
    if declared != len(rows):
        raise unreadable(
            path,
            f"declares {declared} records but holds {len(rows)}; it may be truncated",
            TRANSFER_AGAIN,
        )
    _check_widths(path, rows, len(columns))
    names = [c["name"] for c in columns]
    values = zip(*rows, strict=True) if rows else [() for _ in columns]
    typed = {c["name"]: _typed(path, c, list(v)) for c, v in zip(columns, values, strict=True)}
    frame = pd.DataFrame(typed, columns=names, index=range(len(rows)))
    frame.attrs = {
        "labels": {c["name"]: str(c.get("label") or "") for c in columns},
        "label": str(header.get("label") or ""),
    }
    return frame


def _by_line(path: Path) -> bool:
    return path.suffix.lower() in {".ndjson", ".dsjc"}


def _text(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix.lower() == ".dsjc":
        content = _decompressed(path, content)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise unreadable(path, "is not UTF-8 text", EXPORT_AGAIN) from None


def _decompressed(path: Path, content: bytes) -> bytes:
    # 47: a gzip or a zlib header, whichever is there. The standard names zlib, CDISC's files gzip.
    unpack = zlib.decompressobj(47)
    try:
        plain = unpack.decompress(content)
    except zlib.error:
        raise unreadable(
            path, "is no compressed Dataset-JSON (gzip or zlib)", TRANSFER_AGAIN
        ) from None
    if not unpack.eof:
        raise unreadable(path, "is truncated: the compressed data end early", TRANSFER_AGAIN)
    return plain


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")


def _parsed(path: Path, text: str, line: int) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise unreadable(
            path, f"is no valid JSON, or is truncated, in line {line} ({error})", TRANSFER_AGAIN
        ) from None


def _lines(path: Path, text: str) -> tuple[dict[str, Any], list[Any]]:
    # Only \n ends a line: U+2028 and its like may stand within a text.
    lines = [line for line in text.split("\n") if line.strip()]
    parsed = [_parsed(path, line, i) for i, line in enumerate(lines, 1)]
    if not parsed or not isinstance(parsed[0], dict):
        raise unreadable(path, "has no Dataset-JSON header in its first line", EXPORT_AGAIN)
    return parsed[0], parsed[1:]


def _document(path: Path, text: str) -> tuple[dict[str, Any], list[Any]]:
    tree = _parsed(path, text, 1)
    if isinstance(tree, dict) and ("clinicalData" in tree or "referenceData" in tree):
        raise unreadable(path, "is Dataset-JSON 1.0", EXPORT_AGAIN)
    if not isinstance(tree, dict) or not isinstance(tree.get("rows", []), list):
        raise unreadable(path, "is no Dataset-JSON", EXPORT_AGAIN)
    return tree, tree.get("rows", [])


def _columns(path: Path, header: dict[str, Any]) -> list[dict[str, Any]]:
    columns = header.get("columns")
    whole = isinstance(columns, list) and all(
        isinstance(c, dict)
        and isinstance(c.get("name"), str)
        and isinstance(c.get("dataType"), str)
        for c in columns
    )
    if not whole or not columns:
        raise unreadable(path, "declares no columns with name and dataType", EXPORT_AGAIN)
    names = [c["name"] for c in columns]
    if twice := repeated(names):
        raise unreadable(path, f"holds the column {', '.join(twice)} twice", "rename one of them")
    return list(columns)


def _check_widths(path: Path, rows: list[Any], width: int) -> None:
    for number, row in enumerate(rows, 1):
        if not isinstance(row, list) or len(row) != width:
            have = len(row) if isinstance(row, list) else "no list of"
            raise unreadable(
                path, f"row {number} has {have} values for {width} columns", EXPORT_AGAIN
            )


def _typed(path: Path, column: dict[str, Any], values: list[Any]) -> pd.Series:
    kind, target = column["dataType"], column.get("targetDataType")
    if kind == "integer" and any(isinstance(v, int) and abs(v) > EXACT for v in values):
        return pd.Series([_string(v) for v in values], dtype=object)
    if kind in NUMBERS:
        return pd.Series(
            [_number(path, column, i, v) for i, v in enumerate(values, 1)], dtype=float
        )
    _check_characters(path, column, values)
    text = pd.Series([_string(v) for v in values], dtype=object)
    if kind not in MOMENTS or not target:
        return text
    dates, bad = parse_dates(text, time=kind == "datetime")
    # An impossible date stays text, so that the checks can name it.
    return text if bad.any() else dates


def _number(path: Path, column: dict[str, Any], row: int, value: Any) -> float:
    if value is None or (isinstance(value, str) and value in NO_NUMBER):
        return float("nan")
    try:
        if isinstance(value, bool):
            raise ValueError
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise unreadable(
            path,
            f"row {row}, {column['name']}: not a number, but declared {column['dataType']}",
            EXPORT_AGAIN,
        ) from None


def _check_characters(path: Path, column: dict[str, Any], values: list[Any]) -> None:
    """Half a character, as a lone surrogate escape gives it, can't be written anywhere."""
    for row, value in enumerate(values, 1):
        if isinstance(value, str) and any("\ud800" <= sign <= "\udfff" for sign in value):
            raise unreadable(
                path, f"row {row}, {column['name']}: holds half a character", EXPORT_AGAIN
            )


def _string(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else f"{value}"
