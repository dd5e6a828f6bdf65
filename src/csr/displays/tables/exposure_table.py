"""The table of exposure: who received what, how often and how much."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Line, Table
from csr.displays.tables.layout import (
    Level,
    Lookup,
    as_words,
    count_line,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.disposition.exposure import INFUSIONS, RECEIVED
from csr.params import Params
from csr.rounding import fmt_count, fmt_number

MILLION = 1e6
UNITS = {"CELLS": "10⁶ cells", "%": "%"}


def draw_exposure(results: pd.DataFrame, params: Params, analysis: str) -> Table:
    """Counts of subjects first, then a block of moments per measure."""
    found = Lookup.of(results, analysis)
    pairs = dict.fromkeys(key[1:3] for key in found.values)
    counted = [p for p in pairs if found.value("pct", None, *p) is not None]
    measured = [p for p in pairs if found.value("median", None, *p) is not None]
    first = counted[0] if counted else (None, None)
    columns = group_columns(params, found, *first)
    lines: list[Line] = []
    for part, measure in counted:
        lines.append(_counted(found, params, part, measure))
        own = [p for p in measured if part and p[0] == part]
        for pair in own:
            lines += _moments(found, params, pair, _unit(pair[1]), indent=2)
    for pair in [p for p in measured if p[0] not in {part for part, _ in counted}]:
        lines.append(heading_line(f"{pair[0]} ({_unit(pair[1])})", columns))
        lines += _moments(found, params, pair, "", indent=1)
    return Table(columns, tuple(lines), landscape=len(columns) > 5)


def _counted(found: Lookup, params: Params, part: Level, measure: Level) -> Line:
    words = str(measure)
    if words == RECEIVED:
        name = as_words(str(part).rsplit(": ", 1)[-1])
        words = name or "Received the study treatment"
    elif words.startswith(INFUSIONS):
        number = words.removeprefix(INFUSIONS)
        words = f"{number} infusion{'' if number == '1' else 's'}"
    heading = measure == RECEIVED and ": " not in str(part)
    line = count_line(params, found, words, part, measure)
    return Line(line.cells, indent=0 if heading else 1, heading=heading)


def _unit(measure: Level) -> str:
    return UNITS.get(str(measure), str(measure) or "unit not recorded")


def _moments(
    found: Lookup, params: Params, pair: tuple[Level, ...], unit: str, indent: int
) -> list[Line]:
    scale = MILLION if pair[1] == "CELLS" else 1.0
    after = f", {unit}" if unit else ""

    def at(stat: str, group: Level, decimals: int) -> str:
        value = found.value(stat, group, *pair)
        return fmt_number(None if value is None else value / scale, decimals)

    groups = group_levels(params)
    sizes = [found.value("n", g, *pair) for g in groups]
    means = [
        f"{at('mean', g, 1)} ({at('sd', g, 2)})" if n else ""
        for g, n in zip(groups, sizes, strict=True)
    ]
    ranges = [
        f"{at('median', g, 1)} ({at('min', g, 1)} to {at('max', g, 1)})" if n else ""
        for g, n in zip(groups, sizes, strict=True)
    ]
    return [
        *([] if unit else [Line(("n", *(fmt_count(n) for n in sizes)), indent=indent)]),
        Line(("Mean (SD)" + after, *means), indent=indent),
        Line(("Median (range)" + after, *ranges), indent=indent),
    ]
