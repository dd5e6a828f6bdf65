"""A whole report: hostile text comes out literally in HTML and PDF, pages look as they must."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from dataclasses import dataclass, replace
from functools import cached_property
from html.parser import HTMLParser
from pathlib import Path

import pypdf
import pytest

from csr.displays.model import Column, Display, Drawing, Figure, Line, Listing, Placed, Table
from csr.errors import RenderError
from csr.render.escape import show_hidden
from csr.render.fonts import write_fonts
from csr.render.fragment import write_fragment
from csr.render.metadata import ReportMeta, write_metadata, write_variables
from csr.render.report import Rendered, choose_renderer, render
from csr.results import Needs

HOSTILE = (
    "{{< env HOME >}}",
    "{{< include x >}}",
    "<script>alert(1)</script>",
    '#read("/etc/passwd")',
    "@ref",
    r"{\field x}",
    "$x$",
    "\\",
    '"',
    "*_#",
    "```",
    "&amp;",
    "a--b...c 'd'",
    "nul\0nul",
    "over\u202eride",
    "private\ue000use",
    "مرحبا",
    "≥ ≤ µ × ⁹ β Ж",
)
LONG = "Q" * 10_000
META = ReportMeta(
    study_id="ABC-1",
    study_title=f"A study of {' '.join(HOSTILE)}",
    label="Interim report",
    short_title="Trial of {{< env HOME >}}",
    cut="Interim 1",
    cutoff=dt.date(2026, 6, 30),
    transfer=dt.date(2026, 7, 3),
    report_date=dt.date(2026, 7, 10),
    status="draft",
    simulated=True,
    protocol="P-1 {{< env HOME >}}",
)
SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="400" height="250">'
    '<rect width="400" height="250" fill="#eeeeee"/></svg>'
)
REPORT = """{{< include parts/cover.md >}}

# Synopsis {#synopsis}

Values: {{< var hostile >}}.

{{< include parts/reading.md >}}

# 14 Tables {#chapter-14}

## 14.1 Displays {#chapter-14-1}

{{< include parts/chapter-contents.md >}}

{{< include /displays/all.md >}}
"""


def placed(drawing: Drawing, name: str, number: str, title: str, *notes: str) -> Placed:
    kind = {Table: "table", Listing: "listing", Figure: "figure"}[type(drawing)]
    display = Display(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        section="14.1",
        order=1,
        title=title,
        population="safety",
        audience=frozenset(),
        needs=Needs(),
        draw=lambda results, adam, params: drawing,
    )
    footer = f"{name} · Data cut-off 2026-06-30"
    return Placed(display, number, title, "Safety Analysis Set", notes, footer, drawing)


def long_table() -> Table:
    """400 lines: a heading every eighth, under two spanners."""
    columns = (
        Column("System organ class", align="left", width=3),
        *(Column(label, spanner=arm) for arm in ("Placebo", "Active") for label in ("Any", "Sev")),
    )
    lines = (
        Line((f"SOC{i}soc", "1", "2", "3", "4"), heading=True)
        if i % 8 == 0
        else Line((f"PT{i}pt", "5", "6", "7", "8"), indent=1)
        for i in range(400)
    )
    return Table(columns, tuple(lines))


def displays() -> list[Placed]:
    words = " ".join(HOSTILE)
    cells = Table(
        (Column(words, align="left"), Column("b", spanner=words), Column("c", spanner=words)),
        tuple(Line((text, text, str(i)), i % 3) for i, text in enumerate((*HOSTILE, LONG))),
    )
    listing = Listing(
        (Column("a", align="left"), Column(words, width=2)),
        tuple((text, text) for text in (*HOSTILE, "文", LONG)),
    )
    return [
        placed(long_table(), "long-table", "14.1.1", "Four hundred lines"),
        placed(cells, "hostile-table", "14.1.2", words, *HOSTILE),
        placed(listing, "hostile-listing", "14.1.3", words, *HOSTILE),
        placed(Figure(SVG, "A grey box {{< env HOME >}}"), "box", "14.1.4", "A figure"),
        placed(replace(long_table(), lines=()), "empty", "14.1.5", "Nothing"),
    ]


def make_build(folder: Path, root: Path) -> Path:
    shutil.copytree(root / "reports", folder / "reports")
    shutil.copy(root / "_quarto.yml", folder)
    (folder / "reports" / "interim.qmd").write_text(REPORT, encoding="utf-8")
    (folder / "displays").mkdir()
    (folder / "displays" / "box.svg").write_text(SVG, encoding="utf-8")
    fragments = "".join(write_fragment(display) for display in displays())
    (folder / "displays" / "all.md").write_text(fragments, encoding="utf-8")
    write_metadata(folder, META)
    write_variables(folder, {"hostile": " ".join(HOSTILE)})
    write_fonts(folder, [])
    return folder


class Reader(HTMLParser):
    """The texts, tags and attribute values of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@dataclass(frozen=True)
