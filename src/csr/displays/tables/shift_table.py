"""The table of a shift: a block per term, baseline down, the worst category across, pooled."""

from __future__ import annotations

from collections.abc import Sequence

from csr.displays.model import Column, Line, Table
from csr.displays.tables.layout import Lookup, heading_line
from csr.endpoints.laboratory.shift import MISSING
from csr.params import Params
from csr.rounding import fmt_n_percent


def draw_shift(
    found: Lookup, params: Params, order: Sequence[str], words: str, labels: dict[str, str]
) -> Table:
    """Subjects of all groups, n (%) of the analysis set; the columns are the worst after it."""
    levels = (*order, MISSING)
    columns = (
        Column(f"{words} at baseline", "left", 2.2),
        *(
            Column(labels.get(level, level), spanner=f"Worst {words.lower()} after it")
            for level in levels
        ),
    )
    lines: list[Line] = []
    for term in sorted(found.levels_at(1)):
        own = [_line(found, params, term, base, levels, labels) for base in levels]
        shown = [line for line in own if any(cell != "0" for cell in line.cells[1:])]
        lines += [heading_line(term, columns), *shown]
    return Table(columns, tuple(lines), landscape=len(columns) > 6)


def _line(
    found: Lookup,
    params: Params,
    term: str,
    base: str,
    levels: Sequence[str],
    labels: dict[str, str],
) -> Line:
    decimals = params.conventions.percent_decimals
    cells = (
        fmt_n_percent(
            found.value("n", None, term, base, worst) or 0,
            found.value("pct", None, term, base, worst),
            decimals,
        )
        for worst in levels
    )
    return Line((labels.get(base, base), *cells), indent=1)
