"""Shortcodes: expanded as Quarto would, or refused with file and line."""

from __future__ import annotations

import datetime as dt
import html
from dataclasses import replace
from pathlib import Path

import pytest

from csr.errors import RenderError
from csr.render.escape import break_shortcodes, decoded, holds_shortcode
from csr.render.metadata import (
    METADATA,
    VARIABLES,
    ReportMeta,
    read_metadata,
    write_metadata,
    write_variables,
)
from csr.render.source import expand

META = ReportMeta(
    study_id="ABC-1",
    study_title="A study of {{< env HOME >}} *x*",
    label="Interim report",
    short_title="ABC",
    cut="Interim 1",
    cutoff=dt.date(2026, 6, 30),
    transfer=dt.date(2026, 7, 3),
    report_date=dt.date(2026, 7, 10),
    status="draft",
    simulated=True,
)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """A build folder with metadata, variables and two files to include."""
    write_metadata(tmp_path, META)
    write_variables(tmp_path, {"n": {"enrolled": 254, "text": "{{< env HOME >}}"}, "flag": True})
    (tmp_path / "displays").mkdir()
    (tmp_path / "displays" / "a.md").write_text("A {{< var n.enrolled >}}\n\n{{< include b.md >}}")
    (tmp_path / "displays" / "b.md").write_text("B")
    return tmp_path


def expanded(build: Path, text: str) -> str:
    (build / "reports" / "r.qmd").write_text(text, encoding="utf-8")
    return expand(build, "r")


@pytest.mark.parametrize("path", ["/displays/a.md", "../displays/a.md"])
def test_include_is_textual_and_recursive(build: Path, path: str) -> None:
    assert expanded(build, f"x\n\n{{{{< include {path} >}}}}\n") == "x\n\nA 254\n\nB\n"


def test_var_and_meta_give_escaped_markdown(build: Path) -> None:
    text = expanded(build, "{{< var n.text >}}|{{< var flag >}}|{{< meta csr.cutoff >}}")
    assert text == "&#123;&#123;&#60; env HOME &#62;&#125;&#125;|True|2026-06-30"


def test_pagebreak_is_given_to_both_languages(build: Path) -> None:
    text = expanded(build, "{{< pagebreak >}}")
    assert "#pagebreak(weak: true)" in text
    assert "csr-pagebreak" in text


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{{< env HOME >}}", "line 2: shortcode 'env' is unknown; allowed are include, var"),
        ("{{< var n.enroled >}}", "line 2: var 'n.enroled' is not defined; did you mean 'n.enr"),
        ("{{< var n >}}", "line 2: var 'n' is not defined"),
        ("{{< meta nothing >}}", "line 2: meta 'nothing' is not defined"),
        ("{{< include /displays/c.md >}}", "line 2: 'displays/c.md' is not there"),
        ("{{< include ../../secret.md >}}", "line 2: 'secret.md' is outside the build folder"),
        ("{{< include r.qmd >}}", "line 2: 'reports/r.qmd' includes itself"),
        ("see {{< include b.md >}}", "line 2: 'include' must stand alone on its line"),
        ("{{{< var n.enrolled >}}}", "line 2: a shortcode that is not closed, or is escaped"),
        ("{{< var n.enrolled", "line 2: a shortcode that is not closed"),
        ("[x](#nowhere)", "link to '#nowhere': no heading of the report has this id"),
    ],
)
def test_what_cannot_be_resolved_is_named(build: Path, line: str, problem: str) -> None:
    with pytest.raises(RenderError) as error:
        expanded(build, f"x\n{line}\n")
    assert problem in str(error.value)
    assert str(build) not in str(error.value)


def test_all_problems_come_at_once(build: Path) -> None:
    with pytest.raises(RenderError) as error:
        expanded(build, "{{< env A >}}\n{{< var b >}}\n")
    assert str(error.value).count("reports/r.qmd, line ") == 2


