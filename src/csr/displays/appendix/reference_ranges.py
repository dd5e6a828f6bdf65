"""Table: the reference limits of the laboratory tests."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.params import Params
from csr.results import Adam, reads
from csr.rounding import decimals_of, fmt_count, fmt_number

COLUMNS = (
    Column("Test", "left", 2.6),
    Column("Lower limit"),
    Column("Upper limit"),
    Column("Results"),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per test and pair of limits that results came with, in the unit of the analysis."""
    own = adam["adlb"]
    if "ANL01FL" in own:
        own = own[own["ANL01FL"] == "Y"]
    pairs = own.groupby(["PARAM", "ANRLO", "ANRHI"], dropna=False, sort=True).size()
    lines = [
        Line((str(test), _limit(low), _limit(high), fmt_count(n)))
        for (test, low, high), n in pairs.items()
        if not (pd.isna(low) and pd.isna(high))
    ]
    return Table(COLUMNS, tuple(lines))


def _limit(value: float) -> str:
    return "" if pd.isna(value) else fmt_number(value, decimals_of([round(value, 3)]))


DISPLAY = Display(
    name="reference-ranges",
    kind="table",
    section="16.1",
    order=60,
    title="Reference limits of the laboratory tests",
    population="",
    audience=frozenset({"open", "closed"}),
    needs=reads(
        "adlb",
        "PARAM",
        "ANRLO",
        "ANRHI",
        ANL01FL="limits of results that are not analysed are there too",
    ),
    draw=draw,
    footnotes=("Limits as transferred with the results, in the unit of the analysis.",),
    source="ADLB",
)
