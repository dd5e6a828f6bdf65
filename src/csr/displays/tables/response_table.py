"""The table of a best overall response: categories, objective response and disease control."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    count_line,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.efficacy.response import CATEGORIES, DCR, ORR, SETS
from csr.params import Params
from csr.rounding import fmt_interval, fmt_percent

LABELS = {
    "CR": "Complete response (CR)",
    "PR": "Partial response (PR)",
    "SD": "Stable disease (SD)",
    "NON-CR/NON-PD": "Non-CR/non-PD",
    "PD": "Progressive disease (PD)",
    "NE": "Not evaluable (NE)",
}


def draw_response_table(
    results: pd.DataFrame, params: Params, analysis: str, heading: str
) -> Table:
    """A block per analysis set: the categories, then the two rates with their intervals."""
    found = Lookup.of(results, analysis)
    sets = [s for s in SETS if found.value("N", None, s, ORR) is not None]
    columns = group_columns(params, found, sets[-1], ORR)
    lines: list[Line] = []
    for name in sets:
        if len(sets) > 1:
            sizes = [f"N={found.value('N', g, name, ORR):.0f}" for g in group_levels(params)]
            lines.append(Line((params.population(name).label, *sizes), heading=True))
        lines.append(heading_line(heading, columns))
        lines += [
            count_line(params, found, LABELS.get(c, c), name, c, indent=1) for c in CATEGORIES
        ]
        lines += _rate(found, params, "Objective response rate (CR + PR)", name, ORR)
        lines += _rate(found, params, "Disease control rate", name, DCR)
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _rate(found: Lookup, params: Params, label: str, name: str, item: str) -> list[Line]:
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    intervals = [
        fmt_interval(
            found.value("lcl", g, name, item),
            found.value("ucl", g, name, item),
            params.conventions.percent_decimals,
        )
        for g in group_levels(params)
    ]
    return [
        count_line(params, found, label, name, item),
        Line((f"{level}% CI", *intervals), indent=1),
    ]
