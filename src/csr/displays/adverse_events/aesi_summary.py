"""Table: adverse events of special interest, their onset and duration."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import Lookup, count_line, group_columns, group_levels, heading_line
from csr.endpoints.adverse_events.adverse_events import MISSING_GRADE
from csr.endpoints.adverse_events.aesi import (
    AESI_SUMMARY,
    ANY_EVENT,
    DURATION,
    GRADE,
    ONGOING,
    ONSET,
    categories,
)
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count, fmt_number


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per group of params; a group nobody had is one line."""
    found = Lookup.of(results, AESI_SUMMARY.name)
    groups = [name for name in params.aesi if name in found.levels_at(1)]
    columns = group_columns(params, found, groups[0], ANY_EVENT)
    lines: list[Line] = []
    for name in groups:
        if found.value("n", None, name, ANY_EVENT):
            lines += _block(found, params, name, columns)
        else:
            lines.append(Line(count_line(params, found, name, name, ANY_EVENT).cells, heading=True))
    return noted(Table(columns, tuple(lines)), adam, params)


def _block(found: Lookup, params: Params, name: str, columns: tuple[Column, ...]) -> list[Line]:
    lines = [heading_line(name, columns)]
    for category in categories(params):
        n = found.value("n", None, name, category)
        if n is None or (category.startswith(GRADE) and not n):
            continue
        label = "Grade missing" if category == GRADE + MISSING_GRADE else category
        lines.append(count_line(params, found, label, name, category, indent=1))
    lines.append(_days(found, params, name, ONSET, "Onset, median day (range)"))
    lines.append(_days(found, params, name, DURATION, "Duration of episodes, median days (range)"))
    ongoing = [fmt_count(found.value("events", g, name, ONGOING)) for g in group_levels(params)]
    lines.append(Line(("Episodes not ended", *ongoing), indent=1))
    return lines


def _days(found: Lookup, params: Params, name: str, category: str, label: str) -> Line:
    cells = []
    for group in group_levels(params):
        if not found.value("events", group, name, category):
            cells.append("")
            continue
        median, low, high = (
            found.value(stat, group, name, category) for stat in ("median", "min", "max")
        )
        cells.append(f"{fmt_number(median, 1)} ({fmt_count(low)} to {fmt_count(high)})")
    return Line((label, *cells), indent=1)


DISPLAY = Display(
    name="aesi-summary",
    kind="table",
    section="14.3.1",
    order=90,
    title="Adverse events of special interest",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AESI_SUMMARY,),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "Groups as declared in params. Onset: first episode of a subject, in days from the latest "
        "infusion before it, whose day is 0. Duration: episodes that ended, first to last day. "
        "Contiguous records of a group are one episode.",
    ),
    source="Listing 16.2.7",
)
