"""Characters of the data that no font of the report has: a finding, not a box."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from csr.errors import Finding
from csr.render.escape import show_hidden
from csr.render.fonts import font_files, uncovered
from csr.results import Adam

MOST_SHOWN = 12


def find_missing_glyphs(adam: Adam, fonts: Path) -> list[Finding]:
    """One warning per column of ADaM that holds characters the report's fonts do not have.

    `fonts` is the build's folder of font files. The PDF shows such a character by its number.
    """
    files = font_files(fonts)
    findings: list[Finding] = []
    for name, frame in sorted(adam.items()):
        for column in frame.select_dtypes(object):
            missing = uncovered(_characters(frame[column]), files)
            if missing:
                findings.append(_finding(name.upper(), str(column), missing))
    return findings


def _characters(values: pd.Series) -> str:
    """Every character of the column, once."""
    found: set[str] = set()
    for value in values.unique():
        if isinstance(value, str) and not value.isascii():
            found.update(value)
    return "".join(sorted(found))


def _finding(dataset: str, column: str, missing: list[str]) -> Finding:
    shown = " ".join(f"U+{ord(c):04X}" for c in missing[:MOST_SHOWN])
    more = " …" if len(missing) > MOST_SHOWN else ""
    return Finding(
        severity="warning",
        dataset=dataset,
        column=column,
        check="font",
        message=show_hidden(
            f"{len(missing)} character(s) that no font of the report has ({shown}{more}); "
            "the PDF shows their numbers"
        ),
        action="Add a folder with a font that has them to report.fonts in params.",
    )
