"""Text from data comes out literally, whatever it looks like (DESIGN seam 7)."""

from __future__ import annotations

import html
import json

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from csr.render.escape import escape_html, escape_markdown, escape_typst_string, show_hidden

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
    "'",
    "*_#",
    "```",
    "&amp;",
    "[a](b)",
)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("a\0b", "a⟨U+0000⟩b"),
        ("a\x1bb\x7fc\x9fd", "a⟨U+001B⟩b⟨U+007F⟩c⟨U+009F⟩d"),
        ("a\u202eb\u2066c", "a⟨U+202E⟩b⟨U+2066⟩c"),
        ("a\u200bb\ufeffc", "a⟨U+200B⟩b⟨U+FEFF⟩c"),
        ("\ud800", "⟨U+D800⟩"),
        ("\ue000\U000e0041", "⟨U+E000⟩⟨U+E0041⟩"),
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\tb", "a b"),
        ("مرحبا \u200c\u200d", "مرحبا \u200c\u200d"),
    ],
)
def test_what_cannot_be_seen_is_shown_by_its_number(text: str, seen: str) -> None:
    assert show_hidden(text) == seen


def test_html_escapes_brackets_quotes_and_braces_once() -> None:
    assert escape_html("<b a='x'>&amp;{\"") == ("&#60;b a=&#39;x&#39;&#62;&#38;amp;&#123;&#34;")


def test_typst_string_escapes_quotes_backslashes_newlines_and_braces() -> None:
    assert escape_typst_string('a"\\\n{}') == r'"a\"\\\n\u{7b}\u{7d}"'


def test_markdown_escapes_every_ascii_sign_and_joins_lines() -> None:
    assert escape_markdown(" 12 (14.0)\n*x* ") == "12 &#40;14&#46;0&#41; &#42;x&#42;"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_escaped_text_holds_a_shortcode(text: str) -> None:
    for escaped in (escape_html(text), escape_typst_string(text), escape_markdown(text)):
        assert "{{<" not in escaped


@given(st.text())
def test_html_reads_back_as_the_text_a_reader_must_see(text: str) -> None:
    escaped = escape_html(text)
    assert html.unescape(escaped) == show_hidden(text)
    assert not set("<>\"'{}`") & set(escaped)


@given(st.text(max_size=40))
def test_markdown_reads_back_as_one_line(text: str) -> None:
    escaped = escape_markdown(text)
    assert html.unescape(escaped) == " ".join(
        word for word in show_hidden(text).replace("\n", " ").split(" ") if word
    )
    assert not [c for c in escaped if c.isascii() and not (c.isalnum() or c in " &#;")]


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=20), min_size=1, max_size=8))
def test_typst_itself_reads_back_the_text(texts: list[str]) -> None:
    literals = ", ".join(map(escape_typst_string, texts))
    source = f"#metadata(({literals},)) <it>"
    answer = typst.query(source.encode(), "<it>", field="value", one=True)
    assert json.loads(answer) == [show_hidden(text) for text in texts]
