"""Table: for each time-to-event endpoint, what the events were and why the others are censored."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import Lookup, count_line, group_columns, heading_line
from csr.endpoints.efficacy.time_to_event import (
    CENSORED,
    CENSORING_REASONS,
    EVENT,
    REASONS,
    with_reasons,
)
from csr.params import Params
from csr.params.time_to_event import TimeToEvent
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per endpoint: events by kind, censored by reason, the commonest first."""
    return draw_reasons(results, params, REASONS, with_reasons(params))


def draw_reasons(
    results: pd.DataFrame, params: Params, analysis: str, endpoints: tuple[TimeToEvent, ...]
) -> Table:
    """The blocks of some endpoints, those of which the analysis has records."""
    found = Lookup.of(results, analysis)
    shown = [e for e in endpoints if e.name in found.levels_at(1)]
    if not shown:
        return Table(group_columns(params, found), ())
    columns = group_columns(params, found, shown[0].name, None, None)
    lines: list[Line] = []
    for endpoint in shown:
        lines.append(heading_line(endpoint.label, columns))
        for status in (EVENT, CENSORED):
            if found.value("n", None, endpoint.name, status, None) is None:
                continue
            lines.append(count_line(params, found, status, endpoint.name, status, None, indent=1))
            for why in _reasons(found, endpoint.name, status):
                lines.append(count_line(params, found, why, endpoint.name, status, why, indent=2))
    return Table(columns, tuple(lines))


def _reasons(found: Lookup, endpoint: str, status: str) -> list[str]:
    whys = dict.fromkeys(
        key[3] for key in found.values if key[1:3] == (endpoint, status) and key[3] is not None
    )
    counts = {why: found.value("n", None, endpoint, status, why) or 0 for why in whys}
    return sorted((w for w in whys if w is not None), key=lambda w: (-counts[w], w))


SOURCE_NOTE = "Reasons as stated in ADTTE (EVNTDESC; where that is blank, CNSDTDSC)."
DISPLAY = Display(
    name="censoring-reasons",
    kind="table",
    section="14.2",
    order=70,
    title="Events and reasons for censoring",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(CENSORING_REASONS,),
    needs=Needs(),
    draw=draw,
    footnotes=(SOURCE_NOTE,),
    source="Listing 16.2.6",
)
