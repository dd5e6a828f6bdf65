"""Table: objective response and disease control in subgroups."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, as_words, heading_line
from csr.endpoints.efficacy.response_subgroup_rates import NAME, RATES, SUBGROUP_RATES, sets_of
from csr.endpoints.efficacy.response_subgroups import ALL
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A column per set and rate, a line per level of each subgroup."""
    found = Lookup.of(results, NAME)
    sets = sets_of(params)
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    columns = (
        Column("", "left", 2.4),
        *(
            Column(f"{rate}, n/N: % ({level}% CI)", width=1.6, spanner=params.population(s).label)
            for s in sets
            for rate in RATES
        ),
    )
    lines: list[Line] = []
    for variable in found.levels_at(1):
        if variable != ALL:
            lines.append(heading_line(variable, columns))
        levels = dict.fromkeys(k[2] for k in found.values if k[1] == variable)
        for name in levels:
            cells = [_cell(found, params, (s, variable, name, r)) for s in sets for r in RATES]
            label = as_words(str(name))
            lines.append(Line((label, *cells), indent=int(variable != ALL)))
    return Table(columns, tuple(lines), landscape=True)


def _cell(found: Lookup, params: Params, levels: tuple[str | None, ...]) -> str:
    n, total = found.value("n", *levels), found.value("N", *levels)
    if not total:
        return "–"
    decimals = params.conventions.percent_decimals
    limits = fmt_interval(found.value("lcl", *levels), found.value("ucl", *levels), decimals)
    share = fmt_percent(found.value("pct", *levels), decimals)
    return f"{fmt_count(n)}/{fmt_count(total)}: {share} {limits}"


DISPLAY = Display(
    name="response-subgroup-rates",
    kind="table",
    section="14.2",
    order=16,
    title="Objective response and disease control in subgroups",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(SUBGROUP_RATES,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Confirmed best overall response. ORR: CR or PR; DCR: also SD (and NON-CR/NON-PD where the "
        "conventions say so). CI: confidence interval. Subgroups are exploratory.",
    ),
    source="Listing 16.2.6",
)
