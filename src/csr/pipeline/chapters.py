"""What a chapter's notebook does: load ADaM, run the chapter's analyses, draw its displays."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import pandas as pd

from csr.displays.catalogue import CHAPTERS, Planned, place
from csr.displays.model import Display, Figure, Listing, Pages, Placed
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.failures import Failure, box_of, failure_of, note_failure, read_failures
from csr.pipeline.plan import read_plan
from csr.render.fragment import write_fragment
from csr.render.html import write_html
from csr.results import RESULT_COLUMNS, Adam

# Which sections of the report each notebook makes.
NOTEBOOKS = {
    "disposition": ("14.1",),
    "efficacy": ("14.2",),
    "dose_escalation": ("14.3.0",),
    "adverse_events": ("14.3.1", "14.3.2"),
    "laboratory": ("14.3.4", "14.3.5"),
    "narratives": ("14.3.3",),
    "kinetics": ("14.4",),
    "long_term": ("14.5",),
    "appendix": tuple(section for section in CHAPTERS if section.startswith("16.")),
}
SHOWN_ROWS, SHOWN_PAGES = 20, 3


@dataclass(frozen=True)
class Chapter:
    """One chapter of a build: its params, its data, its displays.

    An analysis or display that raises does not stop the others: a box stands in its place, and
    what failed is noted in `meta/`.
    """

    build: Path
    name: str

    @property
    def sections(self) -> tuple[str, ...]:
        """The sections of the report it makes."""
        return NOTEBOOKS[self.name]

    @cached_property
    def params(self) -> Params:
        """The params the build was started with."""
        return read_params(self.build / "params.yaml")

    @cached_property
    def adam(self) -> Adam:
        """ADaM as analysed, and the frames about the build itself (findings, decisions, …)."""
        return read_frames(self.build)

    @cached_property
    def displays(self) -> tuple[Planned, ...]:
        """The displays of the chapter, each with its number, as the build's plan has them."""
        return read_plan(self.build, self.params).within(self.sections)

    def analyse(self) -> pd.DataFrame:
        """Runs each analysis once, saves rows and results; returns how many there are of each.

        One that raised is noted and has no results; its line says what it raised.
        """
        analyses = {a.name: a for planned in self.displays for a in planned.display.analyses}
        lines = []
        for name, analysis in analyses.items():
            try:
                output = analysis.run(self.adam, self.params)
            except Exception as error:
                failure = failure_of(error, analysis=name)
                note_failure(self.build, self.name, failure, error)
                lines.append((name, analysis.source, 0, 0, failure.where))
                continue
            write_parquet(output.rows, self.build / "results" / f"{name}.rows.parquet")
            write_parquet(output.results, self.build / "results" / f"{name}.results.parquet")
            lines.append((name, analysis.source, len(output.rows), len(output.results), ""))
        columns = ["analysis", "source", "rows", "results", "failed"]
        frame = pd.DataFrame(lines, columns=columns)
        return frame if frame["failed"].any() else frame.drop(columns="failed")

    def draw(self) -> Gallery:
        """Draws each display and writes its fragment (and SVG) to the build folder."""
        return Gallery(tuple(self._draw_or_box(planned) for planned in self.displays))

    def _draw_or_box(self, planned: Planned) -> Placed:
        analyses = {a.name for a in planned.display.analyses}
        failed = [f for f in read_failures(self.build, self.name) if f.analysis in analyses]
        if not failed:
            try:
                return self._draw_one(planned.display, planned.number)
            except Exception as error:
                failed = [failure_of(error, display=planned.display.name)]
                note_failure(self.build, self.name, failed[0], error)
        return write_box(self.build, planned, failed)

    def _draw_one(self, display: Display, number: str) -> Placed:
        results = read_results(self.build, tuple(a.name for a in display.analyses))
        drawn = place(display, number, results, self.adam, self.params)
        target = self.build / "displays" / display.name
        if isinstance(drawn.drawing, Figure):
            target.with_suffix(".svg").write_text(drawn.drawing.svg, encoding="utf-8")
        if isinstance(drawn.drawing, Pages):
            for file, figure in drawn.drawing.figures(display.name).items():
                target.with_name(file).write_text(figure.svg, encoding="utf-8")
        target.with_suffix(".md").write_text(write_fragment(drawn), encoding="utf-8")
        return drawn


def write_box(build: Path, planned: Planned, failures: list[Failure]) -> Placed:
    """Writes the fragment of a display that could not be made."""
    boxed = box_of(planned, failures)
    target = build / "displays" / f"{planned.display.name}.md"
    target.write_text(write_fragment(boxed), encoding="utf-8")
    return boxed


@dataclass(frozen=True, repr=False)
class Gallery:
    """The drawn displays of a chapter; a notebook shows them as HTML."""

    placed: tuple[Placed, ...]

    def __repr__(self) -> str:
        return ", ".join(p.display.name for p in self.placed)

    def _repr_html_(self) -> str:
        return "\n".join(_shown(p) for p in self.placed) or "<p>No display in this chapter.</p>"


def _shown(placed: Placed) -> str:
    title = html.escape(f"{placed.heading} {placed.title}")
    drawing, note = placed.drawing, ""
    if isinstance(drawing, Listing):
        note = f"<p>{len(drawing.lines)} lines; the first {SHOWN_ROWS} are shown here.</p>"
        drawing = replace(drawing, lines=drawing.lines[:SHOWN_ROWS])
    if isinstance(drawing, Pages):
        note = f"<p>{len(drawing.pages)} subjects; the first {SHOWN_PAGES} are shown here.</p>"
        drawing = Pages(drawing.pages[:SHOWN_PAGES])
    return f"<h3>{title}</h3>{note}{write_html(replace(placed, drawing=drawing))}"


def open_chapter(build: str, name: str) -> Chapter:
    """The chapter a notebook is for; `build` is the build folder.

    Raises KeyError for a chapter that is not in NOTEBOOKS.
    """
    if name not in NOTEBOOKS:
        raise KeyError(name)
    return Chapter(Path(build), name)


def read_frames(build: Path) -> Adam:
    """All frames of a build: `adam/` and `meta/`, by file name."""
    files = sorted((build / "adam").glob("*.parquet")) + sorted((build / "meta").glob("*.parquet"))
    return {f.stem: pd.read_parquet(f) for f in files}


def read_results(build: Path, analyses: tuple[str, ...]) -> pd.DataFrame:
    """The results of the named analyses, in their order."""
    parts = [pd.read_parquet(build / "results" / f"{a}.results.parquet") for a in analyses]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=RESULT_COLUMNS)


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Writes a frame whole or not at all."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    frame.to_parquet(partial, index=False)
    os.replace(partial, path)
