"""Table: overview of treatment-emergent adverse events."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import PORTRAIT_COLUMNS, Lookup, group_columns, group_levels
from csr.endpoints.adverse_events.adverse_events import AE_OVERVIEW, OVERVIEW
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count, fmt_n_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per category: subjects (%) and number of events."""
    found = Lookup.of(results, AE_OVERVIEW.name)
    lines = [
        Line((category.name, *_cells(category.name, found, params)))
        for category in OVERVIEW
        if found.value("n", None, category.name) is not None
    ]
    columns = group_columns(params, found, "Any TEAE")
    return noted(
        Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS), adam, params
    )


def _cells(name: str, found: Lookup, params: Params) -> list[str]:
    cells = []
    for group in group_levels(params):
        n = found.value("n", group, name)
        share = found.value("pct", group, name)
        events = fmt_count(found.value("events", group, name))
        counted = fmt_n_percent(n, share, params.conventions.percent_decimals)
        cells.append(counted if found.reason("n", group, name) else f"{counted} [{events}]")
    return cells


DISPLAY = Display(
    name="ae-overview",
    kind="table",
    section="14.3.1",
    order=10,
    title="Overview of treatment-emergent adverse events",
    population="safety",
    audience=frozenset({"open", "closed", "public"}),
    analyses=(AE_OVERVIEW,),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "Subjects (%) [number of events]. TEAE: treatment-emergent adverse event.",
        "NE: can't be told, because the variable is absent or blank in every record.",
    ),
    source="Listing 16.2.7",
)
