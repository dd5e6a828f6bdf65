"""The figure every time-to-event endpoint has: Kaplan-Meier curves with numbers at risk."""

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
from csr.displays.model import Figure
from csr.displays.tables.layout import Lookup
from csr.params import Level, Params
from csr.params.time_to_event import in_sentence
from csr.rounding import fmt_count, fmt_number

TICK_STEPS = (0.5, 1, 2, 3, 6, 12, 24, 36, 60)
MOST_TICKS = 13


def draw_survival_curve(
    results: pd.DataFrame,
    params: Params,
    analysis: str,
    label: str,
    since: str = "first dose",
    levels: tuple[Level, ...] = (),
) -> Figure:
    """A step curve per group with censoring marks, and the numbers at risk below the axis.

    `levels` are the groups, those of the treatment where none are given.
    """
    steps = _steps(results, analysis)
    groups = levels or params.treatment.levels
    shown = [lv for lv in groups if not steps[steps["level1"] == lv.value].empty]
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        above, below = canvas.subplots(
            2, 1, height_ratios=(5, 0.5 + 0.32 * max(len(shown), 1)), sharex=True
        )
        ticks = _ticks(float(steps["time"].max()) if len(steps) else 1.0)
        for i, level in enumerate(shown):
            own = steps[steps["level1"] == level.value]
            _draw_group(above, own, level.label, i, len(shown))
        _dress(above, ticks, label, since)
        _draw_at_risk(below, steps, [lv.value for lv in shown], [lv.label for lv in shown], ticks)
        canvas.tight_layout()
        svg = svg_of(canvas)
    found = Lookup.of(results, analysis)
    return Figure(svg, _words(found, groups, label))


def _steps(results: pd.DataFrame, analysis: str) -> pd.DataFrame:
    """The steps of each curve: level1, time, and a column per statistic."""
    own = results[(results["analysis"] == analysis) & (results["group2"] == "TIME")]
    own = own[own["level1"].notna()]
    if own.empty:
        return pd.DataFrame(columns=["level1", "time", "surv", "n_risk", "n_censor"])
    wide = own.pivot_table(index=["level1", "level2"], columns="stat", values="value").reset_index()
    return wide.assign(time=wide["level2"].astype(float)).sort_values(["level1", "time"])


def _ticks(end: float) -> np.ndarray:
    step = next((s for s in TICK_STEPS if end / s < MOST_TICKS), TICK_STEPS[-1])
    return np.arange(0, end + step, step)


def _draw_group(axes: Axes, own: pd.DataFrame, label: str, i: int, n: int) -> None:
    colour = group_colours(n)[i]
    time = np.concatenate([[0.0], own["time"]])
    surv = np.concatenate([[100.0], own["surv"]])
    style = LINE_STYLES[i % len(LINE_STYLES)]
    axes.step(time, surv, where="post", color=colour, linestyle=style, linewidth=1.6, label=label)
    marks = own[own["n_censor"] > 0]
    axes.plot(marks["time"], marks["surv"], "|", color=colour, markersize=6, markeredgewidth=1)


def _dress(axes: Axes, ticks: np.ndarray, label: str, since: str) -> None:
    axes.set_ylim(0, 103)
    axes.set_xlim(-0.02 * ticks[-1], ticks[-1])
    axes.set_xticks(ticks, [f"{t:g}" for t in ticks])
    axes.tick_params(labelbottom=True)
    axes.set_ylabel(f"{label} (%)")
    axes.set_xlabel(f"Months since {since}")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, handlelength=3.2)


def _draw_at_risk(
    axes: Axes, steps: pd.DataFrame, values: list[str], labels: list[str], ticks: np.ndarray
) -> None:
    axes.set_ylim(-0.6 - len(values), 0.4)
    axes.set_yticks([-1.0 - i for i in range(len(values))], labels)
    axes.text(0, 0, "Number at risk", fontweight="bold", va="center")
    for i, value in enumerate(values):
        own = steps[steps["level1"] == value]
        for tick in ticks:
            later = own[own["time"] >= tick - 1e-9]
            n = later["n_risk"].iloc[0] if len(later) else 0
            axes.text(tick, -1.0 - i, fmt_count(n), ha="center", va="center")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, pad=16, labelbottom=False)


def _words(found: Lookup, levels: tuple[Level, ...], label: str) -> str:
    parts = []
    for level in levels:
        n = found.value("n", level.value, None)
        if not n:
            continue
        median = fmt_number(found.value("median", level.value, None), 1)
        events = fmt_count(found.value("events", level.value, None))
        said = "median not reached" if median == "NE" else f"median {median} months"
        parts.append(f"{level.label}: {fmt_count(n)} subjects, {events} events, {said}")
    return (
        f"Kaplan-Meier curves of {in_sentence(label)}. "
        + ("; ".join(parts) or "No observations")
        + "."
    )
