"""What can go wrong, in words a user can act on: *where: what is wrong; what to do.*

Each class has its own exit code, documented in the README. A `Finding` is one thing wrong with the
data; findings are collected, so that a run names all of them at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["error", "warning", "note"]


class CsrError(Exception):
    """Any failure csr explains itself; shown without a traceback."""

    exit_code = 1


class UsageError(CsrError):
    """A command was called with something that does not exist (a build, an analysis, a result)."""

    exit_code = 2


class ParamsError(CsrError):
    """The params file, or the decisions file beside it, does not hold what it must."""

    exit_code = 3


class DataError(CsrError):
    """The data can't be read, or break a rule their specification declares as an error."""

    exit_code = 4

    def __init__(self, message: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class AnalysisError(CsrError):
    """A chapter's notebook stopped."""

    exit_code = 5


class RenderError(CsrError):
    """The report could not be rendered from the results."""

    exit_code = 6


@dataclass(frozen=True)
class Finding:
    """One thing wrong with the data, and every row it is wrong in.

    `dataset` and `column` are the CDISC names in upper case (column "" where the whole dataset is
    meant); `check` is a stable, short name of the rule; `message` says what is wrong and what is
    allowed; `action` what to do. `rows` are 1-based row numbers of the source file and `keys` the
    natural keys of the same rows ("USUBJID=01-001, AESEQ=3"), in the same order; `values` the
    offending values as text. Keys and values never go to a log. `restricted`: it tells of what
    came after the cut-off, and is for the restricted account of the cut alone.
    """

    severity: Severity
    dataset: str
    column: str
    check: str
    message: str
    action: str = ""
    rows: tuple[int, ...] = ()
    keys: tuple[str, ...] = ()
    values: tuple[str, ...] = field(default=(), repr=False)
    restricted: bool = False

    @property
    def count(self) -> int:
        """How many rows it is wrong in; 0 where it is about the dataset or a column."""
        return len(self.rows)

    def where(self) -> str:
        """`ADAE.AESER`, or `ADAE` where no column is meant."""
        return f"{self.dataset}.{self.column}" if self.column else self.dataset


SEVERITY_ORDER = {"error": 0, "warning": 1, "note": 2}


def sort_findings(findings: list[Finding]) -> list[Finding]:
    """Errors first, then by dataset, column and check: the order never depends on the data."""
    return sorted(
        findings, key=lambda f: (SEVERITY_ORDER[f.severity], f.dataset, f.column, f.check)
    )
