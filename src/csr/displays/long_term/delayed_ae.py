"""Table: delayed adverse events by category, per 100 person-years."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, group_columns, group_levels, heading_line
from csr.endpoints.long_term.contacts import POPULATION
from csr.endpoints.long_term.delayed_events import DELAYED, DELAYED_ENTERED, UNDATED
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_number


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per category: subjects with an event, person-years, rate with its interval."""
    found = Lookup.of(results, DELAYED.name)
    categories = [c for c in found.levels_at(1) if c != UNDATED]
    columns = group_columns(params, found, categories[0] if categories else None)
    lines = _blocks(found, categories, params, columns)
    entered = Lookup.of(results, DELAYED_ENTERED.name)
    if entered.values and categories:
        label = f"{params.population(POPULATION).label}, from its entry"
        sizes = (
            f"N={fmt_count(entered.value('N', g, categories[0]))}" for g in group_levels(params)
        )
        lines.append(Line((label, *sizes), heading=True))
        lines += _blocks(entered, categories, params, columns)
    return Table(columns, tuple(lines), landscape=True, notes=_notes(found))


def _blocks(
    found: Lookup, categories: list[str], params: Params, columns: tuple[Column, ...]
) -> list[Line]:
    groups = group_levels(params)
    lines: list[Line] = []
    for category in categories:
        lines.append(heading_line(category.capitalize(), columns))
        events = (fmt_count(found.value("events", g, category)) for g in groups)
        years = (fmt_number(found.value("years", g, category), 1) for g in groups)
        lines.append(Line(("Subjects with an event", *events), indent=1))
        lines.append(Line(("Person-years", *years), indent=1))
        rates = (_rate(found, g, category) for g in groups)
        lines.append(Line(("Rate per 100 person-years (CI)", *rates), indent=1))
    return lines


def _notes(found: Lookup) -> tuple[str, ...]:
    """What is not in the rates, where anything is not."""
    if n := found.value("undated", None, UNDATED):
        return (f"{fmt_count(n)} event(s) without a start date are in none of the rates.",)
    return ()


def _rate(found: Lookup, group: str | None, category: str) -> str:
    rate, low, high = (found.value(s, group, category) for s in ("rate", "rate_lcl", "rate_ucl"))
    if rate is None or pd.isna(rate):
        return "NE"
    return f"{fmt_number(rate, 1)} {fmt_interval(low, high, 1)}"


DISPLAY = Display(
    name="delayed-ae",
    kind="table",
    section="14.5",
    order=60,
    title="Delayed adverse events",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(DELAYED, DELAYED_ENTERED),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "First events of each category since the first infusion, of all treated; of the long-term "
        "set since its entry. Person-years to the first event, else to death or the last date "
        "known alive. Exact Poisson interval.",
    ),
    source="ADAE, ADSL",
)
