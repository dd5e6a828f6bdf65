"""Table: persistence of the transgene at the landmarks."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
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
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


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
    analyses=(PERSISTENCE,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Kaplan-Meier from the first infusion; loss: first sample below the limit of "
        "quantification after the peak; others censored at the last sample of the first "
        "infusion's profile. Subjects without a quantifiable sample after it are left out.",
        QUANTILE_NOTE,
        "NE: not estimable (follow-up ends before). CI: confidence interval.",
    ),
    source="ADPP",
)
