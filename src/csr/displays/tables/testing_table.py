"""Table of tests against their schedule: what was due, what was done, what was found."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Line, Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.long_term.contacts import DUE
from csr.endpoints.long_term.ltfu_testing import NOT_DUE
from csr.params import Params
from csr.rounding import fmt_count, fmt_n_percent


def draw_testing(results: pd.DataFrame, params: Params, name: str) -> Table:
    """A line per month since the first infusion, and one of any month."""
    found = Lookup.of(results, name)
    seen = found.levels_at(2)
    own = results[results["analysis"] == name]
    shown = [s for s in NOT_DUE if own.loc[own["level2"] == s, "value"].sum() > 0]
    columns = (
        Column("Month", "left", 0.9),
        Column("Due", width=0.6),
        *(Column(s.capitalize(), width=1.15, spanner="Of those due, n (%)") for s in DUE),
        *(Column(s.capitalize(), width=0.9, spanner="Not counted as due") for s in shown),
        *(Column(r, width=1.1, spanner="Result of those tested, n") for r in seen),
    )
    lines = []
    for month in found.levels_at(0):
        cells = [fmt_count(found.value("N", month, None, None))]
        for status in DUE:
            n, share = (found.value(stat, month, status, None) for stat in ("n", "pct"))
            cells.append(fmt_n_percent(n, share, params.conventions.percent_decimals))
        cells += [fmt_count(found.value("n", month, status, None)) for status in shown]
        cells += [fmt_count(found.value("n", month, None, result)) for result in seen]
        lines.append(Line((month, *cells)))
    if seen:
        blank = [""] * (1 + len(DUE) + len(shown))
        ever = (fmt_count(found.value("n", None, None, result)) for result in seen)
        lines.append(Line(("Any month", *blank, *ever)))
    return Table(columns, tuple(lines), landscape=True)
