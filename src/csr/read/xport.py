"""SAS transport files (XPT versions 5 and 8) and sas7bdat files.

pyreadstat reads the values. Version 5 holds no number of records, so a file that was cut short
reads as a smaller dataset; the header is therefore read here as well, after SAS's record layout
[SAS Technical Support TS-140], and the file must hold whole records.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from csr.read.dates import from_sas, sas_unit, time_text
from csr.read.encodings import FALLBACK, check_western, not_decoded
from csr.read.problem import repeated, unreadable

CARD = 80
NAMESTR_START = 8 * CARD
MEMBER = b"HEADER RECORD*******MEMB"
TRANSFER_AGAIN = "transfer the file again"
SAS_ERRORS = (
    pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OSError, ValueError, OverflowError,
    MemoryError, TypeError, KeyError,
)  # fmt: skip


@dataclass(frozen=True)
class Variable:
    """A column as the header declares it; the values of a record stand in the same order."""

    name: str
    numeric: bool
    length: int


@dataclass(frozen=True)
class Layout:
    """Where the records of a transport file are, and what one looks like."""

    variables: tuple[Variable, ...]
    record_length: int
    start: int
    declared_records: int | None


def read_xport(path: Path, encoding: str | None = None) -> pd.DataFrame:
    """The dataset of a transport file: one row per record, labels in `attrs`.

    Columns with a SAS date or datetime format become datetime64[ns], times HH:MM:SS text. Special
    missing values (.A to .Z) are missing. Text is of `encoding`; without one, what is not UTF-8 is
    read as Windows-1252 and `attrs["encoding"]` says so.

    Raises DataError for a file that is truncated, holds more than one dataset, repeats a column
    name, or is no transport file. A version 5 file cut exactly between two records can't be told
    from a whole one: pin its sha256 in params.
    """
    content = path.read_bytes()
    layout = _read_layout(path, content)
    records = _whole_records(path, content, layout)
    frame, meta, fallback = _values(path, encoding)
    if len(frame) != records:
        raise unreadable(
            path, f"holds {records} records but {len(frame)} could be read", TRANSFER_AGAIN
        )
    done = _finished(frame, meta, fallback)
    if layout.declared_records == 0 and records:
        done.attrs["note"] = (
            "its header declares no records, as a writer's fault has it (R's haven before 2.5.6); "
            f"{records} are there and are read"
        )
    return done


def read_sas7bdat(path: Path, encoding: str | None = None) -> pd.DataFrame:
    """The dataset of a sas7bdat file, as `read_xport` gives it.

    Raises DataError for a file that is truncated or no sas7bdat file.
    """
    _check_pages(path, path.read_bytes()[:512])
    try:
        frame, meta = pyreadstat.read_sas7bdat(
            path, disable_datetime_conversion=True, encoding=encoding
        )
    except UnicodeDecodeError:
        raise unreadable(
            path, "holds text in an unknown encoding", "name it in params (data.encoding)"
        ) from None
    except SAS_ERRORS as error:
        raise unreadable(path, f"is no readable sas7bdat file ({error})", TRANSFER_AGAIN) from None
    return _finished(frame, meta, "")


def _read_layout(path: Path, content: bytes) -> Layout:
    v8 = content.startswith(b"HEADER RECORD*******LIBV8")
    observations = b"HEADER RECORD*******OBS" + (b"V8" if v8 else b" ")
    namestr = content[7 * CARD : NAMESTR_START]
    start = content.find(observations, NAMESTR_START)
    try:
        count, size = int(namestr[54:58]), int(content[3 * CARD + 74 : 3 * CARD + 78])
        if start < NAMESTR_START + count * size:
            raise ValueError
        blocks = [content[NAMESTR_START + i * size :][:size] for i in range(count)]
        variables = tuple(_variable(block, v8) for block in blocks)
        length = sum(v.length for v in variables)
        if not length:
            raise ValueError
    except (ValueError, struct.error):
        raise unreadable(path, "is truncated: its header is cut short", TRANSFER_AGAIN) from None
    _check_names(path, variables)
    declared = content[start + 48 : start + CARD].split()[:1] if v8 else []
    known = int(declared[0]) if declared and declared[0].isdigit() else None
    return Layout(variables, length, start + CARD, known)


def _variable(block: bytes, v8: bool) -> Variable:
    kind, _, length, _, short = struct.unpack(">hhhh8s", block[:16])
    name = block[88:120] if v8 and block[88:120].strip(b" \0") else short
    return Variable(name.strip(b" \0").decode("latin-1"), kind == 1, length)


def _check_names(path: Path, variables: tuple[Variable, ...]) -> None:
    if twice := repeated(v.name for v in variables):
        raise unreadable(path, f"holds the column {', '.join(twice)} twice", "rename one of them")


def _whole_records(path: Path, content: bytes, layout: Layout) -> int:
    """How many records there are; the last 80-byte card may be filled up with blanks."""
    data = content[layout.start :]
    if len(content) % CARD:
        raise unreadable(
            path, "is truncated: its size is not a multiple of 80 bytes", TRANSFER_AGAIN
        )
    second = data.find(MEMBER)
    if second >= 0 and second % CARD == 0:
        raise unreadable(path, "holds more than one dataset", "export one dataset per file")
    count, rest = divmod(len(data), layout.record_length)
    if rest >= CARD or data[len(data) - rest :].strip(b" "):
        raise unreadable(path, "is truncated: its last record is incomplete", TRANSFER_AGAIN)
    if layout.declared_records is not None and count < layout.declared_records:
        raise unreadable(
            path,
            f"is truncated: {layout.declared_records} records declared, {count} there",
            TRANSFER_AGAIN,
        )
    table = np.frombuffer(data, np.uint8, count * layout.record_length)
    table = table.reshape(count, layout.record_length)
    _check_no_nul(path, table, layout)
    if layout.declared_records:
        return layout.declared_records
    filled = np.flatnonzero((table != 0x20).any(axis=1))
    return int(filled[-1]) + 1 if len(filled) else 0


def _check_no_nul(path: Path, table: np.ndarray[Any, Any], layout: Layout) -> None:
    """A NUL with text behind it would silently cut the text there."""
    end = 0
    for variable in layout.variables:
        start, end = end, end + variable.length
        text = table[:, start:end]
        if variable.numeric or not (text == 0).any():
            continue
        after = np.logical_or.accumulate(text == 0, axis=1) & (text != 0) & (text != 0x20)
        rows = np.flatnonzero(after.any(axis=1)) + 1
        if len(rows):
            raise unreadable(
                path,
                f"holds NUL characters within the text of {variable.name} (row {rows[0]})",
                "export the file again",
            )


def _values(path: Path, encoding: str | None) -> tuple[pd.DataFrame, Any, str]:
    try:
        try:
            if encoding is not None:
                raise UnicodeDecodeError("utf-8", b"", 0, 0, "another encoding is asked for")
            frame, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True)
            return frame, meta, ""
        except UnicodeDecodeError:
            # Latin-1 keeps every byte, so each value can then be decoded on its own.
            frame, meta = pyreadstat.read_xport(
                path, disable_datetime_conversion=True, encoding="ISO-8859-1"
            )
    except SAS_ERRORS as error:
        raise unreadable(
            path, f"is no readable SAS transport file ({error})", TRANSFER_AGAIN
        ) from None
    read = partial(_decoded, path, (encoding,) if encoding else ("utf-8", FALLBACK))
    for column in frame.select_dtypes(object):
        frame[column] = frame[column].map(read)
    meta.column_labels = [read(label) for label in meta.column_labels]
    meta.file_label = read(meta.file_label)
    return frame, meta, "" if encoding else FALLBACK


def _decoded(path: Path, encodings: tuple[str, ...], text: Any) -> Any:
    if not isinstance(text, str) or text.isascii():
        return text
    raw = text.encode("latin-1")
    for encoding in encodings:
        try:
            found = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if encoding == FALLBACK:
            check_western(path, found)
        return found
    raise not_decoded(path, raw, encodings)


def _finished(frame: pd.DataFrame, meta: Any, encoding: str) -> pd.DataFrame:
    formats = meta.original_variable_types
    columns = {c: _typed(frame[c], str(formats.get(c) or "")) for c in frame.columns}
    done = pd.DataFrame(columns, index=frame.index)
    labels = zip(meta.column_names, meta.column_labels, strict=True)
    done.attrs = {"labels": {c: label or "" for c, label in labels}, "label": meta.file_label or ""}
    if encoding:
        done.attrs["encoding"] = encoding
    return done


def _typed(values: pd.Series, sas_format: str) -> pd.Series:
    if values.dtype == object:
        return values.fillna("").astype(object)
    numbers = values.astype(float)
    unit = sas_unit(sas_format)
    if unit is None:
        return numbers
    return numbers.map(time_text).astype(object) if unit == "time" else from_sas(numbers, unit)


def _check_pages(path: Path, header: bytes) -> None:
    """The header says how many pages of which size follow."""
    if len(header) < 288:
        raise unreadable(path, "is truncated: its header is cut short", TRANSFER_AGAIN)
    wide, shift = header[32] == 0x33, 4 if header[35] == 0x33 else 0
    order = "<" if header[37] == 1 else ">"
    start, page = struct.unpack(f"{order}ii", header[196 + shift : 204 + shift])
    place = 204 + shift
    (count,) = struct.unpack(
        f"{order}{'q' if wide else 'i'}", header[place : place + (8 if wide else 4)]
    )
    if path.stat().st_size < start + page * count:
        raise unreadable(path, "is truncated: pages are missing at its end", TRANSFER_AGAIN)
