"""The embedded renderer: Pandoc for HTML and for Typst source, Typst for the PDF.

Both run on the expanded source (`source.py`), Pandoc in its sandbox: it reads the files named on
its command line and no others, and nothing at all from a network.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

import pypandoc
import typst

from csr.errors import RenderError
from csr.render.fonts import FONTS
from csr.render.metadata import METADATA, read_metadata

_IMAGE = re.compile(r'(<img src=")([^":]+)(")')
_MEDIA = {".svg": "image/svg+xml", ".png": "image/png"}


def render_embedded(build: Path, source: str, html: Path, pdf: Path) -> str:
    """Writes a report's HTML and PDF from its expanded source; returns what rendered it.

    The HTML holds everything it needs; the PDF meets PDF/UA-1 and PDF/A-2a. The same build gives
    the same bytes: the PDF is dated with the report date. Raises RenderError with what Pandoc or
    Typst said.
    """
    page = _pandoc(build, source, ["--to=html5", "--template=reports/csr.html", "--section-divs"])
    html.write_text(_embed_images(build, page), encoding="utf-8", newline="\n")
    markup = _pandoc(build, source, ["--to=typst", "--template=reports/embedded.typst"])
    pdf.write_bytes(_compile(build, markup))
    return embedded_version()


def embedded_version() -> str:
    """`pandoc 3.9, typst 0.15.2`."""
    return f"pandoc {pypandoc.get_pandoc_version()}, typst {version('typst')}"


def _pandoc(build: Path, source: str, options: list[str]) -> str:
    # Template partials are looked for beside the template, and the template in the build folder.
    command = [
        pypandoc.get_pandoc_path(),
        "--from=markdown",
        "--sandbox",
        "--standalone",
        "--wrap=none",
        "--toc",
        "--toc-depth=3",
        f"--metadata-file={METADATA}",
        *options,
    ]
    done = subprocess.run(command, input=source.encode(), cwd=build, capture_output=True)
    if done.returncode:
        raise RenderError(f"pandoc: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout.decode()


def _embed_images(build: Path, page: str) -> str:
    """Each image of the build folder as a data URI, in the page itself."""
    return _IMAGE.sub(lambda m: f"{m[1]}{_data_uri(build, m[2])}{m[3]}", page)


def _data_uri(build: Path, source: str) -> str:
    path = (build / "reports" / source).resolve()
    media = _MEDIA.get(path.suffix)
    if media is None or not path.is_relative_to(build.resolve()) or not path.is_file():
        raise RenderError(
            f"image '{source}': must be an .svg or .png file of the build folder; draw it first"
        )
    return f"data:{media};base64,{base64.b64encode(path.read_bytes()).decode()}"


def _compile(build: Path, markup: str) -> bytes:
    day = dt.date.fromisoformat(read_metadata(build)["csr"]["report-date"])
    midnight = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
    fonts = typst.Fonts(include_system_fonts=False, font_paths=[str(build / FONTS)])
    try:
        compiler = typst.Compiler(markup.encode(), root=str(build), font_paths=fonts)
        pdf = compiler.compile(
            format="pdf",
            pdf_standards=["ua-1", "a-2a"],
            timestamp=int(midnight.timestamp()),
        )
    except RuntimeError as error:
        raise RenderError(f"typst: {error}") from None
    except BaseException as error:  # a panic of the Rust library is no Exception
        if type(error).__name__ != "PanicException":
            raise
        raise RenderError(f"typst stopped ({error}); please report the display") from None
    if not isinstance(pdf, bytes):
        raise RenderError("typst: gave no PDF")
    return pdf
