"""A display of a page per subject as Typst."""

from __future__ import annotations

from collections.abc import Callable

from csr.displays.model import Listing, Page, Pages, Passage
from csr.render.escape import escape_typst_string


def write_pages(
    pages: Pages, name: str, nothing: str, write_listing: Callable[[Listing], str]
) -> str:
    """An argument of `csr-display`: the pages, each beginning on a new one, or `nothing`.

    Figures are `/displays/NAME-001.svg`.
    """
    if not pages.pages:
        return f"  align(center, {escape_typst_string(nothing)}),"
    parts = [
        _page(page, f"/displays/{name}-{i:03d}.svg", write_listing)
        for i, page in enumerate(pages.pages, 1)
    ]
    return "  [\n" + "\n#pagebreak(weak: true)\n".join(parts) + "\n  ],"


def _page(page: Page, path: str, write_listing: Callable[[Listing], str]) -> str:
    facts = "".join(f"({_text(k)}, {_text(v)}), " for k, v in page.facts)
    passages = "".join(_passage(passage) for passage in page.passages)
    parts = [f"#csr-subject({_text(page.title)}, ({facts}), ({passages}))"]
    if page.figure is not None:
        figure = f"csr-figure({_text(path)}, alt: {_text(page.figure.alt)})"
        parts.append(f"#block(above: 0.6em, {figure})")
    if page.listing is not None:
        parts.append(f"#{write_listing(page.listing).strip().removesuffix(',')}")
    return "\n".join(parts)


def _passage(passage: Passage) -> str:
    pairs = "".join(f"({_text(s.text)}, {_text(s.source)}), " for s in passage.sentences)
    return f"({_text(passage.heading)}, ({pairs})), "


def _text(text: str) -> str:
    return escape_typst_string(text)
