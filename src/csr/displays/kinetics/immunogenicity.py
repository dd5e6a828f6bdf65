"""Table: anti-drug antibodies before and after the first infusion."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    count_line,
    group_columns,
    heading_line,
)
from csr.endpoints.kinetics.immunogenicity import CATEGORIES, IMMUNOGENICITY
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per antibody test."""
    found = Lookup.of(results, IMMUNOGENICITY.name)
    tests = found.levels_at(1)
    if not tests:
        return Table(group_columns(params, found), ())
    columns = group_columns(params, found, tests[0], CATEGORIES[0])
    lines: list[Line] = []
    for test in tests:
        lines.append(heading_line(test, columns))
        lines += [count_line(params, found, c, test, c, indent=1) for c in CATEGORIES]
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


DISPLAY = Display(
    name="immunogenicity",
    kind="table",
    section="14.4",
    order=150,
    title="Anti-drug antibodies",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(IMMUNOGENICITY,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "A subject without a result before the first infusion counts as not positive before.",
    ),
    source="ADIS",
)
