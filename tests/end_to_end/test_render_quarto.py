"""Quarto: what csr asks of it (with a stand-in program), and the real one where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from test_render_report import HOSTILE, META, Reader, make_build, squeezed
from tests.small_study import write_study

from csr.cli import main
from csr.errors import RenderError
from csr.pipeline.workspace import find_build
from csr.render.escape import decoded, show_hidden
from csr.render.metadata import write_metadata, write_variables
from csr.render.quarto import quarto_version
from csr.render.report import render, settle_renderer
from csr.render.source import expand

SECRET = "SECRET_OF_THE_MACHINE"
SHORTCODE = f"{{{{< env {SECRET} >}}}}"
# Writes the file Quarto would, and what it was asked with.
STAND_IN = f"""#!{sys.executable}
import json, os, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print("1.11.5"); sys.exit()
here = pathlib.Path.cwd()
if sys.argv[1:] == ["pandoc", "-v"]:
    print("pandoc 3.8.3\\nFeatures: +server"); sys.exit()
if sys.argv[1] == "typst":
    print("typst 0.14.2 (b33de9de)"); sys.exit()
if (here / "fails").exists():
    print("metadata\\n" * 140 + "\\x1b[31mERROR: it can't", file=sys.stderr); sys.exit(1)
if (here / "warns").exists():
    print((here / "warns").read_text(), file=sys.stderr)
(here / ".quarto" / "xref").mkdir(parents=True, exist_ok=True)
(here / ".quarto" / "xref" / "INDEX").write_text("{{}}")
stem = pathlib.Path(sys.argv[2]).stem
ending = {{"html": "html", "typst": "pdf"}}[sys.argv[4]]
made = here / "rendered" / "reports" / f"{{stem}}.{{ending}}"
made.parent.mkdir(parents=True, exist_ok=True)
keys = ("SOURCE_DATE_EPOCH", "TYPST_FONT_PATHS", "TYPST_IGNORE_SYSTEM_FONTS")
told = {{"arguments": sys.argv[1:], "variables": sorted(os.environ)}}
made.write_text(json.dumps(told | {{k: os.environ[k] for k in keys}}))
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
    assert made.renderer == "quarto"
    assert made.version == "quarto 1.11.5, pandoc 3.8.3, typst 0.14.2"
    assert made.warnings == ()
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


def test_of_an_error_the_user_sees_its_own_lines(build: Path, stand_in: Path) -> None:
    (build / "fails").touch()
    with pytest.raises(RenderError) as error:
        render(build, "interim", "quarto")
    assert str(error.value).endswith(": ERROR: it can't")
    assert "metadata" not in str(error.value)
    assert "\x1b" not in str(error.value)


def test_what_quarto_warns_of_is_told(build: Path, stand_in: Path) -> None:
    said = "\x1b[33mWARN: PDF standard validation requested but verapdf is not installed\x1b[39m"
    (build / "warns").write_text(f"running\n{said}\n", encoding="utf-8")
    assert render(build, "interim", "quarto").warnings == (
        "PDF standard validation requested but verapdf is not installed",
    )


def test_a_pdf_that_does_not_conform_is_an_error(build: Path, stand_in: Path) -> None:
    (build / "warns").write_text("WARN: PDF validation failed for ua-1\n", encoding="utf-8")
    with pytest.raises(RenderError, match="PDF validation failed for ua-1"):
        render(build, "interim", "quarto")


def test_quartos_scratch_does_not_stay(build: Path, stand_in: Path) -> None:
    render(build, "interim", "quarto")
    assert not (build / ".quarto").exists()
    assert sorted(p.name for p in (build / "rendered").iterdir()) == ["interim.html", "interim.pdf"]


VERSIONS = {"1.9.0": "quarto", "1.8.27": "embedded", "1.6.43": "embedded", "2.0": "quarto"}


@pytest.mark.parametrize(("version", "renderer"), VERSIONS.items())
def test_a_quarto_that_is_too_old_is_told_before_anything_is_computed(
    stand_in: Path, monkeypatch: pytest.MonkeyPatch, version: str, renderer: str
) -> None:
    stand_in.write_text(STAND_IN.replace("1.11.5", version), encoding="utf-8")
    monkeypatch.setattr("csr.render.report.quarto_path", lambda: str(stand_in))
    settled = settle_renderer("auto")
    assert settled.renderer == renderer
    assert ("csr needs 1.9 or newer" in settled.notice) == (renderer == "embedded")
    if renderer == "embedded":
        with pytest.raises(RenderError, match=rf"quarto {version}: csr needs 1\.9 or newer"):
            settle_renderer("quarto")


# --- a shortcode of the data reaches Quarto nowhere


