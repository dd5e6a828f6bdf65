"""What could not be made: an analysis or a display that raised, a chapter whose kernel died.

A failure tells the kind of the exception, where it was raised and what for, never its message: that
may hold a subject's value. The traceback goes to a file of the failed build, which its owner alone
can read.
"""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

import csr
from csr.displays.catalogue import Planned
from csr.displays.model import Column, Line, Placed, Table

FAILURES, TRACEBACK = "failures-{}.json", "traceback-{}.txt"
PACKAGE = Path(csr.__file__).resolve().parent
MOST_NAMED = 20


@dataclass(frozen=True)
class Failure:
    """One failure: `display` or `analysis` (or both) and the exception's kind, file and line."""

    error: str
    file: str = ""
    line: int = 0
    display: str = ""
    analysis: str = ""

    @property
    def where(self) -> str:
        """`KeyError in displays/efficacy/waterfall.py, line 33`."""
        return f"{self.error} in {self.file}, line {self.line}" if self.file else self.error


def failure_of(error: BaseException, display: str = "", analysis: str = "") -> Failure:
    """The failure an exception is: the innermost line of csr it came through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if Path(f.filename).resolve().is_relative_to(PACKAGE)]
    kind = type(error).__name__
    if not frames:
        return Failure(kind, display=display, analysis=analysis)
    innermost = (own or frames)[-1]
    place = Path(innermost.filename).resolve()
    file = place.relative_to(PACKAGE).as_posix() if own else place.name
    return Failure(kind, file, innermost.lineno or 0, display, analysis)


def note_failure(
    build: Path, chapter: str, failure: Failure, error: BaseException | None = None
) -> None:
    """Adds a failure to those of its chapter, and its traceback to the chapter's file of them."""
    known = [*read_failures(build, chapter), failure]
    text = json.dumps([asdict(f) for f in known], indent=1)
    (build / "meta" / FAILURES.format(chapter)).write_text(text + "\n", encoding="utf-8")
    if error is None:
        return
    with (build / "meta" / TRACEBACK.format(chapter)).open("a", encoding="utf-8") as sheet:
        sheet.write(f"{failure.display or failure.analysis}\n")
        sheet.write("".join(traceback.format_exception(error)) + "\n")


def read_failures(build: Path, chapter: str = "*") -> list[Failure]:
    """The failures of a chapter, or of all chapters in the order of their names."""
    files = sorted((build / "meta").glob(FAILURES.format(chapter)))
    return [Failure(**f) for file in files for f in json.loads(file.read_text(encoding="utf-8"))]


def box_of(planned: Planned, failures: Iterable[Failure]) -> Placed:
    """What stands in the place of a display that could not be made."""
    told = [f"{_of_what(f)}: {f.where}." for f in failures]
    lines = tuple(Line((text,)) for text in ("This display could not be made.", *told))
    drawing = Table((Column("Not available", align="left"),), lines)
    display = planned.display
    return Placed(display, planned.number, display.title, "", (), display.name, drawing)


def _of_what(failure: Failure) -> str:
    if failure.analysis:
        return f"Analysis {failure.analysis}"
    return f"Display {failure.display}" if failure.display else "Chapter"


def told_missing(missing: dict[str, str]) -> str:
    """The displays that could not be made as the first page has them."""
    named = [f"{name} ({why})" for name, why in list(missing.items())[:MOST_NAMED]]
    more = len(missing) - len(named)
    return ", ".join(named) + (f", and {more} more" if more > 0 else "")


def missing_displays(failures: Iterable[Failure], planned: Iterable[Planned]) -> dict[str, str]:
    """Each display that could not be made, in the order of the report, and why."""
    found: dict[str, list[Failure]] = {}
    known = list(failures)
    for p in planned:
        analyses = {a.name for a in p.display.analyses}
        own = [f for f in known if f.display == p.display.name or f.analysis in analyses]
        if own:
            found[p.display.name] = own
    return {name: "; ".join(dict.fromkeys(f.where for f in own)) for name, own in found.items()}
