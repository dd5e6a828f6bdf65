"""What the figures of kinetics have in common: axes of days and copies, and the limit."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from csr.displays.figures.figure_style import LINE_STYLES, group_colours

LINEAR_DAYS = 28  # the days up to here are drawn to scale, later ones closer and closer
TICKS = (0, 7, 14, 28, 90, 180, 365, 730, 1461, 2922, 5479)
NO_LIMIT = "the limit of quantification is not drawn"
LEAST = 3  # subjects a point of a mean needs


def limit_of(samples: pd.DataFrame) -> float | None:
    """The lower limit of quantification of the samples, the highest where there are several."""
    known = samples["LLOQ"].dropna() if "LLOQ" in samples else pd.Series(dtype=float)
    return float(known.max()) if len(known) else None


def set_axes(axes: Axes, last: float, limit: float | None) -> None:
    """Copies on a log scale; days to scale until day 28; the limit as a line."""
    if axes.has_data():
        axes.set_yscale("log")
    axes.set_xscale("symlog", linthresh=LINEAR_DAYS, linscale=1.6)
    ticks = [t for t in TICKS if t <= max(last, LINEAR_DAYS) * 1.02]
    axes.set_xticks(ticks, [f"{t}" for t in ticks])
    axes.minorticks_off()
    axes.set_xlim(-1, max(last, LINEAR_DAYS) * 1.05)
    if limit is not None:
        axes.axhline(limit, color="#777777", linewidth=0.7, linestyle=":")


def draw_course(axes: Axes, course: pd.DataFrame, place: int, groups: int, label: str) -> None:
    """Geometric means with their bars; hollow where fewer than half could be quantified.

    `course`: DAY, geomean, low and high, n, n_pos.
    """
    colour = group_colours(groups)[place]
    own = course.sort_values("DAY")
    bars = [own["geomean"] - own["low"], own["high"] - own["geomean"]]
    axes.errorbar(
        own["DAY"],
        own["geomean"],
        yerr=bars,
        color=colour,
        linestyle=LINE_STYLES[place % len(LINE_STYLES)],
        linewidth=1.2,
        elinewidth=0.6,
        capsize=1.5,
    )
    few = own["n_pos"] < own["n"] / 2
    axes.plot(own["DAY"][~few], own["geomean"][~few], "o", color=colour, markersize=3.2)
    axes.plot(own["DAY"][few], own["geomean"][few], "o", color=colour, mfc="white", markersize=3.2)
    axes.plot([], [], color=colour, marker="o", markersize=3.2,
              linestyle=LINE_STYLES[place % len(LINE_STYLES)], label=label)  # fmt: skip
