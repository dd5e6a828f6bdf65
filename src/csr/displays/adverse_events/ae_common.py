"""Table: common adverse events by preferred term, at any grade and severe."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import Level, Lookup, group_columns, group_levels
from csr.endpoints.adverse_events.ae_by_term import AE_BY_SOC_PT
from csr.endpoints.adverse_events.ae_common import AE_COMMON, ANY_GRADE, SEVERE
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_n_percent


def common_terms(found: Lookup, params: Params) -> list[str]:
    """The terms that reach the share of params in any group or in total, the commonest first."""
    least = params.conventions.common_percent
    reach = [
        term
        for term in found.levels_at(1)
        if any((found.value("pct", g, term, ANY_GRADE) or 0) >= least for g in group_levels(params))
    ]
    return sorted(reach, key=lambda t: (-(found.value("n", None, t, ANY_GRADE) or 0), t))


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per term; under each group a column for any grade and one for the severe."""
    found = Lookup.of(results, AE_COMMON.name)
    columns = group_columns(params, Lookup.of(results, AE_BY_SOC_PT.name), None, None)
    paired = [Column("Preferred term", align="left", width=3.0)]
    for column in columns[1:]:
        paired += [
            Column("Any", spanner=column.label),
            Column("≥ 3", spanner=column.label, width=0.9),
        ]
    lines = [
        Line((term, *(_cell(found, params, g, term, s) for g, s in _order(params))))
        for term in common_terms(found, params)
    ]
    return noted(Table(tuple(paired), tuple(lines), landscape=True), adam, params)


def _order(params: Params) -> list[tuple[Level, str]]:
    return [(group, severity) for group in group_levels(params) for severity in (ANY_GRADE, SEVERE)]


def _cell(found: Lookup, params: Params, group: Level, term: str, severity: str) -> str:
    n, share = (found.value(stat, group, term, severity) for stat in ("n", "pct"))
    return fmt_n_percent(n, share, params.conventions.percent_decimals)


DISPLAY = Display(
    name="ae-common",
    kind="table",
    section="14.3.1",
    order=55,
    title="Common treatment-emergent adverse events by preferred term",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(
        AE_BY_SOC_PT,
        AE_COMMON,
    ),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "Preferred terms of which the share of subjects in any column is at least that of the "
        "convention conventions.common_percent. ≥ 3: grade 3 or above, or severe.",
    ),
    source="Listing 16.2.7",
)
