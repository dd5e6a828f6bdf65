"""The table of what is classified outside adverse events: history, medication, deviations."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Line, Table
from csr.displays.tables.layout import Lookup, as_words, count_line, group_columns
from csr.params import Params


def draw_classes(
    results: pd.DataFrame, params: Params, analysis: str, first: str, any_label: str
) -> Table:
    """Any record, then each class with its terms: subjects (%), the commonest first."""
    found = Lookup.of(results, analysis)
    columns = group_columns(params, found, None, None, first=first)
    if not found.value("n", None, None, None):
        return Table(columns, ())
    lines = [count_line(params, found, any_label, None, None)]
    for name in _by_count(found, found.levels_at(1)):
        counts = count_line(params, found, as_words(name), name, None)
        lines.append(Line(counts.cells, heading=True))
        terms = [t for t in found.levels_at(2) if found.value("n", None, name, t)]
        lines += [
            count_line(params, found, as_words(term), name, term, indent=1)
            for term in _by_count(found, terms, name)
        ]
    return Table(columns, tuple(lines))


def _by_count(found: Lookup, levels: list[str], *before: str) -> list[str]:
    after = () if before else (None,)
    return sorted(levels, key=lambda lv: (-(found.value("n", None, *before, lv, *after) or 0), lv))
