"""Text from data is never code (DESIGN seam 7): one function per language the reports are made of.

Every function first makes what can't be seen visible: a control character, a bidi override or a
private-use character comes out as ⟨U+202E⟩, so that nothing is lost or reordered silently.
Right-to-left text itself, its joiners and its marks pass through.
"""

from __future__ import annotations

import html
import re
from typing import Any

import pandas as pd

# C0 and C1 controls, bidi embeddings, overrides and isolates, zero-width characters a reader could
# not tell from nothing, lone surrogates, private use (PDF/A forbids it), noncharacters, tags.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\U000e0000-\U000e007f\U000f0000-\U0010ffff]"
)
_NEWLINE = re.compile("\r\n|[\r\x85\u2028\u2029]")
_HTML = re.compile("[&<>\"'{}`]")
_TYPST = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "{": "\\u{7b}", "}": "\\u{7d}"}
_TYPST_SPECIAL = re.compile('[\\\\"\n{}]')
# Every ASCII sign can mean something somewhere in Pandoc's Markdown or Quarto's shortcodes.
_MARKDOWN = re.compile(r"[!-/:-@\[-`{-~]")
_SPACE = re.compile(r"[ \t\n]+")
_FORMULA = re.compile(r"[=@\t\r]|[+-](?!\d+(\.\d+)?$)")
SHORTCODE = "{{<"


def show_hidden(text: str) -> str:
    """The text as a reader must see it: one kind of newline, and no invisible character.

    A tab becomes a space, any line or paragraph separator a newline, and every other character
    that can't be seen (NUL, U+202E, U+200B, U+E000 …) its number between ⟨ and ⟩.
    """
    plain = _NEWLINE.sub("\n", text).replace("\t", " ")
    return _HIDDEN.sub(lambda m: f"⟨U+{ord(m[0]):04X}⟩", plain)


def escape_csv(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with every text a spreadsheet would take for a formula behind an apostrophe.

    Text that begins with = + - @ or a tab, and is no number; values that are not text stay.
    """

    def harmless(value: Any) -> Any:
        return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value

    texts = frame.select_dtypes(object).columns
    return frame.assign(**{column: frame[column].map(harmless) for column in texts})


def escape_html(text: str) -> str:
    """Text for HTML, in an element or in a quoted attribute; newlines are kept as they are.

    Braces become entities as well: Quarto expands shortcodes inside raw HTML blocks.
    """
    return _HTML.sub(lambda m: f"&#{ord(m[0])};", show_hidden(text))


def escape_typst_string(text: str) -> str:
    """A Typst string literal with its quotes, on one line: `say "hi"` → `"say \\"hi\\""`.

    Braces become `\\u{7b}` and `\\u{7d}`: Quarto expands shortcodes inside raw Typst blocks.
    """
    body = _TYPST_SPECIAL.sub(lambda m: _TYPST[m[0]], show_hidden(text))
    return f'"{body}"'


def escape_markdown(text: str) -> str:
    """Text for a line of Markdown (a heading, a number in prose): it comes out literally.

    Every ASCII sign that is no letter, digit or space becomes a numeric entity, which neither
    Pandoc nor Quarto reads as markup, shortcode, citation or mathematics. Runs of spaces and
    newlines become one space; Markdown would join them anyway.
    """
    line = _SPACE.sub(" ", show_hidden(text)).strip(" ")
    return _MARKDOWN.sub(lambda m: f"&#{ord(m[0])};", line)


def decoded(text: str) -> str:
    """The text with its entities decoded, those made by decoding included."""
    while (plain := html.unescape(text)) != text:
        text = plain
    return text


def holds_shortcode(text: str) -> bool:
    """Whether the text opens a shortcode of Quarto, `{{<`, as it is or once decoded."""
    return SHORTCODE in decoded(text)


def break_shortcodes(text: str) -> str:
    """Text for a value that Quarto reads from YAML: the braces of `{{<` come apart, `{ {<`.

    Quarto decodes the entities of such a value and expands the shortcodes of what comes out
    (1.6 to 1.11), so escaping does not hold there, and `env` would print a variable of the
    machine. Text without one is unchanged.
    """
    if not holds_shortcode(text):
        return text
    return decoded(text).replace(SHORTCODE, "{ {<")
