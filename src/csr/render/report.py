"""A report from a build folder, by whichever renderer is asked for (DESIGN seam 6)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from csr.errors import RenderError
from csr.render.embedded import embedded_version, render_embedded
from csr.render.fonts import FONTS, font_files, uncovered
from csr.render.metadata import METADATA, write_uncovered
from csr.render.quarto import (
    OUTPUT_DIR,
    is_too_old,
    quarto_path,
    quarto_programs,
    quarto_version,
    render_quarto,
    too_old,
    write_project,
)
from csr.render.source import expand

Renderer = Literal["quarto", "embedded"]


@dataclass(frozen=True)
class Rendered:
    """The files of a report, what made them, the characters its fonts do not have, and what the
    renderer warned of."""

    html: Path
    pdf: Path
    renderer: Renderer
    version: str
    uncovered: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settled:
    """The renderer of a build, the programs it runs with their versions, and what to say of the
    choice ("" for nothing)."""

    renderer: Renderer
    version: str
    notice: str = ""


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


def settle_renderer(asked: str) -> Settled:
    """The renderer for what was asked, known to be new enough, before anything is computed.

    For "auto" a Quarto that is too old is passed over with a notice; for "quarto" it raises
    RenderError, as `choose_renderer` does.
    """
    renderer, program = choose_renderer(asked), quarto_path()
    if renderer == "embedded" or program is None:
        return Settled("embedded", embedded_version())
    version = quarto_version(program)
    if not is_too_old(version):
        return Settled(renderer, quarto_programs(program))
    if asked == "quarto":
        raise RenderError(too_old(version))
    return Settled("embedded", embedded_version(), f"{too_old(version)}; taking the embedded one")


def render(build: Path, report: str, renderer: Renderer) -> Rendered:
    """Renders `reports/REPORT.qmd` to `rendered/REPORT.html` and `rendered/REPORT.pdf`.

    The source is checked first, whoever renders: an include, a `var` or a `meta` that can't be
    resolved raises RenderError, naming file and line. `reports/REPORT.qmd` is then the whole text,
    without shortcodes, and the folder a Quarto project of that one file. Characters no font of
    the report has are shown in the PDF by their number, ⟨U+4E2D⟩, and named in the answer.
    """
    source = expand(build, report)
    write_project(build, report, source)
    said = source + (build / METADATA).read_text(encoding="utf-8")
    missing = uncovered(said, font_files(build / FONTS))
    write_uncovered(build, missing)
    folder = build / OUTPUT_DIR
    folder.mkdir(parents=True, exist_ok=True)
    html, pdf = folder / f"{report}.html", folder / f"{report}.pdf"
    warnings: tuple[str, ...] = ()
    if renderer == "quarto":
        made_by, warnings = render_quarto(build, report, html, pdf)
    else:
        made_by = render_embedded(build, source, html, pdf)
    return Rendered(html, pdf, renderer, made_by, tuple(missing), warnings)
