"""Figure: cumulative incidence of chosen adverse events, death competing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import (
    HEIGHT,
    LINE_STYLES,
    WIDTH,
    group_colours,
    house_style,
    svg_of,
)
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.adverse_events.ae_incidence import CUMULATIVE_INCIDENCE, UNDATED
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_p, fmt_percent

SHOWN_DAYS = 365
LANDMARKS = (182,)
BAR_STEP = 6.0  # days between the bars of two outcomes


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """One step curve per outcome over all groups, through the first year."""
    own = results[results["analysis"] == CUMULATIVE_INCIDENCE.name]
    curves = own[own["level1"].isna() & (own["stat"] == "incidence") & own["level3"].notna()]
    found = Lookup.of(results[results["group3"].isna()], CUMULATIVE_INCIDENCE.name)
    outcomes = [o for o in found.levels_at(1) if found.value("events", None, o)]
    outcomes = [o for o in outcomes if (curves["level2"] == o).any()]
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        colours = group_colours(len(outcomes))
        for i, outcome in enumerate(outcomes):
            curve = curves[curves["level2"] == outcome]
            time = curve["level3"].astype(float).to_numpy()
            end = min(SHOWN_DAYS, max(float(own["level3"].dropna().astype(float).max()), 1.0))
            share = curve["value"].to_numpy()
            x = np.concatenate([[0.0], time[time <= end], [end]])
            y = np.concatenate([[0.0], share[time <= end]])
            style = LINE_STYLES[i % len(LINE_STYLES)]
            axes.step(
                x,
                np.append(y, y[-1]),
                where="post",
                color=colours[i],
                linestyle=style,
                linewidth=1.5,
                label=_label(found, outcome),
            )
            _draw_limits(axes, own, outcome, i - (len(outcomes) - 1) / 2, colours[i])
        axes.set_ylim(0, 101)
        axes.set_xlabel("Days since the first infusion or dose")
        axes.set_ylabel("Cumulative incidence (%)")
        if outcomes:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handlelength=3.2)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(found, outcomes, params), notes=_notes(own, found))


def _notes(own: pd.DataFrame, found: Lookup) -> tuple[str, ...]:
    """What is not in the curves, where anything is not."""
    notes = []
    if n := found.value("undated", None, UNDATED):
        notes.append(f"{fmt_count(n)} event(s) without a start date are in none of the curves.")
    unknown = own[own["level1"].isna() & (own["stat"] == "incidence") & own["value"].isna()]
    notes += [f"No curve is estimable: {why}." for why in unknown["reason"].unique()]
    return tuple(notes)


def _label(found: Lookup, outcome: str) -> str:
    """The outcome, with Gray's test of the groups where there is one."""
    p = found.value("gray_p", None, outcome)
    return outcome if p is None else f"{outcome} (groups: p = {fmt_p(p)})".replace("= <", "< ")


def _draw_limits(axes: Axes, own: pd.DataFrame, outcome: str, place: float, colour: str) -> None:
    """The interval at the landmarks, as bars side by side: at the last time up to the landmark."""
    pooled = own[own["level1"].isna() & (own["level2"] == outcome) & own["level3"].notna()]
    times = pooled["level3"].astype(float)
    for landmark in LANDMARKS:
        before = times[times <= landmark]
        if before.empty or landmark > times.max():
            continue
        there = pooled[times == before.max()].set_index("stat")["value"]
        low, high = there["incidence_lcl"], there["incidence_ucl"]
        x = landmark + place * BAR_STEP
        axes.plot([x, x], [low, high], "-", color=colour, linewidth=1.0, alpha=0.8)
        axes.plot([x], [there["incidence"]], "_", color=colour, markersize=5)


def _words(found: Lookup, outcomes: list[str], params: Params) -> str:
    parts = []
    for outcome in outcomes:
        n, size = (found.value(stat, None, outcome) or 0 for stat in ("events", "N"))
        share = fmt_percent(100 * n / size if size else None, params.conventions.percent_decimals)
        parts.append(f"{outcome}: {fmt_count(n)} of {fmt_count(size)} subjects ({share}%)")
    said = "; ".join(parts) or "No observations"
    return f"Cumulative incidence of the first event, death competing. {said}."


DISPLAY = Display(
    name="cumulative-incidence",
    kind="figure",
    section="14.3.1",
    order=100,
    title="Cumulative incidence of adverse events, death competing",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(CUMULATIVE_INCIDENCE,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "All groups together; Aalen-Johansen estimates; bars: confidence intervals at day 182, "
        "side by side. Outcomes that nobody had are not shown. Curves end at one year; events "
        "after it are in the results. p, where arms are compared: Gray's test of all groups over "
        "all of follow-up, without adjustment for the number of outcomes; each arm against the "
        "reference is in the results.",
    ),
    source="ADAE",
)
