"""The table of a group of special interest: kinds of events, then the terms."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Level,
    Lookup,
    as_words,
    count_line,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.adverse_events.ae_of_interest import ANY_EVENT, PERIOD, SEVERE, TRANSGENE
from csr.params import Params
from csr.rounding import NOT_ESTIMABLE, fmt_count, fmt_percent

HEADINGS = {PERIOD: "By period of onset", TRANSGENE: "By transgene in the malignant cells"}


def draw_group(results: pd.DataFrame, params: Params, analysis: str) -> Table:
    """Subjects by kind, by period or result of testing, and by preferred term."""
    found = Lookup.of(results, analysis)
    columns = group_columns(params, found, ANY_EVENT, None)
    kinds = found.levels_at(1)
    lines: list[Line] = []
    for kind in [k for k in kinds if not k.startswith(tuple(HEADINGS))]:
        indent = 0 if kind == ANY_EVENT else 1
        lines.append(count_line(params, found, kind, kind, None, indent=indent))
    for start, heading in HEADINGS.items():
        own = [k for k in kinds if k.startswith(start)]
        if own:
            lines.append(heading_line(heading, columns))
        for kind in own:
            words = as_words(kind.removeprefix(start))
            of_them = count_line if start != PERIOD else _of_period
            lines.append(of_them(params, found, words, kind, None, indent=1))
    lines += _terms(found, params, heading_line("By preferred term", columns))
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _of_period(params: Params, found: Lookup, label: str, *levels: Level, indent: int = 0) -> Line:
    """`n/N (%)` of each group: the subjects of a period are not those of the column."""
    cells = []
    for group in group_levels(params):
        n, size, share = (found.value(stat, group, *levels) for stat in ("n", "N", "pct"))
        said = fmt_percent(share, params.conventions.percent_decimals)
        part = f" ({said})" if n and size and said != NOT_ESTIMABLE else ""
        cells.append(f"{fmt_count(n)}/{fmt_count(size)}{part}")
    return Line((label, *cells), indent=indent)


def _terms(found: Lookup, params: Params, heading: Line) -> list[Line]:
    """Each term, the most frequent first, with its severe events below."""
    seen = found.levels_at(2)
    ordered = sorted(seen, key=lambda t: (-(found.value("n", None, ANY_EVENT, t) or 0), t))
    lines = [heading] if ordered else []
    for term in ordered:
        lines.append(count_line(params, found, term, ANY_EVENT, term, indent=1))
        if found.value("n", None, SEVERE, term):
            lines.append(count_line(params, found, SEVERE, SEVERE, term, indent=2))
    return lines