class Report:
    rendered: Rendered
    build: Path

    @cached_property
    def html(self) -> Reader:
        reader = Reader()
        reader.feed(self.rendered.html.read_text(encoding="utf-8"))
        return reader

    @cached_property
    def pdf(self) -> pypdf.PdfReader:
        return pypdf.PdfReader(self.rendered.pdf)

    @cached_property
    def pages(self) -> list[str]:
        return [page.extract_text() for page in self.pdf.pages]

    def page_numbers_of(self, heading: str) -> range:
        """From the page a heading is on to the one before the next heading's."""
        starts = [
            (self.pdf.get_destination_page_number(entry), str(entry.title))
            for entry in flat(self.pdf.outline)
        ]
        first = next(i for i, (_, title) in enumerate(starts) if title.startswith(heading))
        after = [page for page, _ in starts[first + 1 :]] or [len(self.pages)]
        return range(starts[first][0] or 0, after[0] or 0)


def flat(outline: list[object]) -> list[pypdf.generic.Destination]:
    found: list[pypdf.generic.Destination] = []
    for entry in outline:
        if isinstance(entry, list):
            found += flat(entry)
        else:
            assert isinstance(entry, pypdf.generic.Destination)
            found.append(entry)
    return found


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Report:
    build = make_build(tmp_path_factory.mktemp("render") / "build", root)
    return Report(render(build, "interim", "embedded"), build)


# --- text from data is never code


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_literal_in_the_html(report: Report, text: str) -> None:
    seen = " ".join(report.html.texts)
    # Twice in cells, once each in footnotes of two displays, and in the list of values.
    assert squeezed(seen).count(squeezed(show_hidden(text))) >= 8


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_literal_in_the_pdf(report: Report, text: str) -> None:
    seen = squeezed(" ".join(report.pages))
    assert seen.count(squeezed(show_hidden(text))) >= 8


def test_nothing_of_the_data_runs_in_the_html(report: Report) -> None:
    reader = report.html
    assert reader.tags.count("script") == 1
    assert not [name for name, _ in reader.attributes if name.startswith("on")]
    links = [v for name, v in reader.attributes if name in ("src", "href", "action", "data")]
    assert all(link.startswith(("#", "data:")) for link in links)


def test_a_word_of_10_kb_stays_on_its_page(report: Report) -> None:
    inside = 0
    for number in [i for i, text in enumerate(report.pages) if "QQQ" in text]:
        page = report.pdf.pages[number]
        boxes: list[tuple[str, float, float]] = []

        def keep(
            text: str,
            cm: list[float],
            tm: list[float],
            font: object,
            size: float,
            boxes: list[tuple[str, float, float]] = boxes,
        ) -> None:
            x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
            y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
            boxes.append((text, x, y))

        page.extract_text(visitor_text=keep)
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        for text, x, y in boxes:
            if "QQQ" in text:
                assert 0 < x < width
                assert 0 < y < height
                # No line of it is longer than a landscape page has room for.
                assert max(map(len, text.split())) < 160
                inside += text.count("Q")
    assert inside >= 3 * len(LONG)


def test_a_character_no_font_has_is_shown_by_its_number(report: Report) -> None:
    assert report.rendered.uncovered == ("文",)
    assert "⟨U+6587⟩" in " ".join(report.pages)
    assert "文" in " ".join(report.html.texts)


# --- the pages


def test_both_header_levels_repeat_on_every_page_of_a_long_table(report: Report) -> None:
    pages = report.page_numbers_of("Table 14.1.1")
    assert len(pages) > 4
    for number in pages:
        assert "Placebo" in report.pages[number]
        assert "System organ class" in report.pages[number]
        assert "Any" in report.pages[number]
    lines = re.findall(r"(?:SOC|PT)(\d+)(?:soc|pt)", " ".join(report.pages[i] for i in pages))
    assert [int(line) for line in lines] == list(range(400))


def test_a_heading_line_is_never_the_last_of_a_page(report: Report) -> None:
    for number in report.page_numbers_of("Table 14.1.1"):
        last = re.findall(r"(SOC|PT)\d+", report.pages[number])[-1]
        assert last == "PT"


def test_later_pages_of_a_display_name_it(report: Report) -> None:
    first, second, *_ = report.page_numbers_of("Table 14.1.1")
    running = "Table 14.1.1 Four hundred lines (continued)"
    assert running not in report.pages[first]
    assert running in report.pages[second]
    assert "(continued)" not in report.pages[report.page_numbers_of("Figure 14.1.4")[0]]


