"""Table: deaths, by time since the last study treatment and by cause."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import Lookup, as_words, count_line, group_columns, heading_line
from csr.endpoints.adverse_events.deaths import DEATHS, DIED, FATAL, RELATED, time_labels
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """All deaths, when, of what, and those of an adverse event."""
    found = Lookup.of(results, DEATHS.name)
    columns = group_columns(params, found, DIED, None)
    early, late, unknown = time_labels(params)
    lines: list[Line] = [count_line(params, found, DIED, DIED, None)]
    if found.value("n", None, early, None) is not None:
        lines += [
            count_line(params, found, label, label, None, indent=1) for label in (early, late)
        ]
    if found.value("n", None, unknown, None):
        lines.append(count_line(params, found, unknown, unknown, None, indent=1))
    causes = [c for c in found.levels_at(2) if c]
    if causes:
        lines.append(heading_line("Cause of death", columns))
    ordered = sorted(causes, key=lambda c: (-(found.value("n", None, "Cause", c) or 0), c))
    lines += [count_line(params, found, as_words(c), "Cause", c, indent=1) for c in ordered]
    told = [c for c in (FATAL, RELATED) if found.value("n", None, c, None) is not None]
    if told:
        lines.append(heading_line("Adverse event that led to death", columns))
    lines += [count_line(params, found, c, c, None, indent=1) for c in told]
    return Table(columns, tuple(lines))


DISPLAY = Display(
    name="deaths",
    kind="table",
    section="14.3.2",
    order=10,
    title="Deaths",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(DEATHS,),
    needs=Needs(),
    draw=draw,
    footnotes=("Days from the last infusion or dose of the study treatment to the day of death.",),
    source="Listing 14.3.2.1",
)
