"""A report from a build folder, by whichever renderer is asked for (DESIGN seam 6)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from csr.errors import RenderError
from csr.render.embedded import embedded_version, render_embedded
from csr.render.fonts import FONTS, font_files, uncovered
from csr.render.metadata import METADATA, write_uncovered
from csr.render.quarto import OUTPUT_DIR, quarto_path, quarto_version, render_quarto
from csr.render.source import expand

Renderer = Literal["quarto", "embedded"]


@dataclass(frozen=True)
class Rendered:
    """The files of a report, what made them, and the characters its fonts do not have."""

    html: Path
    pdf: Path
    renderer: Renderer
    version: str
    uncovered: tuple[str, ...]


def choose_renderer(asked: str) -> Renderer:
    """The renderer for what was asked: for "auto", Quarto where it is on PATH.

    Raises RenderError for any other word, and for "quarto" where there is none.
    """
    there = quarto_path() is not None
    if asked == "embedded" or (asked == "auto" and not there):
        return "embedded"
    if asked not in ("auto", "quarto"):
        raise RenderError(f"renderer '{asked}': allowed are auto, quarto and embedded")
    if not there:
        raise RenderError(
            "renderer quarto: there is no `quarto` on PATH; install it, or choose the embedded one"
        )
    return "quarto"


def renderer_version(renderer: Renderer) -> str:
    """The programs the chosen renderer runs, with their versions."""
    program = quarto_path()
    if renderer == "quarto" and program is not None:
        return quarto_version(program)
    return embedded_version()


def render(build: Path, report: str, renderer: Renderer) -> Rendered:
    """Renders `reports/REPORT.qmd` to `rendered/REPORT.html` and `rendered/REPORT.pdf`.

    The source is checked first, whoever renders: an include, a `var` or a `meta` that can't be
    resolved raises RenderError, naming file and line. Characters no font of the report has are
    shown in the PDF by their number, ⟨U+4E2D⟩, and named in the answer for a finding.
    """
    source = expand(build, report)
    said = source + (build / METADATA).read_text(encoding="utf-8")
    missing = uncovered(said, font_files(build / FONTS))
    write_uncovered(build, missing)
    folder = build / OUTPUT_DIR
    folder.mkdir(parents=True, exist_ok=True)
    html, pdf = folder / f"{report}.html", folder / f"{report}.pdf"
    if renderer == "quarto":
        made_by = render_quarto(build, report, html, pdf)
    else:
        made_by = render_embedded(build, source, html, pdf)
    return Rendered(html, pdf, renderer, made_by, tuple(missing))
