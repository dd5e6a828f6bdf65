"""A display, an analysis or a kernel that fails costs itself alone, and never a complete build."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.small_study import write_study

from csr.pipeline.failures import failure_of

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
FEW = "displays: {only: [demographics, analysis-sets, response-summary, os-summary, pfs-summary]}\n"
SECRET = "S-01 was pregnant"
# Runs first in every Python process of the build, the kernels among them.
RAISES = """
import dataclasses, os
import csr.displays.disposition.demographics as demographics
import csr.displays.efficacy.response_summary as response
import csr.displays.efficacy.time_to_event as survival

def draw(results, adam, params):
    raise KeyError({secret!r})

def answer(adam, params):
    raise ValueError({secret!r})

def die(results, adam, params):
    os._exit(1)

if "display" in {what!r}:
    demographics.DISPLAY = dataclasses.replace(demographics.DISPLAY, draw=draw)
if "analysis" in {what!r}:
    analysis = dataclasses.replace(response.DISPLAY.analyses[0], answer=answer)
    response.DISPLAY = dataclasses.replace(response.DISPLAY, analyses=(analysis,))
if "kernel" in {what!r}:
    made = survival.displays_of
    survival.displays_of = lambda params: tuple(
        dataclasses.replace(d, draw=die) if d.name == "pfs-summary" else d for d in made(params)
    )
"""


def build(folder: Path, params: Path, what: str = "") -> subprocess.CompletedProcess[str]:
    environment = dict(os.environ)
    if what:
        (folder / "first").mkdir(exist_ok=True)
        text = RAISES.format(secret=SECRET, what=what)
        (folder / "first" / "sitecustomize.py").write_text(text, encoding="utf-8")
        path = [str(folder / "first"), environment.get("PYTHONPATH", "")]
        environment["PYTHONPATH"] = os.pathsep.join(p for p in path if p)
    command = [sys.executable, "-m", "csr", "build", str(params), "--out", str(folder / "out")]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)


def said_of(folder: Path) -> dict[str, str]:
    """Everything of a build that people are shown, as text."""
    rendered = folder / "rendered"
    pages = PdfReader(rendered / "interim.pdf").pages
    return {
        "html": (rendered / "interim.html").read_text(encoding="utf-8"),
        "pdf": "\n".join(page.extract_text() for page in pages),
        "first page": pages[0].extract_text(),
        "fragments": "\n".join(
            p.read_text(encoding="utf-8") for p in sorted((folder / "displays").glob("*.md"))
        ),
    }


def test_what_fails_is_boxed_and_never_replaces_a_complete_build(tmp_path: Path) -> None:
    params = write_study(tmp_path)
    params.write_text(params.read_text(encoding="utf-8") + FEW, encoding="utf-8")
    assert build(tmp_path, params).returncode == 0
    place = tmp_path / "out" / "SMALL" / "cut-1"
    former = (place / "manifest.json").read_text(encoding="utf-8")

    ran = build(tmp_path, params, "display analysis")
    assert ran.returncode == 5
    assert "demographics: KeyError in" in ran.stderr
    assert "response-summary: ValueError in" in ran.stderr
    assert "cut-1.failed" in ran.stderr
    assert SECRET not in ran.stdout + ran.stderr
    assert (place / "manifest.json").read_text(encoding="utf-8") == former

    failed = place.with_name("cut-1.failed")
    assert stat.S_IMODE(failed.stat().st_mode) == 0o700
    said = said_of(failed)
    assert all(SECRET not in text for text in said.values())
    for text in (said["html"], said["pdf"]):
        assert text.count("This display could not be made.") == 2
    first = " ".join(said["first page"].split())
    assert "Incomplete" in first
    assert "demographics (KeyError" in first
    assert "response-summary (ValueError" in first
    assert "not available" in said["pdf"]  # the prose of the response
    assert "Overall survival" in said["pdf"]  # the rest is there
    assert (failed / "notebooks" / "efficacy.ipynb").is_file()
    assert SECRET in (failed / "meta" / "traceback-efficacy.txt").read_text(encoding="utf-8")

    assert build(tmp_path, params).returncode == 0
    assert not failed.exists()


def test_a_dead_kernel_boxes_the_rest_of_its_chapter(tmp_path: Path) -> None:
    params = write_study(tmp_path)
    params.write_text(params.read_text(encoding="utf-8") + FEW, encoding="utf-8")
    ran = build(tmp_path, params, "kernel")
    assert ran.returncode == 5
    failed = tmp_path / "out" / "SMALL" / "cut-1.failed"
    assert not failed.with_name("cut-1").exists()
    failures = json.loads((failed / "meta" / "failures-efficacy.json").read_text(encoding="utf-8"))
    assert {f["error"] for f in failures} == {"DeadKernelError"}
    drawn = {p.stem: p.read_text(encoding="utf-8") for p in (failed / "displays").glob("*.md")}
    assert "DeadKernelError" in drawn["pfs-summary"]
    assert "DeadKernelError" not in drawn["demographics"]


def test_a_failure_names_the_innermost_line_of_the_library_and_no_message() -> None:
    from csr.rounding import fmt_number

    with pytest.raises(TypeError) as caught:
        fmt_number("S-01", "x")  # type: ignore[arg-type]
    failure = failure_of(caught.value, display="x")
    assert failure.file == "rounding.py"
    assert failure.line > 0
    assert "S-01" not in repr(failure)
