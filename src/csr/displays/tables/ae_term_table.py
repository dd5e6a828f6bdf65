"""The table every selection of adverse events has: system organ classes with their terms."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Line, Table
from csr.displays.tables.layout import (
    Level,
    Lookup,
    as_words,
    count_cells,
    count_line,
    group_columns,
)
from csr.endpoints.adverse_events.adverse_events import ANY, MISSING_GRADE, SEVERITY_LEVELS
from csr.params import Params

FIRST = "System organ class\n  Preferred term"
NOT_TOLD = "NE: can't be told, because the variable is absent or blank in every record."


def term_order(
    found: Lookup, params: Params, *before: Level, after: tuple[Level, ...] = ()
) -> list[tuple[str, list[str]]]:
    """Classes with their terms in the order of the convention; ties alphabetical.

    `before` and `after` are the levels of the groups around class and term. Terms that nobody of
    the total had there are left out.
    """
    terms: dict[str, dict[str, float]] = {}
    at = len(before) + 1
    for key, value in found.values.items():
        if key[-1] != "n" or key[0] is not None or key[1:at] != before:
            continue
        soc, pt, rest = key[at], key[at + 1], key[at + 2 : -1]
        if soc is not None and pt is not None and ANY not in (soc, pt) and rest == after and value:
            terms.setdefault(soc, {})[pt] = value
    any_of = None if not after and (None, *before, None, None, "n") in found.values else ANY

    def in_class(soc: str) -> float:
        return found.value("n", None, *before, soc, any_of, *after) or 0

    if params.conventions.soc_order == "alphabetical":
        return [(soc, sorted(terms[soc])) for soc in sorted(terms)]
    ordered = sorted(terms, key=lambda soc: (-in_class(soc), soc))
    return [(soc, sorted(terms[soc], key=lambda t: (-terms[soc][t], t))) for soc in ordered]


def draw_terms(results: pd.DataFrame, params: Params, analysis: str, any_label: str) -> Table:
    """Any event, then each class with its terms: subjects (%)."""
    found = Lookup.of(results, analysis)
    columns = group_columns(params, found, None, None, first=FIRST)
    if not found.value("n", None, None, None):
        return Table(columns, ())
    return Table(columns, term_lines(found, params, any_label))


def term_lines(found: Lookup, params: Params, any_label: str, *before: Level) -> tuple[Line, ...]:
    """The lines of one block: any event, then each class, bold, with its terms."""
    lines = [count_line(params, found, any_label, *before, None, None)]
    for soc, terms in term_order(found, params, *before):
        counts = count_line(params, found, soc, *before, soc, None)
        lines.append(Line(counts.cells, heading=True))
        lines += [count_line(params, found, pt, *before, soc, pt, indent=1) for pt in terms]
    return tuple(lines)


def grade_columns(columns: tuple[Column, ...], params: Params) -> tuple[Column, ...]:
    """The columns with one for the grade after the label."""
    grade = "Grade" if params.conventions.severity == "AETOXGR" else "Severity"
    return (columns[0], Column(grade, width=0.7), *columns[1:])


def grade_lines(
    found: Lookup, params: Params, label: str, *where: Level, indent: int = 0
) -> list[Line]:
    """A line for each grade at which a subject stands; the label on the first."""
    seen = [
        grade
        for grade in SEVERITY_LEVELS[params.conventions.severity]
        if found.value("n", None, *where, grade)
    ]
    return [
        Line(
            (
                label if i == 0 else "",
                as_words(grade) if grade != MISSING_GRADE else MISSING_GRADE,
                *count_cells(params, found, *where, grade),
            ),
            indent=indent,
            heading=where[-1] == ANY and i == 0,
        )
        for i, grade in enumerate(seen)
    ]
