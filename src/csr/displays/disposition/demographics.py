"""Table of demographics and baseline characteristics."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, as_words, count_line, group_columns, group_levels
from csr.endpoints.disposition.demographics import (
    CHARACTERISTICS,
    DEMOGRAPHICS,
    NAME,
    Characteristic,
    characteristic_needs,
)
from csr.params import Params
from csr.results import LEVELS, Adam
from csr.rounding import decimals_of, fmt_count, fmt_interval, fmt_number

WORDS = {"F": "Female", "M": "Male", "U": "Unknown"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per characteristic: counts of its categories, or n, mean, SD, median and range."""
    found = Lookup.of(results, NAME)
    columns = group_columns(params, found, None, None)
    lines: list[Line] = []
    for item in CHARACTERISTICS:
        if found.value("n", None, item.variable, None) is None:
            continue
        lines.append(_heading(item, columns))
        lines.append(_size(item, found, params))
        if item.continuous:
            decimals = decimals_of(adam["adsl"][item.variable].tolist())
            lines += _moments(item, found, params, decimals)
        else:
            lines += _categories(item, results, found, params)
    return Table(columns, tuple(lines))


def _heading(item: Characteristic, columns: tuple[Column, ...]) -> Line:
    return Line((item.label, *[""] * (len(columns) - 1)), heading=True)


def _size(item: Characteristic, found: Lookup, params: Params) -> Line:
    cells = [fmt_count(found.value("n", g, item.variable, None)) for g in group_levels(params)]
    return Line(("n", *cells), indent=1)


def _categories(
    item: Characteristic, results: pd.DataFrame, found: Lookup, params: Params
) -> list[Line]:
    own = results[(results["analysis"] == NAME) & (results[LEVELS[1]] == item.variable)]
    levels = [v for v in own[LEVELS[2]].dropna().unique() if v]
    ordered = sorted(levels, key=_reading_order) if item.variable == "AGEGR1" else levels
    return [
        count_line(params, found, WORDS.get(v, as_words(v)), item.variable, v, indent=1)
        for v in ordered
    ]


def _reading_order(label: str) -> tuple[int, str]:
    """`<65`, `65-80`, `>80`: open-ended groups at their own end."""
    return ({"<": 0, "≤": 0, ">": 2, "≥": 2}.get(label[:1], 1), label)


def _moments(item: Characteristic, found: Lookup, params: Params, decimals: int) -> list[Line]:
    def cells(stat: str, extra: int) -> list[str]:
        return [
            fmt_number(found.value(stat, g, item.variable, None), decimals + extra)
            for g in group_levels(params)
        ]

    means = [f"{m} ({s})" for m, s in zip(cells("mean", 1), cells("sd", 2), strict=True)]
    pairs = []
    for low, high, extra in (("q1", "q3", 1), ("min", "max", 0)):
        pairs.append(
            [
                fmt_interval(
                    found.value(low, g, item.variable, None),
                    found.value(high, g, item.variable, None),
                    decimals + extra,
                ).strip("()")
                for g in group_levels(params)
            ]
        )
    return [
        Line(("Mean (SD)", *means), indent=1),
        Line(("Median", *cells("median", 1)), indent=1),
        Line(("Q1, Q3", *pairs[0]), indent=1),
        Line(("Min, max", *pairs[1]), indent=1),
    ]


DISPLAY = Display(
    name="demographics",
    kind="table",
    section="14.1",
    order=30,
    title="Demographics and baseline characteristics",
    population="safety",
    audience=frozenset({"open", "closed", "public"}),
    analyses=(DEMOGRAPHICS,),
    needs=characteristic_needs(c for c in CHARACTERISTICS if c.continuous),
    draw=draw,
    footnotes=("n: subjects with a value; percentages are of n. SD: standard deviation.",),
    source="Listing 16.2.4",
)
