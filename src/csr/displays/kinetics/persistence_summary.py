"""Table: persistence of the transgene at the landmarks."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.efficacy.time_to_event import QUANTILE_NOTE
from csr.endpoints.kinetics.kinetics_summary import rules_of
from csr.endpoints.kinetics.persistence import NAME, PERSISTENCE
from csr.endpoints.kinetics.persistence_rate import AGAIN, EVERYONE, FIRST, FOUND, PERSISTENCE_AT
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_number, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Losses, the median time, and the share with the transgene at each landmark."""
    found = Lookup.of(results, NAME)
    columns = group_columns(params, found, None)
    groups = group_levels(params)
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    lines = [
        Line((label, *[fmt_count(found.value(stat, g, None)) for g in groups]), indent=indent)
        for label, stat, indent in (
            ("Subjects with a quantifiable sample", "n", 0),
            ("Transgene lost", "events", 1),
            ("Censored", "censored", 1),
        )
    ]
    cells = [_time(found, g) for g in groups]
    lines.append(Line((f"Median, months ({level}% CI)", *cells)))
    lines.append(heading_line(f"Transgene still found at (%, {level}% CI) [at risk]", columns))
    for month in rules_of(params).persistence_months:
        at = [_share(found, g, f"{month:g}", params) for g in groups]
        lines.append(Line((f"{month:g} months", *at), indent=1))
    lines += _at_day(results, params, columns)
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _at_day(results: pd.DataFrame, params: Params, columns: tuple[Column, ...]) -> list[Line]:
    """Quantifiable of those tested at the day; those infused again before, in their own line."""
    found, rules = Lookup.of(results, PERSISTENCE_AT.name), rules_of(params)
    if not found.values:
        return []
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    day, window = rules.persistence_day, rules.persistence_window
    heading = f"Quantifiable at day {day} (± {window} days): n/tested (%, {level}% CI)"
    groups = group_levels(params)
    lines = [heading_line(heading, columns)]
    for state in (FIRST, AGAIN):
        cells = (_tested(found, group, state, params) for group in groups)
        lines.append(Line((state, *cells), indent=1))
    untested = [_untested(found, group) for group in groups]
    return [*lines, Line(("Of the kinetics set, not tested in the window", *untested), indent=1)]


def _tested(found: Lookup, group: str | None, state: str, params: Params) -> str:
    n, tested, share, low, high = (
        found.value(stat, group, state, FOUND) for stat in ("n", "N", "pct", "lcl", "ucl")
    )
    if not tested:
        return f"{fmt_count(n)}/{fmt_count(tested)}"
    decimals = params.conventions.percent_decimals
    said = f"{fmt_percent(share, decimals)} {fmt_interval(low, high, decimals)}"
    return f"{fmt_count(n)}/{fmt_count(tested)} ({said})"


def _untested(found: Lookup, group: str | None) -> str:
    everyone = found.value("N", group, EVERYONE, None) or 0
    tested = sum(found.value("N", group, state, FOUND) or 0 for state in (FIRST, AGAIN))
    return f"{fmt_count(everyone - tested)} of {fmt_count(everyone)}"


def _time(found: Lookup, group: str | None) -> str:
    low, high = (found.value(f"median_{side}", group, None) for side in ("lcl", "ucl"))
    return f"{fmt_number(found.value('median', group, None), 1)} {fmt_interval(low, high, 1)}"


def _share(found: Lookup, group: str | None, month: str, params: Params) -> str:
    surv = found.value("surv", group, month)
    risk = fmt_count(found.value("n_risk", group, month) or 0)
    if surv is None or pd.isna(surv):
        return f"NE [{risk}]"
    decimals = params.conventions.percent_decimals
    low, high = (found.value(side, group, month) for side in ("lcl", "ucl"))
    return f"{fmt_percent(surv, decimals)} {fmt_interval(low, high, decimals)} [{risk}]"


DISPLAY = Display(
    name="persistence-summary",
    kind="table",
    section="14.4",
    order=91,
    title="Persistence of the transgene",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(PERSISTENCE, PERSISTENCE_AT),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Kaplan-Meier from the first infusion; loss: the first sample below the limit of "
        "quantification after the peak (of kinetics.undetectable in a row); others censored at "
        "the last sample of the first infusion's profile. Subjects without a quantifiable "
        "sample after it are left out.",
        "At the day: the sample nearest to it in the window (the later of two as near), before any "
        "further infusion; exact interval (Clopper-Pearson).",
        QUANTILE_NOTE,
        "NE: not estimable (follow-up ends before). CI: confidence interval.",
    ),
    source="ADPP",
)
