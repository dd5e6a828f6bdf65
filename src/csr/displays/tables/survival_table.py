"""The table every time-to-event endpoint has: events, quartiles, rates at the landmarks."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.efficacy.time_to_event import QUANTILE_NOTE
from csr.endpoints.strata import said_strata
from csr.params import Params
from csr.rounding import fmt_count, fmt_interval, fmt_n_percent, fmt_number, fmt_p, fmt_percent

TIES = {
    "efron": "by Efron's method",
    "breslow": "by Breslow's method",
    "discrete": "exact, by the discrete model (R's exact, SAS's DISCRETE)",
}


def draw_survival_table(
    results: pd.DataFrame, params: Params, analysis: str, *, compared: bool = True
) -> Table:
    """Subjects with event and censored, Kaplan-Meier quartiles, and rates with their interval.

    `compared`: with the restricted means and the comparison of the groups.
    """
    found = Lookup.of(results, analysis)
    columns = group_columns(params, found, None)
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    lines = [
        _line("Subjects with a record", [fmt_count(_at(found, "n", g)) for g in _groups(params)]),
        _line("Events, n (%)", [_share(found, "events", g, params) for g in _groups(params)], 1),
        _line(
            "Censored, n (%)", [_share(found, "censored", g, params) for g in _groups(params)], 1
        ),
        heading_line("Kaplan-Meier estimate (months)", columns),
    ]
    for label, stat in (
        ("25th percentile", "q25"),
        ("Median", "median"),
        ("75th percentile", "q75"),
    ):
        cells = [_estimate(found, stat, g) for g in _groups(params)]
        lines.append(_line(f"{label} ({level}% CI)", cells, 1))
    lines.append(heading_line(f"Rate at (%, {level}% CI) [at risk]", columns))
    for month in params.conventions.landmark_months:
        cells = [_rate(found, g, f"{month:g}", params) for g in _groups(params)]
        lines.append(_line(f"{month:g} months", cells, 1))
    if compared:
        lines += _means_and_tests(Lookup.of(results, f"{analysis}-comparison"), params, columns)
    ranges = [_range(found, g) for g in _groups(params)]
    lines.append(_line("Observed time, min to max (months)", ranges))
    wide = len(columns) > PORTRAIT_COLUMNS
    return Table(columns, tuple(lines), landscape=wide, notes=_notes(params))


def _means_and_tests(found: Lookup, params: Params, columns: tuple[Column, ...]) -> list[Line]:
    """The restricted mean; where a reference is named, hazard ratios and tests of all groups."""
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    groups = _groups(params)
    lines = []
    tau = found.value("tau", None)
    if tau is not None and not pd.isna(tau):  # nobody was followed where there is none
        said = f"Mean restricted to {fmt_number(tau, 1)} months ({level}% CI)"
        lines.append(_line(said, [_with_limits(found, "rmean", g, 1) for g in groups]))
    reference = params.treatment.reference
    if reference is None:
        return lines
    lines.append(heading_line("Comparison with the reference group", columns))
    ratios = ["Reference" if g == reference else _with_limits(found, "hr", g, 2) for g in groups]
    lines.append(_line(f"Hazard ratio ({level}% CI)", ratios, 1))
    for label, stat in (
        ("Log-rank test against the reference, p", "logrank_p"),
        ("Proportional hazards, p", "ph_p"),
    ):
        lines.append(_line(label, [_p(found, stat, g) if g is not None else "" for g in groups], 1))
    for label, stat in (
        ("Log-rank test of all groups, p", "logrank_p"),
        ("Gehan's test of all groups, p", "gehan_p"),
    ):
        lines.append(_line(label, [_p(found, stat, g) if g is None else "" for g in groups], 1))
    return lines


def _p(found: Lookup, stat: str, group: str | None) -> str:
    value = found.value(stat, group)
    return "" if value is None else fmt_p(value)


def _notes(params: Params) -> tuple[str, ...]:
    """By which rule a median is named, and how arms are compared."""
    if params.treatment.reference is None:
        return (QUANTILE_NOTE,)
    ties = TIES[params.conventions.cox_ties]
    return (
        QUANTILE_NOTE,
        f"Tests and Cox models{said_strata(params)}; ties {ties}; tests of arms against the "
        "reference are not adjusted for their number.",
    )


def _with_limits(found: Lookup, stat: str, group: str | None, decimals: int) -> str:
    value = found.value(stat, group)
    if value is None:
        return ""
    limits = fmt_interval(
        found.value(f"{stat}_lcl", group), found.value(f"{stat}_ucl", group), decimals
    )
    return f"{fmt_number(value, decimals)} {limits}"


def _groups(params: Params) -> tuple[str | None, ...]:
    return group_levels(params)


def _at(found: Lookup, stat: str, group: str | None) -> float | None:
    return found.value(stat, group, None)


def _line(label: str, cells: list[str], indent: int = 0) -> Line:
    return Line((label, *cells), indent=indent)


def _share(found: Lookup, stat: str, group: str | None, params: Params) -> str:
    n, share = _at(found, stat, group), _at(found, f"{stat}_pct", group)
    return fmt_n_percent(n, share, params.conventions.percent_decimals)


def _estimate(found: Lookup, stat: str, group: str | None) -> str:
    limits = fmt_interval(_at(found, f"{stat}_lcl", group), _at(found, f"{stat}_ucl", group), 1)
    return f"{fmt_number(_at(found, stat, group), 1)} {limits}"


def _rate(found: Lookup, group: str | None, month: str, params: Params) -> str:
    surv = found.value("surv", group, month)
    risk = fmt_count(found.value("n_risk", group, month) or 0)
    decimals = params.conventions.percent_decimals
    if surv is None or pd.isna(surv):
        return f"NE [{risk}]"
    limits = fmt_interval(
        found.value("lcl", group, month), found.value("ucl", group, month), decimals
    )
    return f"{fmt_percent(surv, decimals)} {limits} [{risk}]"


def _range(found: Lookup, group: str | None) -> str:
    low, high = _at(found, "time_min", group), _at(found, "time_max", group)
    return f"{fmt_number(low, 1)} to {fmt_number(high, 1)}"
