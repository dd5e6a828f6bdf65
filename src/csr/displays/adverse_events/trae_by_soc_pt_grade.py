"""Table: related adverse events by window, class, term and maximum grade."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.ae_term_table import (
    FIRST,
    NOT_TOLD,
    grade_columns,
    grade_lines,
    term_order,
)
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import Lookup, count_cells, group_columns
from csr.endpoints.adverse_events.adverse_events import ANY
from csr.endpoints.adverse_events.ae_by_grade import ALL, TRAE_BY_SOC_PT_GRADE, windows
from csr.endpoints.adverse_events.trae_windows import TRAE_WINDOWS
from csr.params import Params
from csr.results import Adam

WEEKS = 7
YEAR = 365


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per window: any related event, at any grade and by grade, then classes and terms."""
    found = Lookup.of(results, TRAE_BY_SOC_PT_GRADE.name)
    told = found.value("N", None, ALL, ANY, ANY, None) is not None
    at = (ALL, ANY, ANY, None) if told else (None, None, None, None)
    columns = grade_columns(group_columns(params, found, *at, first=FIRST), params)
    if not told:
        cells = ("Any related TEAE", "Any", *count_cells(params, found, *at))
        return Table(columns, (Line(cells),))
    lines: list[Line] = []
    observed = Lookup.of(results, TRAE_WINDOWS.name)
    for window in windows(params):
        lines += _block(found, observed, params, window)
    return noted(Table(columns, tuple(lines)), adam, params)


def _block(found: Lookup, observed: Lookup, params: Params, window: str) -> list[Line]:
    any_grade = count_cells(params, found, window, ANY, ANY, None)
    words = said_window(window)
    lines = [Line((f"Any related TEAE {words}", "Any", *any_grade), heading=True)]
    if window != ALL:
        whole = count_cells(params, observed, window)
        lines.append(Line(("Window complete, or such an event", "", *whole), indent=1))
    lines += grade_lines(found, params, "By maximum grade", window, ANY, ANY, indent=1)
    for soc, terms in term_order(found, params, window, after=(None,)):
        lines += grade_lines(found, params, soc, window, soc, ANY)
        for pt in terms:
            lines += grade_lines(found, params, pt, window, soc, pt, indent=1)
    return lines


def said_window(window: str) -> str:
    """`through 26 weeks`, `through 12 months`, `at any time`."""
    if window == ALL:
        return "at any time"
    days = int(window)
    if days % YEAR == 0:
        return f"through {12 * days // YEAR} months"
    return f"through {days // WEEKS} weeks" if days % WEEKS == 0 else f"through day {days}"


DISPLAY = Display(
    name="trae-by-soc-pt-grade",
    kind="table",
    section="14.3.1",
    order=40,
    title=(
        "Related treatment-emergent adverse events by time since the first infusion, system organ "
        "class, preferred term and maximum grade"
    ),
    population="safety",
    audience=frozenset({"open", "closed", "public"}),
    analyses=(TRAE_BY_SOC_PT_GRADE, TRAE_WINDOWS),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "Related to the study treatment. A subject counts once in each line's class or term, at "
        "the maximum grade or severity. The last day of a window belongs to it; an event without a "
        "start date counts in every window.",
        "Window complete: observed for related events to its last day (death and the data cut-off "
        "end observation, new anticancer therapy does not). Percentages are of all treated.",
        NOT_TOLD,
    ),
    source="Listing 16.2.7",
)
