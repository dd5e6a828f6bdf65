"""The Quarto renderer: `quarto render` in the build folder, which is a Quarto project.

Quarto gets one file, the report with every shortcode already expanded (`source.expand`), and the
metadata, in which none is whole: what it expanded itself would come from values of the data.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from csr.errors import RenderError
from csr.render.fonts import FONTS
from csr.render.metadata import read_metadata

OUTPUT_DIR = "rendered"
# The first with Typst 0.14 (table headers with levels) and `pdf-standard`.
LEAST = (1, 9)
PROJECT, ALL_REPORTS = "_quarto.yml", "reports/*.qmd"
SHOWN_LINES = 10
# What Quarto, Pandoc, Typst and a validator may need of the environment; nothing else reaches them.
PASSED = frozenset(
    [
        "APPDATA",
        "COMSPEC",
        "DYLD_LIBRARY_PATH",
        "HOME",
        "JAVA_HOME",
        "LANG",
        "LANGUAGE",
        "LD_LIBRARY_PATH",
        "LOCALAPPDATA",
        "PATH",
        "PATHEXT",
        "PROGRAMDATA",
        "PROGRAMFILES",
        "SYSTEMDRIVE",
        "SYSTEMROOT",
        "TEMP",
        "TMP",
        "TMPDIR",
        "TZ",
        "USERPROFILE",
        "WINDIR",
    ]
)
PASSED_BEGINNINGS = ("LC_", "XDG_", "QUARTO_", "DENO_")
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_ERROR = re.compile(r"\s*error\b", re.IGNORECASE)
_WARNING = re.compile(r"\s*(?:\[warning\]|warn(?:ing)?\b)[\s:]*", re.IGNORECASE)
_NOT_CONFORMING = re.compile(r"validation failed|not compliant", re.IGNORECASE)


def quarto_path() -> str | None:
    """Where Quarto is, if it is on PATH."""
    return shutil.which("quarto")


def quarto_version(program: str) -> str:
    """`quarto 1.11.5`, from what `quarto --version` prints. Raises RenderError where it fails."""
    said = _run([program, "--version"], Path.cwd(), _own_environment()).printed
    found = _VERSION.search(said)
    if not found:
        raise RenderError(f"quarto --version: gave no version but '{said.strip()}'; reinstall it")
    return f"quarto {found[0]}"


def quarto_programs(program: str) -> str:
    """`quarto 1.11.5, pandoc 3.8.3, typst 0.14.2`: Quarto with what it runs, where it says so."""
    found = [quarto_version(program)]
    for name, arguments in (("pandoc", ("pandoc", "-v")), ("typst", ("typst", "--version"))):
        try:
            said = _run([program, *arguments], Path.cwd(), _own_environment()).printed
        except RenderError:
            continue
        if version := _VERSION.search(said):
            found.append(f"{name} {version[0]}")
    return ", ".join(found)


def is_too_old(version: str) -> bool:
    """Whether a version as `quarto_version` gives it is older than csr needs."""
    numbers = version.removeprefix("quarto ").split(".")
    return tuple(int(number) for number in numbers[: len(LEAST)]) < LEAST


def too_old(version: str) -> str:
    """What to tell of a Quarto that is too old."""
    least = ".".join(map(str, LEAST))
    return (
        f"{version}: csr needs {least} or newer (Typst 0.14, for PDF/UA); update it, or choose "
        "--renderer embedded"
    )


def write_project(build: Path, report: str, source: str) -> None:
    """Makes the build folder a Quarto project of one file, `reports/REPORT.qmd`: the whole text."""
    (build / "reports" / f"{report}.qmd").write_text(source, encoding="utf-8", newline="\n")
    project = build / PROJECT
    if project.is_file():
        text = project.read_text(encoding="utf-8")
        one = text.replace(ALL_REPORTS, f"reports/{report}.qmd")
        project.write_text(one, encoding="utf-8", newline="\n")


def render_quarto(build: Path, report: str, html: Path, pdf: Path) -> tuple[str, tuple[str, ...]]:
    """Writes a report's HTML and PDF with Quarto; returns what rendered it and what it warned of.

    Quarto writes to `rendered/reports/`, keeping the folders of the sources; the files are moved to
    `html` and `pdf`, and its scratch folders go. Raises RenderError with what Quarto said, also
    where a validator on PATH says that the PDF does not conform.
    """
    program = quarto_path()
    if program is None:
        raise RenderError(
            "renderer quarto: there is no `quarto` on PATH; install it, or choose the embedded one"
        )
    version = quarto_version(program)
    if is_too_old(version):
        raise RenderError(too_old(version))
    environment = _own_environment() | quarto_environment(build)
    warnings: list[str] = []
    try:
        for written, target in (("html", html), ("typst", pdf)):
            command = [program, "render", f"reports/{report}.qmd", "--to", written]
            warnings += _run(command, build, environment).warnings
            made = build / OUTPUT_DIR / "reports" / f"{report}{target.suffix}"
            if not made.is_file():
                raise RenderError(f"quarto render: wrote no {made.name}; see what it printed")
            made.replace(target)
    finally:
        for scratch in (build / ".quarto", build / OUTPUT_DIR / "reports"):
            shutil.rmtree(scratch, ignore_errors=True)
    if failed := [line for line in warnings if _NOT_CONFORMING.search(line)]:
        raise RenderError(f"quarto render: {'; '.join(failed)}")
    return quarto_programs(program), tuple(dict.fromkeys(warnings))


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


def _own_environment() -> dict[str, str]:
    """The variables Quarto needs to run; none of the others could be printed by any text."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in PASSED or name.upper().startswith(PASSED_BEGINNINGS)
    }


@dataclass(frozen=True)
class _Said:
    printed: str
    warnings: list[str]


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> _Said:
    """Runs a program without colours. Raises RenderError with the first lines of its error."""
    plain = environment | {"NO_COLOR": "1"}
    done = subprocess.run(command, cwd=folder, env=plain, capture_output=True)
    told = _COLOURS.sub("", done.stderr.decode(errors="replace")).strip().splitlines()
    if done.returncode:
        raise RenderError(f"quarto {' '.join(command[1:])}: {_cause(told)}")
    warnings = [_WARNING.sub("", line, count=1).strip() for line in told if _WARNING.match(line)]
    return _Said(done.stdout.decode(errors="replace"), warnings)


def _cause(told: list[str]) -> str:
    """From the first line that says "error" on; Quarto prints the whole metadata before it."""
    first = next((i for i, line in enumerate(told) if _ERROR.match(line)), None)
    shown = told[-SHOWN_LINES:] if first is None else told[first : first + SHOWN_LINES]
    return "\n".join(shown)