def test_a_problem_in_an_included_file_names_that_file(build: Path) -> None:
    (build / "displays" / "b.md").write_text("ok\n{{< kbd x >}}")
    with pytest.raises(RenderError, match=r"displays/b\.md, line 2: shortcode 'kbd' is unknown"):
        expanded(build, "{{< include /displays/a.md >}}")


def test_a_value_that_is_a_shortcode_is_refused(build: Path) -> None:
    (build / VARIABLES).write_text('a: "{{< env HOME >}}"\n')
    with pytest.raises(RenderError, match="the value of var 'a' holds a shortcode"):
        expanded(build, "{{< var a >}}")


def test_a_link_to_a_heading_is_kept(build: Path) -> None:
    assert expanded(build, "# A {#a}\n\n[x](#a)") == "# A {#a}\n\n[x](#a)"


def test_variables_that_are_no_yaml_are_named(build: Path) -> None:
    (build / VARIABLES).write_text("a: [")
    with pytest.raises(RenderError, match=r"reports/variables\.yml: can't be read as YAML"):
        expanded(build, "x")


def test_metadata_is_escaped_and_says_what_the_title_page_shows(build: Path) -> None:
    tree = read_metadata(build)
    assert tree["csr"]["study-title"] == (
        "A study of &#123; &#123;&#60; env HOME &#62;&#125;&#125; &#42;x&#42;"
    )
    assert tree["csr"]["draft"] is True
    assert [html.unescape(fact["name"]) for fact in tree["csr"]["facts"]] == [
        "Study",
        "Data cut",
        "Data cut-off",
        "Data transfer",
        "Report date",
        "Status",
    ]


def test_a_font_that_is_no_family_is_refused(build: Path) -> None:
    with pytest.raises(RenderError, match=r"report\.font: '\"\) #read' can't be a font family"):
        write_metadata(build, replace(META, font='") #read'))


# --- Quarto decodes the entities of a YAML value, and then expands the shortcodes of what comes out


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{{< env HOME >}}", "{ {< env HOME >}}"),
        ("{{{< env HOME >}}}", "{{ {< env HOME >}}}"),
        ("&#123;&#123;&#60; env HOME &#62;}}", "{ {< env HOME >}}"),
        ("&lbrace;&#x7b;&lt; env HOME >}}", "{ {< env HOME >}}"),
        ("&amp;#123;{< env HOME >}}", "{ {< env HOME >}}"),
        ("a &amp; b {x} {{ <", "a &amp; b {x} {{ <"),
    ],
)
def test_a_shortcode_in_a_yaml_value_is_broken(text: str, shown: str) -> None:
    assert break_shortcodes(text) == shown
    assert not holds_shortcode(break_shortcodes(text))


FIELDS = ("study_id", "study_title", "label", "short_title", "cut", "note", "protocol", "sponsor")


@pytest.mark.parametrize("field", FIELDS)
def test_no_text_of_the_metadata_is_a_shortcode_once_decoded(build: Path, field: str) -> None:
    meta = replace(
        replace(META, study_title="T"), **{field: "A {{< env HOME >}} &#123;&#123;&#60; var x >}}"}
    )
    write_metadata(build, meta)
    assert "{{<" not in decoded((build / METADATA).read_text(encoding="utf-8"))
    assert meta.with_shortcodes == (field,)
    assert expanded(build, "x") == "x"


@pytest.mark.parametrize("value", ["{{< env HOME >}}", "&#123;&#123;&#60; env HOME &#62;}}"])
def test_a_shortcode_in_the_metadata_is_refused_decoded(build: Path, value: str) -> None:
    (build / METADATA).write_text(f"csr: {{facts: [{{name: a, value: '{value}'}}]}}\n")
    with pytest.raises(RenderError, match=r"_metadata\.yml: 'csr\.facts\.0\.value' holds"):
        expanded(build, "x")


def test_the_expanded_text_is_its_own_expansion(build: Path) -> None:
    text = expanded(
        build, "{{< var n.text >}}\n\n{{< pagebreak >}}\n\n{{< include /displays/a.md >}}"
    )
    assert "{{<" not in text
    assert expanded(build, text) == text