def given_to_quarto(folder: Path) -> dict[str, str]:
    """What Quarto reads of a build folder: the project, its one file, metadata; entities decoded
    where Quarto decodes them before it expands (YAML)."""
    project = (folder / "_quarto.yml").read_text(encoding="utf-8")
    files = [folder / "_quarto.yml", *(folder / "reports").glob("_metadata.yml")]
    yaml = {p.name: decoded(p.read_text(encoding="utf-8")) for p in files}
    reports = {p.name: p.read_text(encoding="utf-8") for p in (folder / "reports").glob("*.qmd")}
    assert not list(folder.glob("_variables.*"))
    assert [line.strip() for line in project.splitlines() if ".qmd" in line] == [
        f"- reports/{name}" for name in reports if name in project
    ]
    return yaml | {name: text for name, text in reports.items() if name in project}


def test_no_shortcode_is_given_to_quarto(build: Path, stand_in: Path) -> None:
    hostile = {
        f"{name} {SHORTCODE}": None for name in ("title", "short", "protocol", "sponsor", "note")
    }
    title, short, protocol, sponsor, note = hostile
    meta = replace(META, study_title=title, short_title=short, protocol=protocol, sponsor=sponsor,
                   note=note)  # fmt: skip
    write_metadata(build, meta)
    values = {"analyte": f"CLDN {SHORTCODE}", "groups": f"Dose {SHORTCODE} {{{{< include x >}}}}"}
    write_variables(build, {"kinetics": values, "hostile": " ".join(HOSTILE)})
    page = build / "reports" / "interim.qmd"
    said = "\n\n{{< var kinetics.analyte >}} {{< var kinetics.groups >}} {{< meta title >}}\n"
    page.write_text(page.read_text(encoding="utf-8") + said, encoding="utf-8")
    render(build, "interim", "quarto")
    given = given_to_quarto(build)
    assert set(given) == {"_quarto.yml", "_metadata.yml", "interim.qmd"}
    assert [name for name, text in given.items() if "{{<" in text] == []
    # The text is there all the same, to be read: as entities, which a page shows as they were.
    assert f"CLDN {SHORTCODE}" in decoded(given["interim.qmd"])


def test_quarto_gets_no_more_of_the_environment_than_it_needs(
    build: Path, stand_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "leaked-value")
    made = render(build, "interim", "quarto")
    variables = json.loads(made.html.read_text())["variables"]
    assert SECRET not in variables
    assert {"PATH", "NO_COLOR"} <= set(variables)


@pytest.mark.slow
def test_the_build_of_a_study_with_shortcodes_in_its_labels(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Title, short title, group label: one report in the folder, complete, none of it a command."""
    program = tmp_path / "bin" / "quarto"
    program.parent.mkdir()
    program.write_text(STAND_IN, encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    params = write_study(tmp_path)
    text = params.read_text(encoding="utf-8").replace(
        "label: Dose 1", f"label: 'Dose 1 {SHORTCODE}'"
    )
    text = text.replace(
        "title: Small study", f"title: 'Small {SHORTCODE}', protocol: 'P {SHORTCODE}'"
    )
    text += "displays: {only: [demographics, response-summary, os, data-findings]}\n"
    params.write_text(text, encoding="utf-8")
    assert main(["build", str(params), "--out", str(tmp_path / "out"), "--renderer", "quarto"]) == 0
    build = find_build("SMALL/cut-1", tmp_path / "out")
    assert [p.name for p in (build / "reports").glob("*.qmd")] == ["interim.qmd"]
    given = given_to_quarto(build)
    assert [name for name, text in given.items() if "{{<" in text] == []
    assert expand(build, "interim") == given["interim.qmd"]
    findings = (build / "displays" / "data-findings.md").read_text(encoding="utf-8")
    assert "PARAMS.STUDY_TITLE" in findings
    assert "PARAMS.PROTOCOL" in findings


@pytest.mark.quarto
@pytest.mark.skipif(shutil.which("quarto") is None, reason="needs Quarto on PATH")
def test_quarto_prints_no_variable_of_the_machine(
    build: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "leaked-value")
    label = f"Arm {SHORTCODE} {{{{< include x >}}}}"
    write_metadata(build, replace(META, study_title=label, short_title=label, protocol=label))
    write_variables(build, {"hostile": label})
    made = render(build, "interim", "quarto")
    pages = " ".join(page.extract_text() for page in pypdf.PdfReader(made.pdf).pages)
    assert "leaked-value" not in made.html.read_text(encoding="utf-8")
    assert "leaked-value" not in pages


@pytest.mark.quarto
@pytest.mark.skipif(shutil.which("quarto") is None, reason="needs Quarto on PATH")
def test_plain_quarto_render_in_a_build_folder(build: Path) -> None:
    render(build, "interim", "quarto")
    done = subprocess.run(["quarto", "render"], cwd=build, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (build / "rendered" / "reports" / "interim.pdf").is_file()


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
