"""Where a report comes from: the frames about the build, the versions, the manifest."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

import pandas as pd

from csr import __version__
from csr.cut import NOT_PRINTED
from csr.errors import Finding
from csr.params import Params, params_hash
from csr.pipeline.workspace import MANIFEST, RESTRICTED
from csr.read.source import SourceFile
from csr.render.escape import escape_csv

PROGRAMS = (
    "numpy",
    "pandas",
    "scipy",
    "lifelines",
    "matplotlib",
    "seaborn",
    "great-tables",
    "papermill",
    "pyarrow",
    "pyreadstat",
    "pydantic",
)


def versions_frame(renderer: str, renderer_version: str) -> pd.DataFrame:
    """Every program whose version can change a byte of the report."""
    lines = [("csr", __version__), ("Python", platform.python_version())]
    lines += [(name, metadata.version(name)) for name in PROGRAMS]
    lines.append((f"renderer: {renderer}", renderer_version))
    return pd.DataFrame(lines, columns=["program", "version"])


def sources_frame(files: Iterable[SourceFile], counts: pd.DataFrame | None = None) -> pd.DataFrame:
    """One line per source file.

    `counts` are the printed counts of the cut: where those before it are not printed, neither is
    the number of records of the file, from which they would follow.
    """
    untold: set[str] = set()
    if counts is not None:
        untold = set(counts.loc[counts["rows_before"] == NOT_PRINTED, "domain"])
    lines = [
        (
            f.dataset.upper(),
            f.file,
            NOT_PRINTED if f.dataset.upper() in untold else str(f.rows),
            str(f.columns),
            f.sha256,
        )
        for f in files
    ]
    return pd.DataFrame(lines, columns=["dataset", "file", "rows", "columns", "sha256"])


def findings_frame(findings: Iterable[Finding]) -> pd.DataFrame:
    """One line per finding, without any subject's key or value: this one is printed."""
    lines = [
        (f.severity, f.where(), f.check, f"{f.message} {f.action}".strip(), str(f.count or ""))
        for f in findings
    ]
    return pd.DataFrame(lines, columns=["severity", "where", "check", "what", "rows"])


def finding_rows(findings: Iterable[Finding]) -> pd.DataFrame:
    """One line per row of a finding, with its key and value: for the people who correct data."""
    lines = []
    for f in findings:
        keys = f.keys or ("",) * len(f.rows)
        values = f.values or ("",) * len(f.rows)
        for row, key, value in zip(f.rows, keys, values, strict=False):
            lines.append((f.severity, f.dataset, f.column, f.check, str(row), key, value))
    names = ["severity", "dataset", "column", "check", "row", "key", "value"]
    return pd.DataFrame(lines, columns=names)


def write_restricted(
    build: Path,
    account: Mapping[str, pd.DataFrame],
    findings: Iterable[Finding],
    files: Iterable[SourceFile],
) -> None:
    """Writes `restricted/`, readable by its owner only: what the cut did in full, with the findings
    that name a death after the cut-off. Nothing else of a build is made from it, the manifest does
    not name it, and it goes into no package. Not written where the data came as ADaM."""
    if not account:
        return
    folder = build / RESTRICTED
    folder.mkdir(mode=0o700, exist_ok=True)
    frames = {
        **account,
        "findings": finding_rows(findings),
        "sources": sources_frame(files),
    }
    for name, frame in frames.items():
        path = folder / f"{name}.csv"
        path.touch(mode=0o600)
        escape_csv(frame).to_csv(path, index=False)


def write_manifest(build: Path, params: Params, renderer: str) -> None:
    """Writes manifest.json: what went in, what came out, each with its sha256.

    The restricted folder is not in it: a digest of a short table can be guessed.
    """
    every = (p for p in build.rglob("*") if p.is_file() and p.name != MANIFEST)
    files = sorted(p for p in every if p.relative_to(build).parts[0] != RESTRICTED)
    sources = pd.read_parquet(build / "meta" / "sources.parquet")
    content = {
        "study": params.study.id,
        "cut": params.cut.id,
        "cutoff": params.cut.cutoff.isoformat(),
        "transfer": params.cut.transfer.isoformat(),
        "report_date": params.cut.report_date.isoformat(),
        "params_sha256": params_hash(params),
        "renderer": renderer,
        "sources": sources.to_dict("records"),
        "files": {str(p.relative_to(build).as_posix()): sha256_of(p) for p in files},
    }
    text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
    (build / MANIFEST).write_text(text, encoding="utf-8")


def sha256_of(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as sheet:
        while chunk := sheet.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()
