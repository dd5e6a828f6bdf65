"""Table: treatment-emergent adverse events by class, term and maximum grade."""

from __future__ import annotations

import pandas as pd

from csr.displays.ae_by_soc_pt import term_order
from csr.displays.layout import Lookup, as_words, count_cells, group_columns
from csr.displays.model import Column, Display, Line, Table
from csr.endpoints.adverse_events import (
    AE_BY_SOC_PT,
    AE_BY_SOC_PT_GRADE,
    ANY,
    MISSING_GRADE,
    SEVERITY_LEVELS,
)
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Under each class and term, the grades that occurred, each subject at the maximum."""
    found = Lookup.of(results, AE_BY_SOC_PT_GRADE.name)
    totals = Lookup.of(results, AE_BY_SOC_PT.name)
    grade = "Grade" if params.conventions.severity == "AETOXGR" else "Severity"
    first = "System organ class\n  Preferred term"
    groups = group_columns(params, totals, None, None, first=first)
    columns = (groups[0], Column(grade, width=0.7), *groups[1:])
    ordered = term_order(totals, params)
    if not ordered:
        return Table(columns, ())
    lines = _block(found, params, "Any TEAE", ANY, ANY, 0)
    for soc, terms in ordered:
        lines += _block(found, params, soc, soc, ANY, 0)
        for pt in terms:
            lines += _block(found, params, pt, soc, pt, 1)
    return Table(columns, tuple(lines))


def _block(found: Lookup, params: Params, label: str, soc: str, pt: str, indent: int) -> list[Line]:
    seen = [
        grade
        for grade in SEVERITY_LEVELS[params.conventions.severity]
        if found.value("n", None, soc, pt, grade)
    ]
    heading = pt == ANY
    return [
        Line(
            (
                label if i == 0 else "",
                as_words(grade) if grade != MISSING_GRADE else MISSING_GRADE,
                *count_cells(params, found, soc, pt, grade),
            ),
            indent=indent,
            heading=heading and i == 0,
        )
        for i, grade in enumerate(seen)
    ]


DISPLAY = Display(
    name="ae-by-soc-pt-grade",
    kind="table",
    section="14.3.1",
    order=30,
    title=(
        "Treatment-emergent adverse events by system organ class, preferred term and maximum grade"
    ),
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_BY_SOC_PT, AE_BY_SOC_PT_GRADE),
    datasets=("adsl", "adae"),
    draw=draw,
    footnotes=(
        "A subject counts once in each class and once in each term, at the maximum grade or "
        "severity. Levels at which no subject stands are not shown.",
    ),
    source="Listing 16.2.7",
)
