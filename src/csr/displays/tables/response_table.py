"""The table of a best overall response: categories, objective response and disease control."""

from __future__ import annotations

from collections.abc import Callable

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
from csr.rounding import fmt_interval, fmt_number, fmt_p, fmt_percent

LABELS = {
    "CR": "Complete response (CR)",
    "PR": "Partial response (PR)",
    "SD": "Stable disease (SD)",
    "NON-CR/NON-PD": "Non-CR/non-PD",
    "PD": "Progressive disease (PD)",
    "NE": "Not evaluable (NE)",
}

COMPARED = (
    "Arms are compared with the reference without adjustment for their number. Odds ratio: limits "
    "by Woolf; NE where nobody or everybody of an arm has the response."
)


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
        if params.treatment.reference is not None:
            lines.append(heading_line("Comparison with the reference group", columns))
            lines += _comparison(found, params, "Objective response", name, ORR)
            lines += _comparison(found, params, "Disease control", name, DCR)
    notes = () if params.treatment.reference is None else (COMPARED,)
    wide = len(columns) > PORTRAIT_COLUMNS
    return Table(columns, tuple(lines), landscape=wide, notes=notes)


def _comparison(found: Lookup, params: Params, label: str, name: str, item: str) -> list[Line]:
    """Difference in percentage points with both intervals, odds ratio and Fisher's p of an arm."""
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    decimals = params.conventions.percent_decimals

    def cells(stat: str, said: Callable[[str], str]) -> list[str]:
        return [
            "Reference" if g == params.treatment.reference and stat == "difference"
            else "" if g is None or found.value(stat, g, name, item) is None
            else said(g)
            for g in group_levels(params)
        ]  # fmt: skip

    def number(stat: str, g: str, places: int) -> str:
        return fmt_number(found.value(stat, g, name, item), places)

    def limits(stat: str, g: str, places: int) -> str:
        low, high = (found.value(f"{stat}_{side}", g, name, item) for side in ("lcl", "ucl"))
        return fmt_interval(low, high, places)

    lines = (
        (
            f"{label}: difference, percentage points ({level}% CI, Newcombe)",
            "difference",
            lambda g: f"{number('difference', g, decimals)} {limits('difference', g, decimals)}",
        ),
        (f"{level}% CI, Wald", "wald_lcl", lambda g: limits("wald", g, decimals)),
        (f"Odds ratio ({level}% CI)", "or", lambda g: f"{number('or', g, 2)} {limits('or', g, 2)}"),
        (
            "Fisher's exact test, p",
            "fisher_p",
            lambda g: fmt_p(found.value("fisher_p", g, name, item)),
        ),
    )
    return [Line((text, *cells(stat, said)), indent=1) for text, stat, said in lines]


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
