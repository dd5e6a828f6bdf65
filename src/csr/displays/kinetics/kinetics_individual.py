"""Figure: the copies of each subject over time, all infusions, by group."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import WIDTH, group_colours, house_style, svg_of
from csr.displays.figures.kinetics_figure import NO_LIMIT, limit_of, set_axes
from csr.displays.model import Display, Figure
from csr.endpoints.kinetics.kinetics_course import (
    BELOW,
    KINETICS_INDIVIDUAL,
    individual_needs,
    individual_samples,
)
from csr.endpoints.kinetics.kinetics_summary import rules_of
from csr.params import Params
from csr.results import Adam, Needs, reads
from csr.rounding import fmt_count

COLUMNS, PANEL = 2, 2.5


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A panel per group, a line per subject; below the limit hollow on its line."""
    own = individual_samples(adam, params)
    limit = limit_of(own)
    floor = limit or own.loc[own["value"] > 0, "value"].min() / 2
    own = own.assign(shown=own["value"].where(own["value"] > 0, floor))
    levels = [x for x in params.treatment.levels if (own["TRTA"] == x.value).any()]
    lines = max(math.ceil(len(levels) / COLUMNS), 1)
    with house_style():
        canvas = Canvas(figsize=(WIDTH, 0.7 + PANEL * lines))
        panels = canvas.subplots(lines, COLUMNS, sharex=True, sharey=True, squeeze=False).ravel()
        for axes, level in zip(panels, levels, strict=False):
            here = own[own["TRTA"] == level.value]
            _draw_subjects(axes, here)
            set_axes(axes, float(own["DAY"].max()), limit)
            n = fmt_count(here["USUBJID"].nunique())
            axes.set_title(f"{level.label} (n={n})", fontsize=7.5)
        for axes in panels[len(levels) :]:
            axes.set_visible(False)
        rules = rules_of(params)
        canvas.supylabel(f"{rules.analyte} ({rules.units})", fontsize=9)
        canvas.supxlabel("Days since the first infusion", fontsize=9)
        canvas.tight_layout()
        svg = svg_of(canvas)
    subjects = fmt_count(own["USUBJID"].nunique())
    below = fmt_count((own["STATE"] == BELOW).sum())
    again = fmt_count(own.loc[own["AINFN"] > 1, "USUBJID"].nunique())
    words = f"{subjects} subjects, {fmt_count(len(own))} samples, {below} below the limit; "
    return Figure(svg, f"Copies over time: {words}{again} infused again.")


def _draw_subjects(axes: Axes, own: pd.DataFrame) -> None:
    colours = group_colours(10)
    for i, (_, line) in enumerate(own.groupby("USUBJID", sort=True)):
        colour = colours[i % len(colours)]
        days = line["DAY"].clip(lower=0)
        axes.plot(days, line["shown"], color=colour, linewidth=0.6, alpha=0.7)
        below = line["STATE"] == BELOW
        axes.plot(days[~below], line["shown"][~below], "o", color=colour, markersize=1.8)
        axes.plot(days[below], line["shown"][below], "o", color=colour, mfc="white", markersize=2.4)
        top = axes.get_xaxis_transform()
        for start in sorted(set(line.loc[line["AINFN"] > 1, "START"].round(0))):
            axes.plot(start, 0.98, "v", color=colour, markersize=4, transform=top)


def needs(params: Params) -> Needs:
    """The samples of each subject, and the limit."""
    return individual_needs(params) + reads("adpc", "USUBJID", LLOQ=NO_LIMIT)


DISPLAY = Display(
    name="kinetics-individual",
    kind="figure",
    section="14.4",
    order=50,
    title="Individual copies over time",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(KINETICS_INDIVIDUAL,),
    needs=needs,
    draw=draw,
    footnotes=(
        "All samples in the analysis. Hollow: below the limit of quantification, on its dotted "
        "line or, where the data state no limit, at half the lowest value. Triangles: further "
        "infusions. Samples before the first infusion at day 0. Days to scale until day 28, "
        "logarithmic after.",
    ),
    source="ADPC",
)
