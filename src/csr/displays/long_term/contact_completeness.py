"""Table: yearly contacts of long-term follow-up, due and kept."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.long_term.contacts import CONTACTS, DUE, STATUSES
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_n_percent

COLUMNS = (
    Column("Year", "left", 0.8),
    Column("Due"),
    *(Column(s.capitalize(), width=1.2, spanner="Of those due, n (%)") for s in DUE),
    *(Column(s.capitalize(), spanner="Not counted as due") for s in STATUSES if s not in DUE),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per year since the first infusion."""
    found = Lookup.of(results, CONTACTS.name)
    decimals = params.conventions.percent_decimals
    lines = []
    for year in found.levels_at(0):
        cells = [fmt_count(found.value("N", year, None))]
        for status in STATUSES:
            n = found.value("n", year, status)
            share = found.value("pct", year, status)
            shown = fmt_n_percent(n, share, decimals) if status in DUE else fmt_count(n)
            cells.append(shown)
        lines.append(Line((year, *cells)))
    return Table(COLUMNS, tuple(lines), landscape=True)


DISPLAY = Display(
    name="contact-completeness",
    kind="table",
    section="14.5",
    order=40,
    title="Completeness of yearly contacts",
    population="long-term",
    audience=frozenset({"open", "closed"}),
    analyses=(CONTACTS,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Kept: a contact within the window around the anniversary of the first infusion; late: "
        "after it, before the next window opens; overdue: none since the window opened; missed: "
        "none, but a later one. Ended: death or end of study before the window had passed.",
    ),
    source="ADLTF",
)
