"""A display as HTML, as Typst and as a Markdown fragment."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from csr.displays.model import Column, Display, Drawing, Figure, Line, Listing, Placed, Table
from csr.errors import RenderError
from csr.render.fragment import write_fragment
from csr.render.html import write_html
from csr.render.typst import write_typst
from csr.results import Needs

TABLE = Table(
    columns=(
        Column("Preferred term", align="left", width=3),
        Column("Any\nn (%)", spanner="Placebo"),
        Column("Grade ≥3", spanner="Placebo"),
        Column("Any\nn (%)", align="right", spanner="Active <10>"),
        Column("p"),
    ),
    lines=(
        Line(("Cardiac disorders", "8 (9.3)", "0", "7 (8.3)", ""), heading=True),
        Line(("Bradycardia", "3 (3.5)", "0", "1 (1.2)", "0.62"), indent=1),
    ),
)
LISTING = Listing(
    columns=(Column("Subject", align="left"), Column("Term <x>", width=3)),
    lines=(("01-001", "Nausea & {{< env HOME >}}"), ("01-002", "")),
)


def placed(drawing: Drawing, name: str = "ae-table", title: str = "Adverse events") -> Placed:
    kind = {Table: "table", Listing: "listing", Figure: "figure"}[type(drawing)]
    display = Display(
        name=name,
        kind=kind,  # type: ignore[arg-type]
        section="14.3.1",
        order=1,
        title=title,
        population="safety",
        audience=frozenset(),
        needs=Needs(),
        draw=lambda results, adam, params: drawing,
    )
    return Placed(
        display, "14.3.1.1", title, "Safety Analysis Set", ("One <note>.",), "ae-table · x", drawing
    )


# --- HTML


def test_html_table_has_scopes_spanners_and_indent() -> None:
    page = write_html(placed(TABLE))
    assert re.findall(r'scope="col(?:group)?"><span>([^<]*)</span>', page) == [
        "Placebo",
        "Active &#60;10&#62;",
    ]
    assert page.count('scope="colgroup"') == 1
    assert page.count('scope="col"') == 6
    assert page.count('<th scope="row"') == 2
    assert '<tr class="heading"><th scope="row" class="l">Cardiac disorders</th>' in page
    assert '<tr class="i1"><th scope="row" class="l">Bradycardia</th>' in page
    assert '<td class="r">1 (1.2)</td>' in page
    assert "Any<br>n (%)" in page


def test_html_table_carries_no_style_of_great_tables() -> None:
    page = write_html(placed(TABLE))
    assert "<style" not in page
    assert "gt_" not in page
    assert "headers=" not in page
    # Beside the display's own ids nothing is left of those great-tables gives its header cells.
    assert re.findall(r'id="([^"]*)"', page) == ["ae-table-table"]


def test_html_of_400_lines_is_small_and_the_same_twice() -> None:
    table = replace(TABLE, lines=TABLE.lines * 200)
    page = write_html(placed(table))
    assert page == write_html(placed(table))
    # 5 cells a line; great-tables' own page of it has 200 kB.
    assert len(page) < 80_000


def test_html_escapes_each_text_once() -> None:
    page = write_html(placed(replace(TABLE, lines=(Line(("a<b & c", "&amp;", "", "", "")),))))
    assert "a&#60;b &#38; c" in page
    assert "&#38;amp;" in page
    assert "One &#60;note&#62;." in page


def test_html_keeps_numbers_on_one_line_and_breaks_prose() -> None:
    prose = replace(
        TABLE, lines=(Line(("a", "a sentence that is longer than any number", *"bcd")),)
    )
    assert '<table id="ae-table-table" class="compact">' in write_html(placed(TABLE))
    assert "compact" not in write_html(placed(prose))


@pytest.mark.parametrize(
    "drawing", [replace(TABLE, lines=()), replace(LISTING, lines=())], ids=["table", "listing"]
)
def test_no_lines_say_no_observations(drawing: Table | Listing) -> None:
    columns = len(drawing.columns)
    cell = f'<td class="c" colspan="{columns}">No observations</td>'
    assert cell in write_html(placed(drawing))
    assert f'csr-nothing({columns}, "No observations")' in write_typst(placed(drawing))


def test_html_listing_has_fixed_widths_and_a_head() -> None:
    page = write_html(placed(LISTING))
    # Widths 1 and 3 of 4.
    assert '<col style="width:25.00%"><col style="width:75.00%">' in page
    assert '<thead><tr><th scope="col">Subject</th><th scope="col">Term &#60;x&#62;</th>' in page
    assert "Nausea &#38; &#123;&#123;&#60; env HOME &#62;&#125;&#125;" in page


def test_figure_is_an_image_with_its_words() -> None:
    figure = placed(Figure("<svg/>", 'Curves of "A" {{<'), name="pfs")
    assert (
        '<img src="../displays/pfs.svg" alt="Curves of &#34;A&#34; &#123;&#123;&#60;">'
        in write_html(figure)
    )
    assert r'csr-figure("/displays/pfs.svg", alt: "Curves of \"A\" \u{7b}\u{7b}<")' in write_typst(
        figure
    )


# --- Typst


def test_typst_header_has_a_spanner_row_and_a_label_row() -> None:
    source = write_typst(placed(TABLE))
    head = source[source.index("table.header(") : source.index("csr-heading")]
    assert 'csr-spanner(2, "Placebo")' in head
    assert 'csr-spanner(1, "Active <10>")' in head
    assert 'csr-beside-spanner(left, "Preferred term")' in head
    assert head.count("csr-label(") == 3
    assert "columns: (3fr, 1fr, 1fr, 1fr, 1fr, )" in source


def test_typst_lines_are_headings_indents_and_literals() -> None:
    source = write_typst(placed(TABLE))
    assert 'csr-heading(2, "Cardiac disorders", "8 (9.3)", "0", "7 (8.3)", "")' in source
    assert 'csr-indent(1, "Bradycardia"), "3 (3.5)", "0", "1 (1.2)", "0.62"' in source


def test_typst_breaks_a_word_too_long_for_its_column_and_a_row_too_long_for_a_page() -> None:
    term = "A" * 10_000
    source = write_typst(placed(replace(TABLE, lines=(Line((term, "1", "", "", "")),))))
    assert f'"{term}"' in source
    assert re.search(r'csr-long-cell\(csr-broken\(longest: \d+, "A', source)
    # One unbreakable cell would make the whole row unbreakable.
    assert source.count("csr-long-cell(") == 5


def test_typst_leaves_words_that_fit_alone() -> None:
    assert "csr-broken(" not in write_typst(placed(TABLE))


def test_typst_cuts_the_title_it_repeats_on_later_pages() -> None:
    source = write_typst(placed(TABLE, title="word " * 1000))
    running = re.search(r"running: (.*),\n", source)
    assert running is not None
    assert len(running[1]) <= 102
    assert running[1].endswith(' …"')


# --- fragments


def test_fragment_has_an_escaped_heading_and_both_languages() -> None:
    text = write_fragment(placed(TABLE, title="Events {{< env HOME >}} *x*"))
    heading = next(line for line in text.splitlines() if line.startswith("### "))
    assert heading == (
        "### Table 14&#46;3&#46;1&#46;1 Events "
        "&#123;&#123;&#60; env HOME &#62;&#125;&#125; &#42;x&#42; {#ae-table}"
    )
    assert text.count("```{=html}\n") == 1
    assert text.count("```{=typst}\n") == 2
    assert text.count("\n```\n") == 3


def test_landscape_displays_open_their_page_before_the_heading() -> None:
    for wide in (LISTING, replace(TABLE, landscape=True)):
        text = write_fragment(placed(wide))
        assert text.startswith("```{=typst}\n#page(flipped: true)[\n```\n\n### ")
        assert text.endswith("\n]\n```\n\n")
    assert "flipped" not in write_fragment(placed(TABLE))


def test_no_fragment_holds_a_shortcode_from_data() -> None:
    hostile = replace(LISTING, lines=(("{{< include /etc/passwd >}}", "```\n{{< env X >}}"),))
    text = write_fragment(placed(hostile, title="{{< env HOME >}}"))
    assert "{{<" not in text
    # A fence in the data does not close the block.
    assert text.count("\n```\n") == 3


def test_a_name_that_can_be_no_id_is_refused() -> None:
    with pytest.raises(RenderError, match=r"display '\.\./x': a name is made of"):
        write_fragment(placed(TABLE, name="../x"))
