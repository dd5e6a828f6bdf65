"""What the tables of kinetics have in common: a line of summary statistics in columns."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from csr.displays.model import Column, Line
from csr.displays.tables.layout import Lookup, group_levels
from csr.params import Params
from csr.rounding import decimals_of, fmt_count, fmt_number

COLUMNS = (
    Column("", align="left", width=4.8),
    Column("n", width=0.6),
    Column("n>0", width=0.6),
    Column("Mean", width=1.15),
    Column("SD", width=1.15),
    Column("CV%", width=0.9),
    Column("Median", width=1.1),
    Column("Min", width=0.9),
    Column("Max", width=1.1),
    Column("Geometric\nmean", width=1.15),
    Column("Geometric\nCV%", width=1.1),
)
# Values that reach so much are printed with at the most so many decimals.
FEWER = ((100.0, 0), (10.0, 1))
MOST = 3


def heading(label: str, indent: int = 0) -> Line:
    """A line that names the block below it."""
    return Line((label, *[""] * (len(COLUMNS) - 1)), indent=indent, heading=True)


def decimals(values: Sequence[float]) -> int:
    """Decimals of the data, fewer for large values, which need no more digits."""
    known = [v for v in values if v == v]
    most = next((d for limit, d in FEWER if known and max(known) >= limit), MOST)
    return min(decimals_of(known), most)


def summary_line(
    found: Lookup, label: str, levels: tuple[str | None, ...], places: int, indent: int = 1
) -> Line:
    """n, n>0, mean, SD, CV%, median, range, geometric mean and CV%; blank what is not described."""

    def cell(stat: str, more: int) -> str:
        value = found.value(stat, *levels)
        return "" if value is None else fmt_number(value, more)

    return Line(
        (
            label,
            fmt_count(found.value("n", *levels)),
            cell("n_pos", 0),
            cell("mean", places + 1),
            cell("sd", places + 2),
            cell("cv", 1),
            cell("median", places + 1),
            cell("min", places),
            cell("max", places),
            cell("geomean", places + 1),
            cell("geocv", 1),
        ),
        indent=indent,
    )


def groups_shown(found: Lookup, params: Params, *levels: str) -> list[tuple[str | None, str]]:
    """The groups with a value at the levels, and the pooled one where there are several."""
    labels = [*(lv.label for lv in params.treatment.levels), params.treatment.total]
    named = list(zip(group_levels(params), labels, strict=True))
    own = [(g, label) for g, label in named[:-1] if found.value("n", g, *levels)]
    return [*own, named[-1]] if len(own) > 1 else own


def values_at(results: pd.DataFrame, analysis: str, column: str, level: str) -> list[float]:
    """The least and greatest values at a level, which decide how many decimals are printed."""
    own = results[(results["analysis"] == analysis) & results["stat"].isin(["min", "max"])]
    return own.loc[own[column] == level, "value"].tolist()
