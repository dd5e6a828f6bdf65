"""Table: first adverse events per 100 person-years."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.ae_term_table import FIRST
from csr.displays.tables.layout import Level, Lookup, group_columns, group_levels
from csr.endpoints.adverse_events.adverse_events import ANY
from csr.endpoints.adverse_events.ae_rates import AE_EXPOSURE_ADJUSTED, UNDATED
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_number

WHOLE_FROM = 1000.0  # upper limit from which a rate and its interval have no decimals
NO_BREAK = "\N{NO-BREAK SPACE}"


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Any event, then each class with its common terms: events, person-years, rate, interval."""
    found = Lookup.of(results, AE_EXPOSURE_ADJUSTED.name)
    columns = group_columns(params, found, ANY, ANY, first=FIRST)
    lines = [_line(found, params, "Any TEAE", ANY, ANY)]
    pairs = {key[1:3] for key in found.values if key[0] is None and key[-1] == "events"}

    def by_events(pair: tuple[Level, ...]) -> tuple[float, tuple[str, ...]]:
        return -(found.value("events", None, *pair) or 0), tuple(str(p) for p in pair)

    for soc, _ in sorted((p for p in pairs if p[1] == ANY and p[0] != ANY), key=by_events):
        lines.append(_line(found, params, str(soc), soc, ANY, heading=True))
        own = [p for p in pairs if p[0] == soc and p[1] != ANY and _is_common(found, params, *p)]
        lines += [
            _line(found, params, str(pt), soc, pt, indent=1) for _, pt in sorted(own, key=by_events)
        ]
    return Table(columns, tuple(lines), landscape=True, notes=_notes(found))


def _notes(found: Lookup) -> tuple[str, ...]:
    """What is not in the rates, where anything is not."""
    notes = []
    if n := found.value("undated", None, ANY, UNDATED):
        notes.append(f"{fmt_count(n)} event(s) without a start date are in none of the rates.")
    if why := found.reason("years", None, ANY, ANY):
        notes.append(f"NE: not estimable; {why}.")
    return tuple(notes)


def _is_common(found: Lookup, params: Params, soc: Level, pt: Level) -> bool:
    least = params.conventions.common_percent
    for group in group_levels(params):
        n, size = (found.value(stat, group, soc, pt) or 0 for stat in ("events", "N"))
        if size and 100 * n / size >= least:
            return True
    return False


def _line(
    found: Lookup,
    params: Params,
    label: str,
    soc: Level,
    pt: Level,
    indent: int = 0,
    heading: bool = False,
) -> Line:
    cells = []
    for group in group_levels(params):
        n, years, rate, low, high = (
            found.value(stat, group, soc, pt)
            for stat in ("events", "years", "rate", "rate_lcl", "rate_ucl")
        )
        pair = f"{fmt_count(n)} / {fmt_number(years, 2)}"
        decimals = 0 if high is not None and high >= WHOLE_FROM else 1
        limits = fmt_interval(low, high, decimals).replace(" ", NO_BREAK)
        cells.append(f"{pair}\n{fmt_number(rate, decimals)}\n{limits}")
    return Line((label, *cells), indent=indent, heading=heading)


DISPLAY = Display(
    name="ae-exposure-adjusted",
    kind="table",
    section="14.3.1",
    order=80,
    title="Treatment-emergent adverse events adjusted for exposure",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(AE_EXPOSURE_ADJUSTED,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Subjects with a first event / person-years at risk; rate per 100 person-years with its "
        "exact Poisson interval. At risk: from the start of treatment emergence to the first "
        "event, "
        "else to death or the last day known, not beyond the data cut-off or the window of "
        "collection.",
        "Where the upper limit is 1,000 or more, rates are rounded to whole numbers.",
        "Terms are those that reach the share of conventions.common_percent in any column.",
    ),
    source="Listing 16.2.7",
)
