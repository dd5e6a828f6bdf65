"""The Markdown of one display: its heading, and the display as raw HTML and as raw Typst."""

from __future__ import annotations

import re

from csr.displays.model import Placed
from csr.errors import RenderError
from csr.render.escape import escape_markdown
from csr.render.html import write_html
from csr.render.typst import is_landscape, write_typst

_NAME = re.compile(r"[a-z][a-z0-9-]*")


def write_fragment(placed: Placed) -> str:
    """One display as Markdown that Pandoc and Quarto read alike, to be included in a report.

    A level-3 heading with the display's name as its id (so links and bookmarks find it), then the
    display twice: a raw HTML block and a raw Typst block, of which each output takes its own. In
    the PDF it starts on a new page, landscape where it asks for it, and what follows does too.
    Raises RenderError where the display's name can't be an id and a file name.
    """
    name = placed.display.name
    if not _NAME.fullmatch(name):
        raise RenderError(
            f"display '{name}': a name is made of a-z, 0-9 and -, and starts with a letter; "
            "rename the display"
        )
    before, after = _page(placed)
    heading = escape_markdown(f"{placed.heading} {placed.title}")
    blocks = [
        _raw("typst", before),
        f"### {heading} {{#{name}}}",
        _raw("html", write_html(placed)),
        _raw("typst", f"{write_typst(placed)}\n{after}"),
    ]
    return "\n\n".join(blocks) + "\n\n"


def _page(placed: Placed) -> tuple[str, str]:
    """The heading is Markdown and must stand on the display's page: the page opens before it."""
    if is_landscape(placed):
        return "#page(flipped: true)[", "]"
    return "#pagebreak(weak: true)", "#pagebreak(weak: true)"


def _raw(language: str, text: str) -> str:
    return f"```{{={language}}}\n{text}\n```"
