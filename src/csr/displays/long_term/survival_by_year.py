"""Table: survival, subjects at risk and deaths by year since the first infusion."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, as_words
from csr.endpoints.long_term.long_term import (
    DEATHS_BY_YEAR,
    SETS,
    SURVIVAL_BY_YEAR,
    later_than,
    years_of,
)
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per year, below it a line per cause of death seen in it; both sets side by side."""
    found = Lookup.of(results, SURVIVAL_BY_YEAR.name)
    died = Lookup.of(results, DEATHS_BY_YEAR.name)
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    columns = [Column("Year since first infusion", align="left", width=2.2)]
    for name in SETS:
        spanner = f"{params.population(name).label} (N={fmt_count(found.value('N', name, None))})"
        columns += [
            Column("At risk at\nits end", width=0.8, spanner=spanner),
            Column(f"Survival, %\n({level}% CI)", width=1.7, spanner=spanner),
            Column("Deaths\nin it", width=0.7, spanner=spanner),
        ]
    lines: list[Line] = []
    later = later_than(params)
    for year in [*(str(y) for y in years_of(params)), later]:
        after = year == later
        if after and not died.value("n", None, later, None):
            continue
        cells = [cell for name in SETS for cell in _cells(found, died, name, year, after, params)]
        lines.append(Line((year, *cells)))
        lines += _causes(died, year)
    return Table(tuple(columns), tuple(lines), landscape=True)


def _cells(
    found: Lookup, died: Lookup, name: str, year: str, after: bool, params: Params
) -> tuple[str, str, str]:
    deaths = fmt_count(died.value("n", name, year, None))
    if after:
        return "", "", deaths
    decimals = params.conventions.percent_decimals
    surv, low, high = (found.value(stat, name, year) for stat in ("surv", "lcl", "ucl"))
    said = fmt_percent(surv, decimals)
    if surv is not None and not pd.isna(surv):
        said = f"{said} {fmt_interval(low, high, decimals)}"
    else:
        said = "NE"
    return fmt_count(found.value("n_risk", name, year)), said, deaths


def _causes(died: Lookup, year: str) -> list[Line]:
    lines = []
    for cause in died.levels_at(2):
        counts = [died.value("n", name, year, cause) for name in SETS]
        if any(counts):
            cells = [cell for n in counts for cell in ("", "", fmt_count(n))]
            lines.append(Line((as_words(cause), *cells), indent=1))
    return lines


DISPLAY = Display(
    name="survival-by-year",
    kind="table",
    section="14.5",
    order=10,
    title="Survival by year since the first infusion",
    population="long-term",
    audience=frozenset({"closed"}),
    analyses=(SURVIVAL_BY_YEAR, DEATHS_BY_YEAR),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Kaplan-Meier, from the first infusion. Who entered long-term follow-up had lived until "
        "then: survival of that set is not survival of the treated, which stands beside it.",
        "At risk: followed at least to the end of the year. Deaths: after the end of the year "
        "before, up to and with its end, by cause below. CI: confidence interval. NE: not "
        "estimable (follow-up ends before).",
    ),
    source="ADTTE",
)
