"""Table: exposure by response, antibodies and tumour burden, and PFS by exposure."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, heading_line
from csr.endpoints.efficacy.time_to_event import QUANTILE_NOTE
from csr.endpoints.kinetics.exposure_response import (
    ABOVE,
    BELOW,
    BURDEN,
    EXPOSURE_PFS,
    EXPOSURE_RESPONSE,
    EXPOSURES,
    RESPONSE,
)
from csr.endpoints.kinetics.kinetics_summary import NAMED, parameter_names
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count, fmt_number, fmt_p

COLUMNS = (
    Column("", "left", 3.0),
    Column("n", width=0.6),
    Column("Geometric\nmean", width=1.1),
    Column("Median", width=1.1),
    Column("Test or estimate", width=3.4),
)
PFS_HEADING = "Progression-free survival from day 28"


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per exposure: its effects with their tests, then PFS by its median."""
    found = Lookup.of(results, EXPOSURE_RESPONSE.name)
    survival = Lookup.of(results, EXPOSURE_PFS.name)
    names = parameter_names(adam)
    lines: list[Line] = []
    for code in EXPOSURES:
        if code not in found.levels_at(0):
            continue
        lines.append(heading_line(names.get(code, code), COLUMNS))
        for effect in found.levels_at(1):
            lines += _effect(found, code, effect)
        lines += _survival(survival, code)
    return Table(COLUMNS, tuple(lines))


def _effect(found: Lookup, code: str, effect: str) -> list[Line]:
    lines = [Line((effect, "", "", "", _test(found, code, effect)), indent=1)]
    if effect == RESPONSE:
        lines.append(Line(("", "", "", "", _odds(found, code)), indent=1))
    for level in found.levels_at(2):
        n = found.value("n", code, effect, level)
        if n is None:
            continue
        values = (found.value(s, code, effect, level) for s in ("geomean", "median"))
        cells = (level, fmt_count(n), *(fmt_number(v, 0) for v in values), "")
        lines.append(Line(cells, indent=2))
    return lines


def _test(found: Lookup, code: str, effect: str) -> str:
    if effect == BURDEN:
        rho = fmt_number(found.value("spearman", code, effect, None), 2)
        return f"ρ = {rho}, p = {fmt_p(found.value('spearman_p', code, effect, None))}"
    return f"Wilcoxon p = {fmt_p(found.value('wilcoxon_p', code, effect, None))}"


def _odds(found: Lookup, code: str) -> str:
    stats = ("or", "or_lcl", "or_ucl")
    ratio, low, high = (fmt_number(found.value(s, code, RESPONSE, None), 2) for s in stats)
    p = fmt_p(found.value("or_p", code, RESPONSE, None))
    return f"OR per tenfold {ratio} ({low}, {high}), p = {p}"


def _survival(found: Lookup, code: str) -> list[Line]:
    """Events and median of each half, the hazard ratio and the log-rank test."""
    if not any(key[1] == code for key in found.values):
        return []
    ratio, low, high = (
        fmt_number(found.value(stat, None, code, None), 2) for stat in ("hr", "hr_lcl", "hr_ucl")
    )
    p = fmt_p(found.value("logrank_p", None, code, None))
    said = f"HR {ratio} ({low}, {high}), log-rank p = {p}"
    lines = [Line((PFS_HEADING, "", "", "", said), indent=1)]
    for level in (ABOVE, BELOW):
        n, events = (fmt_count(found.value(s, level, code, None)) for s in ("n", "events"))
        middle = fmt_number(found.value("median", level, code, None), 1)
        told = f"{events} events, median {middle} months"
        lines.append(Line((level, n, "", "", told), indent=2))
    return lines


DISPLAY = Display(
    name="exposure-response-summary",
    kind="table",
    section="14.4",
    order=125,
    title="Exposure after the first infusion and response",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(EXPOSURE_RESPONSE, EXPOSURE_PFS),
    needs=NAMED,
    draw=draw,
    footnotes=(
        "First infusion; geometric means and odds ratios (logistic regression, log10 of the "
        "exposure) of the values above 0. A subject without an assessment counts as without "
        "response. Survival: event-free and followed at day 28, by the median exposure of those; a "
        "peak later than day 28 is left out. HR: above against at or below. Exploratory, without "
        "adjustment. NE: not estimable.",
        QUANTILE_NOTE,
    ),
    source="ADPP, ADRS, ADTTE, ADTR, ADIS",
)
