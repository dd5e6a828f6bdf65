"""Table: overall and progression-free survival from apheresis."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, heading_line
from csr.endpoints.efficacy.apheresis_survival import APHERESIS_SURVIVAL, ENDPOINTS, NAME
from csr.endpoints.efficacy.time_to_event import QUANTILE_NOTE
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_n_percent, fmt_number, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A column per endpoint: events, quartiles, rates at the landmarks."""
    found = Lookup.of(results, NAME)
    names = list(ENDPOINTS.values())
    n = fmt_count(found.value("N", names[0], None))
    columns = (Column("", "left", 2.6), *(Column(f"{name}\n(N={n})", width=1.6) for name in names))
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    decimals = params.conventions.percent_decimals
    lines: list[Line] = []
    for label, stat in (("Events, n (%)", "events"), ("Censored, n (%)", "censored")):
        pairs = [(found.value(stat, e, None), found.value(f"{stat}_pct", e, None)) for e in names]
        lines.append(Line((label, *(fmt_n_percent(a, b, decimals) for a, b in pairs))))
    lines.append(heading_line("Kaplan-Meier estimate (months)", columns))
    for label, stat in (
        ("25th percentile", "q25"),
        ("Median", "median"),
        ("75th percentile", "q75"),
    ):
        cells = [_with_limits(found, stat, name, None, 1) for name in names]
        lines.append(Line((f"{label} ({level}% CI)", *cells), indent=1))
    lines.append(heading_line(f"Rate at (%, {level}% CI) [at risk]", columns))
    for month in params.conventions.landmark_months:
        at = f"{month:g}"
        cells = [
            f"{_rate(found, name, at, decimals)} [{fmt_count(found.value('n_risk', name, at))}]"
            for name in names
        ]
        lines.append(Line((f"{at} months", *cells), indent=1))
    return Table(columns, tuple(lines))


def _with_limits(found: Lookup, stat: str, name: str, at: str | None, decimals: int) -> str:
    limits = fmt_interval(
        found.value(f"{stat}_lcl", name, at), found.value(f"{stat}_ucl", name, at), decimals
    )
    return f"{fmt_number(found.value(stat, name, at), decimals)} {limits}"


def _rate(found: Lookup, name: str, at: str, decimals: int) -> str:
    limits = fmt_interval(found.value("lcl", name, at), found.value("ucl", name, at), decimals)
    return f"{fmt_number(found.value('surv', name, at), decimals)} {limits}"


DISPLAY = Display(
    name="apheresis-survival",
    kind="table",
    section="14.2",
    order=76,
    title="Overall and progression-free survival from apheresis",
    population="apheresed",
    audience=frozenset({"closed"}),
    analyses=(APHERESIS_SURVIVAL,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Everyone who was apheresed, infused or not, from the day of apheresis. Progression or "
        "death counts whatever therapy came between, and missed visits do not censor.",
        QUANTILE_NOTE,
        "NE: not estimable. CI: confidence interval. At risk: subjects with a time of at least "
        "that long.",
    ),
    source="ADTTE",
)