def test_every_display_starts_a_page_and_listings_are_landscape(report: Report) -> None:
    starts = [
        report.page_numbers_of(f"{kind} 14.1.{i}")[0]
        for i, kind in enumerate(("Table", "Table", "Listing", "Figure", "Table"), start=1)
    ]
    assert len(set(starts)) == 5
    wide = [
        report.pdf.pages[i].mediabox.width > report.pdf.pages[i].mediabox.height for i in starts
    ]
    assert wide == [False, False, True, False, False]


def test_status_and_cut_off_are_on_every_page(report: Report) -> None:
    pages = report.pages
    assert all("DRAFT · SIMULATED DATA" in text for text in pages)
    assert all("Data cut-off 2026-06-30" in text for text in pages[1:])
    assert all(f"Page {n} of {len(pages)}" in pages[n - 1] for n in range(2, len(pages) + 1))
    assert "2026-07-10" in pages[0]


def test_the_html_says_what_it_is(report: Report) -> None:
    text = squeezed(" ".join(report.html.texts))
    for said in ("Draft · simulated data", "ABC-1", "2026-06-30", "2026-07-10", "Confidential."):
        assert squeezed(said) in text
    page = report.rendered.html.read_text(encoding="utf-8")
    assert page.count('src="data:image/svg+xml;base64,') == 1
    assert '<a href="#long-table"' in page
    assert 'id="long-table"' in page


def test_empty_displays_say_so(report: Report) -> None:
    assert "No observations" in report.pages[report.page_numbers_of("Table 14.1.5")[0]]


def test_the_pdf_claims_ua_1_and_a_2a_and_has_title_and_language(report: Report) -> None:
    root = report.pdf.trailer["/Root"]
    xmp = root["/Metadata"].get_data().decode()
    assert re.search(r"pdfuaid:part[>=\"]+1", xmp)
    assert re.search(r"pdfaid:part[>=\"]+2", xmp)
    assert root["/Lang"].startswith("en")
    assert report.pdf.metadata is not None
    assert report.pdf.metadata.title == "ABC-1: Interim report"
    assert report.pdf.metadata.creation_date == dt.datetime(2026, 7, 10, tzinfo=dt.UTC)


# --- the same again, the other status, and what stops it


def test_the_same_build_gives_the_same_bytes(report: Report) -> None:
    before = report.rendered.html.read_bytes(), report.rendered.pdf.read_bytes()
    again = render(report.build, "interim", "embedded")
    assert (again.html.read_bytes(), again.pdf.read_bytes()) == before


def test_a_final_report_has_no_watermark_and_says_final(tmp_path: Path, root: Path) -> None:
    build = make_build(tmp_path / "build", root)
    (build / "reports" / "interim.qmd").write_text("# Only this {#this}\n", encoding="utf-8")
    write_metadata(build, replace(META, status="final", simulated=False, study_title="T"))
    made = render(build, "interim", "embedded")
    text = " ".join(page.extract_text() for page in pypdf.PdfReader(made.pdf).pages)
    assert "FINAL" in text
    assert "DRAFT" not in text
    assert "SIMULATED" not in text


def test_an_image_that_is_not_there_is_named(tmp_path: Path, root: Path) -> None:
    build = make_build(tmp_path / "build", root)
    (build / "displays" / "box.svg").unlink()
    with pytest.raises(RenderError, match=r"image '\.\./displays/box\.svg'"):
        render(build, "interim", "embedded")


def test_pandoc_reads_no_file_of_the_machine(tmp_path: Path, root: Path) -> None:
    build = make_build(tmp_path / "build", root)
    secret = tmp_path / "secret.svg"
    secret.write_text(SVG, encoding="utf-8")
    (build / "reports" / "interim.qmd").write_text(f"# A {{#a}}\n\n![x]({secret})\n")
    with pytest.raises(RenderError, match=r"must be an \.svg or \.png file of the build folder"):
        render(build, "interim", "embedded")


def test_an_unknown_renderer_is_named() -> None:
    with pytest.raises(RenderError, match="allowed are auto, quarto and embedded"):
        choose_renderer("latex")


def test_auto_takes_quarto_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csr.render.report.quarto_path", lambda: "/somewhere/quarto")
    assert [choose_renderer(asked) for asked in ("auto", "quarto", "embedded")] == [
        "quarto",
        "quarto",
        "embedded",
    ]
    monkeypatch.setattr("csr.render.report.quarto_path", lambda: None)
    assert choose_renderer("auto") == "embedded"
    with pytest.raises(RenderError, match="there is no `quarto` on PATH"):
        choose_renderer("quarto")
