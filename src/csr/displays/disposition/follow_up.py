"""Table: how long the subjects were followed up."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import PORTRAIT_COLUMNS, Lookup, group_columns, group_levels
from csr.endpoints.disposition.follow_up import FOLLOW_UP
from csr.endpoints.efficacy.time_to_event import QUANTILE_NOTE
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_number, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Subjects alive when last seen, and the reverse Kaplan-Meier quartiles of follow-up."""
    found = Lookup.of(results, FOLLOW_UP.name)
    columns = group_columns(params, found)
    groups = group_levels(params)
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    lines = [
        Line(("Alive when last seen", *[fmt_count(found.value("events", g)) for g in groups])),
        Line(("Died", *[fmt_count(found.value("censored", g)) for g in groups])),
    ]
    for label, stat in (
        ("25th percentile", "q25"),
        (f"Median follow-up, months ({level}% CI)", "median"),
        ("75th percentile", "q75"),
    ):
        lines.append(Line((label, *[_estimate(found, stat, g) for g in groups]), indent=1))
    ranges = [" to ".join(_said(found, s, g) for s in ("time_min", "time_max")) for g in groups]
    lines.append(Line(("Observed time, min to max (months)", *ranges)))
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _said(found: Lookup, stat: str, group: str | None) -> str:
    return fmt_number(found.value(stat, group), 1)


def _estimate(found: Lookup, stat: str, group: str | None) -> str:
    limits = fmt_interval(found.value(f"{stat}_lcl", group), found.value(f"{stat}_ucl", group), 1)
    return f"{_said(found, stat, group)} {limits}"


DISPLAY = Display(
    name="follow-up",
    kind="table",
    section="14.1",
    order=90,
    title="Follow-up",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(FOLLOW_UP,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Reverse Kaplan-Meier: overall survival with death and censoring exchanged.",
        QUANTILE_NOTE,
        "NE: not estimable. CI: confidence interval.",
    ),
    source="ADTTE",
)
