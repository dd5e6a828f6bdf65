"""A display as Typst: native tables whose header rows repeat on every page.

Every text of the display goes in as a string literal; the drawing itself is done by the functions
of `reports/typst-template.typ` (`csr-display`, `csr-table`, `csr-figure` …).
"""

from __future__ import annotations

import re
import unicodedata
from textwrap import shorten

from csr.displays.model import Column, Figure, Line, Listing, Pages, Placed
from csr.render.escape import escape_typst_string
from csr.render.html import NO_OBSERVATIONS, spanners
from csr.render.typst_pages import write_pages

# Text width of the page and type size, in points: those of reports/typst-template.typ.
PORTRAIT, LANDSCAPE = 487.0, 734.0
TABLE_SIZE, LISTING_SIZE = 8.5, 7.5
# A row of more lines than this may break across pages; a shorter one stays whole.
WHOLE_ROW = 20
# The title repeated at the top of the pages that follow the first is cut to one line.
RUNNING = 100
_WORD = re.compile(r"[^\s/-]+")


def write_typst(placed: Placed) -> str:
    """The display under its heading: population, drawing, footnotes and footer line, as Typst.

    Header rows (spanners and labels) repeat on every page, heading lines stay with the line below
    them, a word too long for its column is broken anywhere, and a row that is not very long stays
    whole. A table or listing without lines says "No observations".
    """
    running = shorten(f"{placed.heading} {placed.title}", RUNNING, placeholder=" …")
    notes = "".join(f"{escape_typst_string(note)}, " for note in placed.footnotes)
    return (
        "#csr-display(\n"
        f"  running: {escape_typst_string(running)},\n"
        f"  population: {escape_typst_string(placed.population)},\n"
        f"  footnotes: ({notes}),\n"
        f"  footer: {escape_typst_string(placed.footer)},\n"
        f"{_drawing(placed)}\n)"
    )


def is_landscape(placed: Placed) -> bool:
    """Whether the display stands on landscape pages: listings always do."""
    return isinstance(placed.drawing, Listing) or placed.drawing.landscape


def _drawing(placed: Placed) -> str:
    drawing = placed.drawing
    if isinstance(drawing, Figure):
        path = escape_typst_string(f"/displays/{placed.display.name}.svg")
        return f"  csr-figure({path}, alt: {escape_typst_string(drawing.alt)}),"
    if isinstance(drawing, Listing):
        return _listing(drawing, LANDSCAPE)
    if isinstance(drawing, Pages):
        return write_pages(drawing, placed.display.name, NO_OBSERVATIONS, _subject_listing)
    width = LANDSCAPE if drawing.landscape else PORTRAIT
    room = _room(drawing.columns, width, TABLE_SIZE)
    headings = [line.heading for line in drawing.lines]
    rows = [
        _line(line, room, keep=line.heading and not then)
        for line, then in zip(drawing.lines, [*headings[1:], True], strict=False)
    ]
    return _table("table", drawing.columns, rows)


def _listing(listing: Listing, width: float) -> str:
    room = _room(listing.columns, width, LISTING_SIZE)
    return _table("listing", listing.columns, [_listing_row(line, room) for line in listing.lines])


def _subject_listing(listing: Listing) -> str:
    return _listing(listing, PORTRAIT)


def _room(columns: tuple[Column, ...], width: float, size: float) -> list[float]:
    """How many ems of text fit on a line of each column."""
    total = sum(column.width for column in columns)
    return [(width * column.width / total - 8) / size for column in columns]


def _table(style: str, columns: tuple[Column, ...], rows: list[str]) -> str:
    widths = "".join(f"{column.width:g}fr, " for column in columns)
    aligns = "".join(f"{column.align}, " for column in columns)
    body = rows or [f"csr-nothing({len(columns)}, {escape_typst_string(NO_OBSERVATIONS)})"]
    return (
        f"  csr-{style}(columns: ({widths}), align: ({aligns}),\n"
        f"{_header(columns)},\n" + ",\n".join(body) + "\n),"
    )


def _header(columns: tuple[Column, ...]) -> str:
    runs = spanners(columns)
    if not any(name for name, _ in runs):
        return f"table.header(csr-rule, {', '.join(map(_label, columns))}, csr-rule)"
    upper = [
        f"csr-spanner({len(span)}, {escape_typst_string(name)})"
        if name
        else _label(columns[span.start], "csr-beside-spanner")
        for name, span in runs
    ]
    lower = [_label(columns[i]) for name, span in runs if name for i in span]
    return f"table.header(csr-rule, {', '.join(upper)},\n{', '.join(lower)}, csr-rule)"


def _label(column: Column, drawn_by: str = "csr-label") -> str:
    return f"{drawn_by}({column.align}, {escape_typst_string(column.label)})"


def _line(line: Line, room: list[float], keep: bool) -> str:
    """A heading is kept with the line below it as a header of its own; Typst 0.15 panics where two
    such headers follow each other or one ends a table, so those are plain bold rows."""
    first, *others = [_cell(text, ems) for text, ems in zip(line.cells, room, strict=True)]
    if line.indent:
        first = f"csr-indent({line.indent}, {first})"
    whole = not _is_long(line.cells, room)
    if keep and whole:
        return f"csr-heading({line.indent + 2}, {', '.join([first, *others])})"
    cells = [f"strong({cell})" for cell in (first, *others)] if line.heading else [first, *others]
    return _row(cells, whole)


def _listing_row(line: tuple[str, ...], room: list[float]) -> str:
    cells = [_cell(text, ems) for text, ems in zip(line, room, strict=True)]
    return _row(cells, not _is_long(line, room))


def _row(cells: list[str], whole: bool) -> str:
    """One unbreakable cell makes its row unbreakable, so a long row has none."""
    return ", ".join(cells if whole else (f"csr-long-cell({cell})" for cell in cells))


def _is_long(texts: tuple[str, ...], room: list[float]) -> bool:
    return any(
        len(text) > ems and _ems(text) / ems + text.count("\n") > WHOLE_ROW
        for text, ems in zip(texts, room, strict=True)
    )


def _cell(text: str, room: float) -> str:
    """A cell: a plain literal wherever that fits, since a listing has tens of thousands."""
    literal = escape_typst_string(text)
    if len(text) <= room or max(map(_ems, _WORD.findall(text)), default=0) <= room:
        return literal
    return f"csr-broken(longest: {int(room)}, {literal})"


def _ems(word: str) -> float:
    """The width of a word in ems, rather too wide than too narrow."""
    return sum(_em(character) for character in word)


def _em(character: str) -> float:
    if character.isascii() and not character.isupper():
        return 0.55
    return 1.0 if unicodedata.east_asian_width(character) in "WF" else 0.75
