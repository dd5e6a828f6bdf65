"""Writes SDTM frames as files: SAS transport version 5, Dataset-JSON 1.1, or Parquet.

The same frames always give the same bytes: no file holds the time of writing.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from csr.demo.enrolment import STUDY
from csr.demo.variables import is_number, label_of, layouts
from csr.demo.xpt import write_xpt

Format = Literal["xpt", "dataset-json", "parquet"]
SUFFIX: dict[Format, str] = {"xpt": "xpt", "dataset-json": "json", "parquet": "parquet"}


def write_dataset(
    folder: Path, name: str, frame: pd.DataFrame, fmt: Format, transfer: dt.date
) -> Path:
    """One dataset as a file of the transfer; `transfer` is the date the file says it was made."""
    path = folder / f"{name}.{SUFFIX[fmt]}"
    if fmt == "xpt":
        labels = {c: label_of(c) for c in frame.columns}
        write_xpt(path, name, layouts()[name].label, frame, labels, transfer)
    elif fmt == "dataset-json":
        _write_json(path, name, frame, transfer)
    else:
        _write_parquet(path, name, frame)
    return path


def _write_json(path: Path, name: str, frame: pd.DataFrame, transfer: dt.date) -> None:
    layout = layouts()[name]
    head = {
        "datasetJSONCreationDateTime": f"{transfer.isoformat()}T00:00:00",
        "datasetJSONVersion": "1.1.0",
        "fileOID": f"{STUDY}.{transfer.isoformat()}.{name}",
        "originator": "csr demo (simulated data)",
        "studyOID": STUDY,
        "metaDataVersionOID": f"MDV.{STUDY}",
        "itemGroupOID": f"IG.{name.upper()}",
        "records": len(frame),
        "name": name.upper(),
        "label": layout.label,
        "columns": [_json_column(name, c, layout.keys) for c in frame.columns],
    }
    columns = [_json_values(frame[c], is_number(c)) for c in frame.columns]
    rows = [list(row) for row in zip(*columns, strict=True)]
    text = json.dumps({**head, "rows": rows}, ensure_ascii=False, separators=(",", ":"))
    path.write_text(text, encoding="utf-8", newline="\n")


def _json_column(name: str, column: str, keys: tuple[str, ...]) -> dict[str, str | int]:
    declared: dict[str, str | int] = {
        "itemOID": f"IT.{name.upper()}.{column}",
        "name": column,
        "label": label_of(column),
        "dataType": "double" if is_number(column) else "string",
    }
    if column in keys:
        declared["keySequence"] = keys.index(column) + 1
    return declared


def _json_values(values: pd.Series, number: bool) -> list[object]:
    if not number:
        return list(values)
    return [None if np.isnan(v) else v for v in values.to_numpy(float).tolist()]


def _write_parquet(path: Path, name: str, frame: pd.DataFrame) -> None:
    fields = [
        pa.field(
            c,
            pa.float64() if is_number(c) else pa.string(),
            metadata={"label": label_of(c)},
        )
        for c in frame.columns
    ]
    schema = pa.schema(fields, metadata={"label": layouts()[name].label})
    arrays = [
        pa.array(frame[f.name].to_numpy(), type=f.type, from_pandas=pa.types.is_floating(f.type))
        for f in fields
    ]
    pq.write_table(pa.Table.from_arrays(arrays, schema=schema), path, compression="zstd")
