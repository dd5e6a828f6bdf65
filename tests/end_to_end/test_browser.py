"""The HTML report in a real browser: alone, quiet, and within the page at any width."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.small_study import adae, write_study

from csr.cli import main
from csr.pipeline.workspace import find_build

pytestmark = pytest.mark.slow
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    terms = [
        ("A LONG TERM WITHOUT END " * 20).strip(),
        "W" * 400,
        "<script>document.title='x'</script>",
    ]
    params = write_study(folder, adae=adae(terms * 4))
    assert main(["build", str(params), "--out", str(folder / "out")]) == 0
    return find_build("SMALL/cut-1", folder / "out") / "rendered" / "interim.html"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs a Chromium on PATH")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield started
        started.close()


@pytest.mark.parametrize("width", [390, 768, 1280, 1920])
def test_the_page_fits_and_asks_for_nothing(browser: Browser, report: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(report.as_uri())
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []
    assert said == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert "interim report" in page.title().lower()
    images = page.evaluate("[...document.images].map(i => [i.naturalWidth > 0, i.alt.length > 20])")
    assert images
    assert all(loaded and described for loaded, described in images)
    page.close()


def test_every_link_of_the_page_leads_somewhere(browser: Browser, report: Path) -> None:
    page = browser.new_page()
    page.goto(report.as_uri())
    dead = page.evaluate(
        "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href').slice(1))"
        ".filter(id => id && !document.getElementById(id))"
    )
    assert dead == []
    assert page.locator("nav a").count() > 20
    page.close()


def test_the_contents_can_be_searched(browser: Browser, report: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(report.as_uri())
    before = page.locator("nav a:visible").count()
    page.locator("input[type=search]").fill("survival")
    shown = page.locator("nav a:visible")
    assert 0 < shown.count() < before
    assert any("survival" in text.lower() for text in shown.all_inner_texts())
    page.close()
