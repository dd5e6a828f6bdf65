"""A display of a page per subject as HTML."""

from __future__ import annotations

from collections.abc import Callable

from csr.displays.model import Listing, Page, Pages, Passage
from csr.render.escape import escape_html

Lister = Callable[[Listing, str], str]


def write_pages(pages: Pages, name: str, nothing: str, write_listing: Lister) -> str:
    """The pages one after the other, each a section with its own heading; `nothing` without any.

    Figures are images beside the reports folder, `../displays/NAME-001.svg`.
    """
    if not pages.pages:
        return f'<p class="csr-nothing">{escape_html(nothing)}</p>'
    parts = [_page(page, f"{name}-{i:03d}", write_listing) for i, page in enumerate(pages.pages, 1)]
    return "\n".join(parts)


def _page(page: Page, name: str, write_listing: Lister) -> str:
    parts = [
        f'<section class="csr-page" id="{name}" aria-labelledby="{name}-title">',
        f'<h4 id="{name}-title">{escape_html(page.title)}</h4>',
        _facts(page),
        *(_passage(passage) for passage in page.passages),
    ]
    if page.figure is not None:
        alt = escape_html(page.figure.alt)
        parts.append(f'<figure><img src="../displays/{name}.svg" alt="{alt}"></figure>')
    if page.listing is not None:
        label = f'aria-label="{escape_html(page.title)}"'
        scroll = (
            f'<div class="csr-scroll csr-listing" tabindex="0" role="region" aria-label="{label}">'
        )
        parts.append(f"{scroll}{write_listing(page.listing, name)}</div>")
    return "\n".join([*(part for part in parts if part), "</section>"])


def _facts(page: Page) -> str:
    lines = [f"<dt>{escape_html(k)}</dt><dd>{escape_html(v)}</dd>" for k, v in page.facts]
    return f"<dl>{''.join(lines)}</dl>" if lines else ""


def _passage(passage: Passage) -> str:
    texts = [
        escape_html(s.text)
        + (f' <span class="csr-source">[{escape_html(s.source)}]</span>' if s.source else "")
        for s in passage.sentences
    ]
    return f"<h5>{escape_html(passage.heading)}</h5>\n<p>{' '.join(texts)}</p>"
