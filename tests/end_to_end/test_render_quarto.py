"""Quarto: what csr asks of it (with a stand-in program), and the real one where it is installed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pypdf
import pytest
from test_render_report import HOSTILE, Reader, make_build, squeezed

from csr.errors import RenderError
from csr.render.escape import show_hidden
from csr.render.quarto import quarto_version
from csr.render.report import render

# Writes the file Quarto would, and what it was asked with.
STAND_IN = f"""#!{sys.executable}
import json, os, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("1.11.5"); sys.exit()
here = pathlib.Path.cwd()
if (here / "fails").exists():
    print("ERROR: it can't", file=sys.stderr); sys.exit(1)
stem = pathlib.Path(sys.argv[2]).stem
ending = {{"html": "html", "typst": "pdf"}}[sys.argv[4]]
made = here / "rendered" / "reports" / f"{{stem}}.{{ending}}"
made.parent.mkdir(parents=True, exist_ok=True)
keys = ("SOURCE_DATE_EPOCH", "TYPST_FONT_PATHS", "TYPST_IGNORE_SYSTEM_FONTS")
made.write_text(json.dumps({{"arguments": sys.argv[1:], **{{k: os.environ[k] for k in keys}}}}))
"""


@pytest.fixture
def build(tmp_path: Path, root: Path) -> Path:
    """A build folder ready to render."""
    return make_build(tmp_path / "build", root)


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that answers like Quarto."""
    program = tmp_path / "quarto"
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setattr("csr.render.quarto.quarto_path", lambda: str(program))
    return program


def test_quarto_is_asked_for_html_and_typst_in_the_build_folder(
    build: Path, stand_in: Path
) -> None:
    made = render(build, "interim", "quarto")
    assert (made.html, made.pdf) == (
        build / "rendered" / "interim.html",
        build / "rendered" / "interim.pdf",
    )
    assert (made.renderer, made.version) == ("quarto", "quarto 1.11.5")
    asked = [json.loads(path.read_text()) for path in (made.html, made.pdf)]
    assert [a["arguments"] for a in asked] == [
        ["render", "reports/interim.qmd", "--to", "html"],
        ["render", "reports/interim.qmd", "--to", "typst"],
    ]
    # 2026-07-10T00:00:00Z, the report date, in seconds since 1970.
    assert asked[1]["SOURCE_DATE_EPOCH"] == "1783641600"
    assert Path(asked[1]["TYPST_FONT_PATHS"]).samefile(build / "fonts")
    assert asked[1]["TYPST_IGNORE_SYSTEM_FONTS"] == "true"


def test_what_cannot_be_resolved_stops_before_quarto(build: Path, stand_in: Path) -> None:
    (build / "reports" / "interim.qmd").write_text("{{< var nothing >}}\n", encoding="utf-8")
    with pytest.raises(RenderError, match=r"reports/interim\.qmd, line 1: var 'nothing'"):
        render(build, "interim", "quarto")
    assert not (build / "rendered").exists()


def test_what_quarto_says_is_passed_on(build: Path, stand_in: Path) -> None:
    (build / "fails").touch()
    with pytest.raises(RenderError, match=r"quarto render reports/interim\.qmd .*it can't"):
        render(build, "interim", "quarto")


def test_a_version_that_is_none_is_an_error(stand_in: Path) -> None:
    stand_in.write_text(STAND_IN.replace("1.11.5", "unknown"), encoding="utf-8")
    with pytest.raises(RenderError, match="gave no version but 'unknown'"):
        quarto_version(str(stand_in))


@pytest.mark.quarto
@pytest.mark.skipif(shutil.which("quarto") is None, reason="needs Quarto on PATH")
def test_hostile_text_is_literal_with_quarto(build: Path) -> None:
    made = render(build, "interim", "quarto")
    reader = Reader()
    reader.feed(made.html.read_text(encoding="utf-8"))
    html = squeezed(" ".join(reader.texts))
    pdf = squeezed(" ".join(page.extract_text() for page in pypdf.PdfReader(made.pdf).pages))
    missing = [t for t in HOSTILE if squeezed(show_hidden(t)) not in html]
    missing += [t for t in HOSTILE if squeezed(show_hidden(t)) not in pdf]
    assert missing == []
