"""The Quarto renderer: `quarto render` in the build folder, which is a Quarto project."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
from pathlib import Path

from csr.errors import RenderError
from csr.render.fonts import FONTS
from csr.render.metadata import read_metadata

OUTPUT_DIR = "rendered"
_VERSION = re.compile(r"\d+(?:\.\d+)+")


def quarto_path() -> str | None:
    """Where Quarto is, if it is on PATH."""
    return shutil.which("quarto")


def quarto_version(program: str) -> str:
    """`quarto 1.11.5`, from what `quarto --version` prints. Raises RenderError where it fails."""
    said = _run([program, "--version"], Path.cwd(), dict(os.environ))
    found = _VERSION.search(said)
    if not found:
        raise RenderError(f"quarto --version: gave no version but '{said.strip()}'; reinstall it")
    return f"quarto {found[0]}"


def render_quarto(build: Path, report: str, html: Path, pdf: Path) -> str:
    """Writes a report's HTML and PDF with Quarto; returns what rendered it.

    Quarto writes to `rendered/reports/`, keeping the folders of the sources; the files are moved to
    `html` and `pdf`. Raises RenderError with what Quarto said.
    """
    program = quarto_path()
    if program is None:
        raise RenderError(
            "renderer quarto: there is no `quarto` on PATH; install it, or choose the embedded one"
        )
    environment = dict(os.environ) | quarto_environment(build)
    for written, target in (("html", html), ("typst", pdf)):
        _run([program, "render", f"reports/{report}.qmd", "--to", written], build, environment)
        made = build / OUTPUT_DIR / "reports" / f"{report}{target.suffix}"
        if not made.is_file():
            raise RenderError(f"quarto render: wrote no {made.name}; see what it printed")
        made.replace(target)
    return quarto_version(program)


def quarto_environment(build: Path) -> dict[str, str]:
    """What Quarto's Typst reads from the environment: the report date, and the report's fonts only.

    Documented options of the Typst compiler: SOURCE_DATE_EPOCH (the PDF's date), TYPST_FONT_PATHS,
    TYPST_IGNORE_SYSTEM_FONTS.
    """
    day = dt.date.fromisoformat(read_metadata(build)["csr"]["report-date"])
    midnight = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    return {
        "SOURCE_DATE_EPOCH": str(int(midnight.timestamp())),
        "TYPST_FONT_PATHS": str((build / FONTS).resolve()),
        "TYPST_IGNORE_SYSTEM_FONTS": "true",
    }


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise RenderError(f"quarto {' '.join(command[1:])}: {said}")
    return done.stdout.decode(errors="replace")
