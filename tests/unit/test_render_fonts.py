"""Which characters a report can print: the shipped coverage is that of the installed Typst.

After an update of the `typst` package this file, run as a program, writes the coverage anew.
"""

from __future__ import annotations

import io
import json
import struct
from importlib.metadata import version
from pathlib import Path

import matplotlib
import pytest
import typst
from fontTools.ttLib import TTFont

from csr.errors import RenderError
from csr.render.fonts import BUILT_IN, font_files, uncovered, write_fonts

# The families `typst.Fonts` reports, by the names inside the font files.
FAMILIES = {
    "Libertinus Serif": "Libertinus Serif",
    "New Computer Modern": "NewComputerModern10",
    "New Computer Modern Math": "NewComputerModernMath",
    "DejaVu Sans Mono": "DejaVu Sans Mono",
}


def fonts_in_binary() -> dict[str, set[int]]:
    """Characters of every font embedded in the typst wheel's binary, by the family's name."""
    (binary,) = [f for f in Path(typst.__file__).parent.iterdir() if f.suffix in (".so", ".pyd")]
    data = binary.read_bytes()
    covered: dict[str, set[int]] = {}
    for signature in (b"OTTO", b"\0\1\0\0"):
        start = data.find(signature)
        while start >= 0:
            font = _font_at(data, start)
            if font is not None:
                name = str(font["name"].getDebugName(1))
                covered.setdefault(name, set()).update(font.getBestCmap())
            start = data.find(signature, start + 1)
    return covered


def _font_at(data: bytes, start: int) -> TTFont | None:
    tables = struct.unpack(">H", data[start + 4 : start + 6])[0]
    entries = [data[start + 12 + 16 * k : start + 28 + 16 * k] for k in range(min(tables, 40))]
    if not {b"cmap", b"name", b"head"} <= {entry[:4] for entry in entries}:
        return None
    end = max(sum(struct.unpack(">II", entry[8:16])) for entry in entries)
    return TTFont(io.BytesIO(data[start : start + end]))


def as_ranges(codes: set[int]) -> str:
    spans: list[list[int]] = []
    for code in sorted(codes):
        if spans and code == spans[-1][1] + 1:
            spans[-1][1] = code
        else:
            spans.append([code, code])
    return " ".join(f"{a:x}" if a == b else f"{a:x}-{b:x}" for a, b in spans)


def shipped_form() -> dict[str, object]:
    covered = fonts_in_binary()
    return {
        "source": f"cmap tables of the fonts inside the typst {version('typst')} wheel "
        "(tests/unit/test_render_fonts.py)",
        "families": {family: as_ranges(covered[name]) for family, name in FAMILIES.items()},
    }


def test_shipped_coverage_is_that_of_the_installed_typst() -> None:
    shipped = json.loads(BUILT_IN.read_text(encoding="utf-8"))
    assert shipped["families"] == shipped_form()["families"]


def test_families_are_those_typst_embeds() -> None:
    assert set(typst.Fonts(include_system_fonts=False).families()) == set(FAMILIES)


def test_what_trials_print_is_covered_by_the_built_in_fonts_and_the_fallback(
    tmp_path: Path,
) -> None:
    write_fonts(tmp_path, [])
    said = "≥ ≤ µ × ⁹ ± – “” ’ § α β Δ Жизнь Łódź ⟨U+⟩ مرحبا شكرا"
    assert uncovered(said, font_files(tmp_path / "fonts")) == []


def test_the_fallback_font_adds_to_the_built_in_ones(tmp_path: Path) -> None:
    # Georgian Ⴀ (U+10A0) is in DejaVu Sans, not in the fonts Typst embeds.
    write_fonts(tmp_path, [])
    assert uncovered("Ⴀ", []) == ["Ⴀ"]
    assert uncovered("Ⴀ", font_files(tmp_path / "fonts")) == []


def test_uncovered_characters_come_once_in_order(tmp_path: Path) -> None:
    write_fonts(tmp_path, [])
    # No font of the report has Chinese; U+4E2D < U+6587.
    assert uncovered("a文中\n文\u200d", font_files(tmp_path / "fonts")) == ["中", "文"]


def test_a_folder_of_the_params_adds_its_fonts(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    folder.mkdir()
    own = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "STIXGeneral.ttf"
    (folder / "house.ttf").write_bytes(own.read_bytes())
    write_fonts(tmp_path, [folder])
    assert [f.name for f in font_files(tmp_path / "fonts")] == [
        "DejaVuSans-Bold.ttf",
        "DejaVuSans-BoldOblique.ttf",
        "DejaVuSans-Oblique.ttf",
        "DejaVuSans.ttf",
        "house.ttf",
    ]


def test_a_folder_without_fonts_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RenderError, match=r"report\.fonts: .* holds no font file"):
        write_fonts(tmp_path, [tmp_path / "nowhere"])


def test_a_broken_font_file_is_an_error(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ttf"
    broken.write_bytes(b"no font")
    with pytest.raises(RenderError, match=r"font 'broken\.ttf' can't be read"):
        uncovered("中", [broken])


if __name__ == "__main__":
    BUILT_IN.write_text(json.dumps(shipped_form(), indent=1) + "\n", encoding="utf-8")
