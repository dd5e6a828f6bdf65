"""The fonts of a report, and which characters of a text none of them has."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import matplotlib
from fontTools.ttLib import TTCollection, TTFont, TTLibError

from csr.errors import RenderError

# Coverage of the fonts the Typst compiler carries in its own binary; says its source.
BUILT_IN = Path(__file__).with_name("typst_fonts.json")
FALLBACK = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique")
SUFFIXES = (".ttf", ".otf", ".ttc", ".otc")
FONTS = "fonts"


def write_fonts(build: Path, folders: Iterable[Path]) -> None:
    """Copies into the build folder's `fonts/` DejaVu Sans (from matplotlib), the fallback of every
    report, and the font files of the given folders.

    Raises RenderError where a folder holds no font file.
    """
    target = build / FONTS
    target.mkdir(parents=True, exist_ok=True)
    own = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    found = [own / f"{name}.ttf" for name in FALLBACK]
    for folder in folders:
        files = font_files(folder)
        if not files:
            raise RenderError(
                f"report.fonts: '{folder}' holds no font file; allowed are {', '.join(SUFFIXES)}; "
                "name a folder that does"
            )
        found += files
    for file in found:
        shutil.copyfile(file, target / file.name)


def font_files(folder: Path) -> list[Path]:
    """The font files of a folder, by name; none where there is no such folder."""
    if not folder.is_dir():
        return []
    return sorted(f for f in folder.iterdir() if f.suffix.lower() in SUFFIXES)


def uncovered(text: str, fonts: Iterable[Path]) -> list[str]:
    """The characters of a text that would print as nothing: those no font of the report has.

    `fonts` are the font files beside the ones built into Typst (Libertinus Serif, New Computer
    Modern, DejaVu Sans Mono). Characters come once each, in the order of their numbers; spaces,
    controls and joiners, which need no glyph, never do. Raises RenderError on a broken font file.
    """
    wanted = {ord(c) for c in set(text) if not _needs_no_glyph(c)}
    wanted -= _built_in()
    for font in fonts:
        if not wanted:
            break
        wanted -= _covered_by(font)
    return [chr(code) for code in sorted(wanted)]


def _needs_no_glyph(character: str) -> bool:
    return character.isspace() or not character.isprintable()


@cache
def _built_in() -> frozenset[int]:
    families = json.loads(BUILT_IN.read_text(encoding="utf-8"))["families"]
    ranges = (span.split("-") for spans in families.values() for span in spans.split())
    return frozenset(
        code
        for first, *last in ranges
        for code in range(int(first, 16), int((last or [first])[0], 16) + 1)
    )


@cache
def _covered_by(font: Path) -> frozenset[int]:
    try:
        content = io.BytesIO(font.read_bytes())
        if font.suffix.lower() in (".ttc", ".otc"):
            return frozenset().union(*(_characters(f) for f in TTCollection(content).fonts))
        return _characters(TTFont(content, lazy=True))
    except (OSError, TTLibError) as error:
        raise RenderError(f"font '{font.name}' can't be read: {error}; remove it") from None


def _characters(font: TTFont) -> frozenset[int]:
    return frozenset(font.getBestCmap() or ())
