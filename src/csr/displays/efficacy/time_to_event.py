"""What every time-to-event endpoint has: curve, summary, reasons, strategies, subgroups.

Made from the declarations of `csr.params.time_to_event`: those of the library, and a study's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pandas as pd

from csr.displays.efficacy.censoring_reasons import SOURCE_NOTE, draw_reasons
from csr.displays.figures.forest import Estimate, Forest, draw_forest, lines_of
from csr.displays.figures.survival_curve import draw_survival_curve
from csr.displays.model import Display, Drawing, Figure, Kind, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    group_columns,
    group_levels,
    heading_line,
)
from csr.displays.tables.survival_table import draw_survival_table
from csr.endpoints.efficacy.response_subgroups import ALL
from csr.endpoints.efficacy.strategies import PRIMARY, handlings_of, strategies_of
from csr.endpoints.efficacy.survival_comparison import comparison_of
from csr.endpoints.efficacy.survival_subgroups import landmark_of, subgroups_of
from csr.endpoints.efficacy.time_to_event import QUANTILE_NOTE, analysis_of, reasons_of
from csr.params import Params
from csr.params.time_to_event import DOR, LIBRARY, TimeToEvent, in_sentence
from csr.results import Adam, Analysis, Needs
from csr.rounding import fmt_count, fmt_interval, fmt_n_percent, fmt_number, fmt_percent

MARKS = "Vertical marks: censored subjects. Groups differ in colour and in line style."
SUMMARY_NOTES = (
    "NE: not estimable (the curve does not fall that far, or follow-up ends before).",
    "CI: confidence interval. At risk: subjects with a time of at least that long.",
)
STRATEGY_NOTES = (
    "Strategies as of ICH E9(R1). Unless said otherwise, an event after two or more missed "
    "visits is censored at the last adequate assessment before the gap.",
    QUANTILE_NOTE,
    "NE: not estimable. CI: confidence interval.",
)
OWN_STRATEGY_NOTES = ("Strategies as of ICH E9(R1).", *STRATEGY_NOTES[1:])
SUBGROUP_NOTES = (
    "Kaplan-Meier rate with its confidence interval. Dotted: all subjects. NE: not estimable. "
    "Subgroups are exploratory.",
)
# Where a display does not stand beside the curve and the summary of its endpoint.
PLACES = {"pfs-strategies": 32, "pfs-subgroups": 45, "os-subgroups": 55}


def displays_of(params: Params | None) -> tuple[Display, ...]:
    """The displays of the endpoints of the library and, where params are given, of the study."""
    own = () if params is None else params.endpoints.time_to_event
    anyone = params is not None and params.endpoints.unconfirmed_responders
    return tuple(display for e in (*LIBRARY, *own) for display in _of_one(e, anyone))


UNCONFIRMED = "Subjects with a response, confirmed or not; from the first CR or PR."


def _of_one(e: TimeToEvent, unconfirmed: bool) -> Iterator[Display]:
    """`unconfirmed`: responses count without confirmation."""
    estimate, name = analysis_of(e), in_sentence(e.label)
    said = (UNCONFIRMED,) if unconfirmed and e is DOR else e.notes
    notes = (*((_definition(e),) if e not in LIBRARY else ()), *said)
    if "curve" in e.displays:
        curve = e.name if e in LIBRARY else f"{e.name}-curve"
        title = f"Kaplan-Meier curves of {name}"
        yield _display(e, curve, "figure", title, (estimate,), draw_curve, (MARKS, *notes))
    if "summary" in e.displays:
        compared = (comparison_of(e),) if "comparison" in e.displays else ()
        shown, both = f"{e.name}-summary", (*notes, *SUMMARY_NOTES)
        yield _display(e, shown, "table", e.label, (estimate, *compared), draw_summary, both)
    if "strategies" in e.displays and handlings_of(e):
        title = f"{e.label} by strategy for intercurrent events"
        said = STRATEGY_NOTES if e in LIBRARY else OWN_STRATEGY_NOTES
        handled = strategies_of(e)
        yield _display(e, handled.name, "table", title, (handled,), draw_strategies, said)
    if "subgroups" in e.displays:
        title, grouped = f"{e.label} in subgroups", subgroups_of(e)
        yield _display(e, grouped.name, "figure", title, (grouped,), draw_subgroups, SUBGROUP_NOTES)
    if "reasons" in e.displays and e.population != "safety":
        title, why = f"{e.label}: events and reasons for censoring", reasons_of(e)
        yield _display(e, why.name, "table", title, (why,), draw_own_reasons, (SOURCE_NOTE,))


def _display(
    e: TimeToEvent,
    name: str,
    kind: Kind,
    title: str,
    analyses: tuple[Analysis, ...],
    draw: Callable[..., Drawing],
    footnotes: tuple[str, ...],
) -> Display:
    return Display(
        name=name,
        kind=kind,
        section="14.2",
        order=PLACES.get(name, e.order),
        title=title,
        population=e.population,
        audience=frozenset({"closed"}),
        analyses=analyses,
        needs=Needs(),
        draw=partial(draw, endpoint=e),
        footnotes=footnotes,
        source="Listing 16.2.6",
    )


def _definition(e: TimeToEvent) -> str:
    if not e.events:
        return f"As delivered in ADTTE, PARAMCD {e.paramcd}."
    return f"From {e.said_start} to {e.said_events}."


def draw_curve(results: pd.DataFrame, adam: Adam, params: Params, endpoint: TimeToEvent) -> Figure:
    """The curves of an endpoint, one for each group."""
    return draw_survival_curve(results, params, endpoint.name, endpoint.label, endpoint.said_start)


def draw_summary(results: pd.DataFrame, adam: Adam, params: Params, endpoint: TimeToEvent) -> Table:
    """Events, quartiles and rates of an endpoint, and where asked for the comparison of groups."""
    compared = "comparison" in endpoint.displays
    return draw_survival_table(results, params, endpoint.name, compared=compared)


def draw_own_reasons(
    results: pd.DataFrame, adam: Adam, params: Params, endpoint: TimeToEvent
) -> Table:
    """What the events of one endpoint were, and why the others are censored."""
    return draw_reasons(results, params, f"{endpoint.name}-reasons", (endpoint,))


def draw_strategies(
    results: pd.DataFrame, adam: Adam, params: Params, endpoint: TimeToEvent
) -> Table:
    """A block per strategy: subjects with event, and the median."""
    found = Lookup.of(results, f"{endpoint.name}-strategies")
    columns = group_columns(params, found, PRIMARY)
    strategy = params.endpoints.strategy(endpoint.name).replace("-", " ")
    primary = f"Primary analysis ({strategy})" if strategy else "Primary analysis"
    labels = {PRIMARY: primary, **handlings_of(endpoint)}
    lines: list[Line] = []
    for name, label in labels.items():
        if name in found.levels_at(1):
            lines += [heading_line(label, columns), *_block(found, params, name)]
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _block(found: Lookup, params: Params, name: str) -> list[Line]:
    level = fmt_percent(100 * params.conventions.conf_level, 0)
    groups = group_levels(params)
    decimals = params.conventions.percent_decimals
    events = [
        fmt_n_percent(found.value("events", g, name), found.value("events_pct", g, name), decimals)
        for g in groups
    ]
    medians = [_median(found, g, name) for g in groups]
    return [
        Line(("Events, n (%)", *events), indent=1),
        Line((f"Median, months ({level}% CI)", *medians), indent=1),
    ]


def _median(found: Lookup, group: str | None, name: str) -> str:
    low, high = (found.value(f"median_{limit}", group, name) for limit in ("lcl", "ucl"))
    return f"{fmt_number(found.value('median', group, name), 1)} {fmt_interval(low, high, 1)}"


def draw_subgroups(
    results: pd.DataFrame, adam: Adam, params: Params, endpoint: TimeToEvent
) -> Figure:
    """The rate at one landmark, with its interval, and events of subjects: a forest plot."""
    found = Lookup.of(results, f"{endpoint.name}-subgroups")
    at = f"{landmark_of(params):g}"

    def estimate(variable: str, level: str) -> Estimate:
        rate, low, high = (found.value(s, variable, level, at) for s in ("surv", "lcl", "ucl"))
        events, n = (fmt_count(found.value(s, variable, level, None)) for s in ("events", "n"))
        return Estimate(rate, low, high, f"{events}/{n}")

    axis = f"{endpoint.label} at {at} months (%)"
    decimals = params.conventions.percent_decimals
    forest = Forest(lines_of(found, ALL), estimate, ALL, axis, "Events/n", decimals)
    words = f"Forest plot of {in_sentence(endpoint.label)} at {at} months in subgroups."
    return Figure(draw_forest(forest), words)
