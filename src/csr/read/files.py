"""One file of a transfer → one frame, whatever its format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from csr.read.dataset_json import read_dataset_json
from csr.read.problem import unreadable
from csr.read.tabular import read_csv, read_parquet
from csr.read.xport import read_sas7bdat, read_xport

READERS: dict[str, Callable[..., pd.DataFrame]] = {
    ".xpt": read_xport,
    ".sas7bdat": read_sas7bdat,
    ".parquet": read_parquet,
    ".json": read_dataset_json,
    ".ndjson": read_dataset_json,
    ".dsjc": read_dataset_json,
    ".csv": read_csv,
}
# What a file begins with: what it is, and the suffixes it may have.
BEGINNINGS: tuple[tuple[bytes, str, tuple[str, ...]], ...] = (
    (b"HEADER RECORD*******LIB", "a SAS transport file", (".xpt",)),
    (b"**COMPRESSED**", "a SAS CPORT file (use the XPORT engine instead)", ()),
    (b"\0" * 12 + b"\xc2\xea\x81\x60", "a sas7bdat file", (".sas7bdat",)),
    (b"PAR1", "a Parquet file", (".parquet",)),
    (b"PK\x03\x04", "a ZIP archive or Excel workbook", ()),
    (b"\x1f\x8b", "a gzip file", (".dsjc",)),
)
UTF8_BY_STANDARD = frozenset({".parquet", ".json", ".ndjson", ".dsjc"})
CHECKED = 64
NEEDS_BEGINNING = frozenset({".xpt", ".sas7bdat", ".parquet"})


def read_dataset(path: Path, encoding: str | None = None) -> pd.DataFrame:
    """Reads one dataset; the suffix says the format.

    `encoding` is that of the text of CSV and SAS files; the other formats are UTF-8 by their
    standards.

    One row per record of the file, in its order; columns as they are named there. Text columns hold
    str with "" for missing, numbers float64 with NaN, dates and datetimes datetime64[ns] with NaT.
    `attrs["labels"]` has the column labels and `attrs["label"]` the dataset's, "" where the format
    has none; `attrs["encoding"]` is set where text had to be read as Windows-1252.

    Raises DataError, as "FILE: what; what to do", for a file that is not there, is empty, truncated
    or damaged, has a suffix that does not fit its content, or repeats a column name.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise unreadable(
            path,
            f"the suffix '{path.suffix}' is unknown",
            f"give one of {', '.join(READERS)}",
        )
    _check_beginning(path)
    if path.suffix.lower() in UTF8_BY_STANDARD:
        return reader(path)
    return reader(path, encoding)


def _check_beginning(path: Path) -> None:
    try:
        if path.exists() and not path.is_file():
            raise unreadable(path, "is a folder or device", "give the file within it")
        with path.open("rb") as file:
            start = file.read(CHECKED)
    except FileNotFoundError:
        raise unreadable(path, "there is no such file", "correct data.datasets in params") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no possible name"
        raise unreadable(path, f"can't be opened ({reason})", "check its name and rights") from None
    if not start:
        raise unreadable(path, "is empty (0 bytes)", "transfer the file again")
    suffix = path.suffix.lower()
    for beginning, what, suffixes in BEGINNINGS:
        if start.startswith(beginning):
            if suffix not in suffixes:
                raise unreadable(path, f"is {what}, not {suffix}", "correct its suffix or export")
            return
    if suffix in NEEDS_BEGINNING:
        raise unreadable(
            path, f"does not begin as a {suffix} file does", "correct its suffix, or transfer again"
        )
