"""Table: progression-free survival under each strategy for new therapy and missed visits."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.efficacy.strategies import NAME, PFS_STRATEGIES, PRIMARY, STRATEGIES
from csr.endpoints.efficacy.time_to_event import QUANTILE_NOTE
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_interval, fmt_n_percent, fmt_number, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per strategy: subjects with event, and the median."""
    found = Lookup.of(results, NAME)
    columns = group_columns(params, found, PRIMARY)
    strategy = params.endpoints.pfs.strategy if params.endpoints.pfs else ""
    labels = {PRIMARY: f"Primary analysis ({strategy.replace('-', ' ')})", **STRATEGIES}
    lines: list[Line] = []
    for name, label in labels.items():
        if name in found.levels_at(1):
            lines += [heading_line(label, columns), *_block(found, params, name)]
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _block(found: Lookup, params: Params, name: str) -> list[Line]:
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    groups = group_levels(params)
    decimals = params.conventions.percent_decimals
    events = [
        fmt_n_percent(found.value("events", g, name), found.value("events_pct", g, name), decimals)
        for g in groups
    ]
    medians = [_median(found, g, name) for g in groups]
    return [
        Line(("Events, n (%)", *events), indent=1),
        Line((f"Median, months ({level}% CI)", *medians), indent=1),
    ]


def _median(found: Lookup, group: str | None, name: str) -> str:
    low, high = (found.value(f"median_{limit}", group, name) for limit in ("lcl", "ucl"))
    return f"{fmt_number(found.value('median', group, name), 1)} {fmt_interval(low, high, 1)}"


DISPLAY = Display(
    name="pfs-strategies",
    kind="table",
    section="14.2",
    order=32,
    title="Progression-free survival by strategy for intercurrent events",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(PFS_STRATEGIES,),
    datasets=("adsl", "adtte"),
    draw=draw,
    footnotes=(
        "Strategies as of ICH E9(R1). Unless said otherwise, an event after two or more missed "
        "visits is censored at the last adequate assessment before the gap.",
        QUANTILE_NOTE,
        "NE: not estimable. CI: confidence interval.",
    ),
    source="Listing 16.2.6",
)
