"""Text of the data is never code: hostile terms are shown literally in HTML and PDF (DESIGN 7)."""

from __future__ import annotations

import html
import os
import re
from pathlib import Path

import pytest
from pypdf import PdfReader
from tests.small_study import adae, write_study

from csr.cli import main
from csr.pipeline.workspace import find_build

pytestmark = pytest.mark.slow
HOSTILE = [
    "{{< env HOME >}}",
    "{{< include /etc/hostname >}}",
    "{{< var study.id >}}",
    "<script>alert(1)</script>",
    '#read("/etc/hostname")',
    "@ref",
    "{\\field x}",
    "$x^2$ and `code`",
    "*bold* _it_ [a](http://x.invalid)",
    "= cmd|' /C calc'!A0",
    "C:\\dir\\#let x = 1",
    "a & b < c > d \"q\" 'p'",
    "مرض القلب",
    "Gr ≥3²",
]
LONG = "LONGTERM" * 1250


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    params = write_study(folder, adae=adae([*HOSTILE, LONG]).assign(AESER="Y"))
    params.write_text(params.read_text(encoding="utf-8") + "narratives: {}\n", encoding="utf-8")
    assert main(["build", str(params), "--out", str(folder / "out")]) == 0
    return find_build("SMALL/cut-1", folder / "out") / "rendered"


def squeezed(text: str) -> str:
    """Without white space and soft hyphens: line breaks of a page are not the text's."""
    return re.sub(r"[\s\u00ad\u200b]+", "", text)


def test_every_term_is_in_the_html_as_text(rendered: Path) -> None:
    page = (rendered / "interim.html").read_text(encoding="utf-8")
    text = squeezed(html.unescape(re.sub(r"<[^>]+>", "", page)))
    for term in [*HOSTILE, LONG]:
        assert squeezed(term) in text, term
    assert "<script>alert(1)" not in page
    assert os.environ["HOME"] not in page
    assert Path("/etc/hostname").read_text(encoding="utf-8").strip() + "</" not in page


def test_every_term_is_in_the_pdf_as_text(rendered: Path) -> None:
    pages = PdfReader(rendered / "interim.pdf").pages
    text = squeezed("".join(page.extract_text() for page in pages))
    for term in HOSTILE:
        if re.search("[\u0600-\u06ff]", term):
            # Arabic letters are drawn as joined forms, right to left; each must be on the page.
            continue
        assert squeezed(term) in text, term
    # Three displays hold it; a page's header may stand within one of its 1,250 words.
    assert text.count("LONGTERM") >= 3 * 1250 - 60


def test_the_results_hold_the_terms_unchanged(rendered: Path) -> None:
    exported = (rendered.parent / "results" / "results.json").read_text(encoding="utf-8")
    assert "{{< env HOME >}}" in exported
    assert LONG in exported
