"""A display as HTML: tables through great-tables, listings through a plain writer that is fast.

Style is left to `reports/csr.css`: what great-tables adds for itself (a style sheet per table,
ids, inline styles) is taken off, so that a report of a hundred tables stays small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pandas as pd
from great_tables import GT, html

from csr.displays.model import Align, Column, Figure, Line, Listing, Pages, Placed, Table
from csr.render.escape import escape_html
from csr.render.html_pages import write_pages

NO_OBSERVATIONS = "No observations"
COMPACT = 32
LISTING_COLUMN_REM = 9
_GREAT_TABLES_OWN = re.compile(r' (?:headers|id|data-quarto-\w[\w-]*)="[^"]*"')
_CLASS = re.compile(r' class="([^"]*)"')
_KEPT_CLASSES = {
    "gt_left": "l",
    "gt_center": "c",
    "gt_right": "r",
    "gt_column_spanner_outer": "spanner",
}
_ALIGN_CLASS: dict[Align, str] = {"left": "l", "center": "c", "right": "r"}


def write_html(placed: Placed) -> str:
    """The display under its heading: population, drawing, footnotes and footer line, as HTML.

    Every text of the display is escaped exactly once; header cells carry their scope. A table or
    listing without lines says "No observations". Figures are images beside the reports folder,
    `../displays/NAME.svg`, which the renderer embeds.
    """
    name = escape_html(placed.display.name)
    parts = [
        f'<div class="csr-display csr-{placed.display.kind}">',
        f'<p class="csr-population">{_text(placed.population)}</p>' if placed.population else "",
        _drawing(placed, name),
        *(f'<p class="csr-footnote">{_text(note)}</p>' for note in placed.footnotes),
        f'<p class="csr-footer">{_text(placed.footer)}</p>' if placed.footer else "",
        "</div>",
    ]
    return "\n".join(part for part in parts if part)


def _drawing(placed: Placed, name: str) -> str:
    drawing = placed.drawing
    if isinstance(drawing, Figure):
        alt = escape_html(drawing.alt)
        return f'<figure><img src="../displays/{name}.svg" alt="{alt}"></figure>'
    if isinstance(drawing, Pages):
        return write_pages(drawing, name, NO_OBSERVATIONS, _listing)
    label = escape_html(f"{placed.heading} {placed.title}")
    table = _table(drawing, name) if isinstance(drawing, Table) else _listing(drawing, name)
    return f'<div class="csr-scroll" tabindex="0" role="region" aria-label="{label}">{table}</div>'


def _text(text: str) -> str:
    return escape_html(text).replace("\n", "<br>")


def _table(table: Table, name: str) -> str:
    keys = [f"c{i}" for i in range(len(table.columns))]
    cells = [[_text(cell) for cell in line.cells] for line in table.lines]
    drawn = GT(pd.DataFrame(cells, columns=keys, dtype=object), id=f"{name}-table")
    drawn = drawn.fmt_passthrough(escape=False)
    drawn = drawn.cols_label({k: html(_text(c.label)) for k, c in _pairs(keys, table.columns)})
    for key, column in _pairs(keys, table.columns):
        drawn = drawn.cols_align(column.align, [key])
    for number, (spanner, spanned) in enumerate(spanners(table.columns)):
        if spanner:
            inside = keys[spanned.start : spanned.stop]
            drawn = drawn.tab_spanner(html(_text(spanner)), inside, id=f"spanner{number}")
    return _trim(drawn.as_raw_html(), table, f"{name}-table")


def _pairs(keys: list[str], columns: tuple[Column, ...]) -> Iterator[tuple[str, Column]]:
    return zip(keys, columns, strict=True)


def spanners(columns: tuple[Column, ...]) -> list[tuple[str, range]]:
    """Runs of neighbouring columns with the same spanner; a column without one ("") is alone."""
    runs: list[tuple[str, range]] = []
    for index, column in enumerate(columns):
        if runs and column.spanner and runs[-1][0] == column.spanner:
            runs[-1] = (column.spanner, range(runs[-1][1].start, index + 1))
        else:
            runs.append((column.spanner, range(index, index + 1)))
    return runs


def _trim(page: str, table: Table, table_id: str) -> str:
    """The bare table of great-tables' page: scopes kept, its own ids and classes gone.

    Data can't be hit: its quotes and angle brackets are entities by now.
    """
    bare = page[page.index("<table") : page.index("</table>") + len("</table>")]
    bare = _CLASS.sub(_keep_class, _GREAT_TABLES_OWN.sub("", bare))
    bare = bare.replace(' rowspan="1"', "").replace(' colspan="1"', "")
    bare = "".join(line.strip() for line in bare.splitlines())
    start = f'<table id="{table_id}"{_compact(table)}'
    bare = bare.replace("<table", start, 1)
    head, body = bare.split("<tbody>", 1)
    return f"{head}<tbody>{_body_rows(body, table)}"


def _compact(table: Table) -> str:
    """Cells of numbers are kept on one line, cells of prose are not."""
    cells = (cell for line in table.lines for cell in line.cells[1:])
    return ' class="compact"' if max(map(len, cells), default=0) <= COMPACT else ""


def _keep_class(match: re.Match[str]) -> str:
    kept = [_KEPT_CLASSES[name] for name in match[1].split() if name in _KEPT_CLASSES]
    return f' class="{" ".join(kept)}"' if kept else ""


def _body_rows(body: str, table: Table) -> str:
    """Body rows with their line's indent and heading as classes, the first cell as row header."""
    if not table.lines:
        return f"{_no_observations(len(table.columns))}</tbody></table>"
    rows = body.split("<tr>")[1:]
    return "".join(_body_row(row, line) for row, line in zip(rows, table.lines, strict=True))


def _body_row(row: str, line: Line) -> str:
    classes = [f"i{min(line.indent, 5)}"] if line.indent else []
    classes += ["heading"] if line.heading else []
    start = f'<tr class="{" ".join(classes)}">' if classes else "<tr>"
    first = row.replace("<td", '<th scope="row"', 1).replace("</td>", "</th>", 1)
    return start + first


def _no_observations(columns: int) -> str:
    return f'<tr><td class="c" colspan="{columns}">{NO_OBSERVATIONS}</td></tr>'


def _listing(listing: Listing, name: str) -> str:
    total = sum(column.width for column in listing.columns)
    widths = [f'<col style="width:{100 * c.width / total:.2f}%">' for c in listing.columns]
    heads = [f'<th scope="col">{_text(c.label)}</th>' for c in listing.columns]
    starts = [
        "<td>" if c.align == "left" else f'<td class="{_ALIGN_CLASS[c.align]}">'
        for c in listing.columns
    ]
    rows = [_listing_row(starts, line) for line in listing.lines]
    least = LISTING_COLUMN_REM * len(listing.columns)
    return (
        f'<table id="{name}-table" style="min-width:{least}rem">'
        f"<colgroup>{''.join(widths)}</colgroup>"
        f"<thead><tr>{''.join(heads)}</tr></thead><tbody>"
        + ("\n".join(rows) or _no_observations(len(listing.columns)))
        + "</tbody></table>"
    )


def _listing_row(starts: list[str], line: tuple[str, ...]) -> str:
    cells = (f"{s}{_text(text)}</td>" for s, text in zip(starts, line, strict=True))
    return f"<tr>{''.join(cells)}</tr>"
