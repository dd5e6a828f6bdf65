"""Figure: subjects who gave consent, were apheresed and were treated, over time, and by site."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.gridspec import GridSpec

from csr.displays.figures.figure_style import (
    LINE_STYLES,
    WIDTH,
    group_colours,
    house_style,
    svg_of,
)
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.disposition.accrual import ACCRUAL
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count

MOST_TICKS = 8
MOST_SITES, PER_ROW = 12, 4
WHOLE, ROW = 3.1, 1.35  # inches: the study, and a row of sites
SITE_TICKS = 2

Curves = dict[str, pd.Series]


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A step curve per milestone, subjects so far by month: of the study, and small of each site.

    Of more than 12 sites, those with the most subjects.
    """
    found = Lookup.of(results, ACCRUAL.name)
    months, sites = found.levels_at(3), found.levels_at(2)
    whole = _so_far(found, None, months)
    by_site = {site: _so_far(found, site, months) for site in sites}
    shown = sorted(sorted(sites, key=lambda s: (-_total(by_site[s]), s))[:MOST_SITES])
    rows = -(-len(shown) // PER_ROW)
    with house_style():
        canvas = Canvas(figsize=(WIDTH, WHOLE + ROW * rows))
        grid = canvas.add_gridspec(
            1 + rows, PER_ROW, height_ratios=[WHOLE, *[ROW] * rows], hspace=0.55, wspace=0.35
        )
        axes = canvas.add_subplot(grid[0, :])
        _draw_curves(axes, whole, months, MOST_TICKS)
        axes.set_ylabel("Subjects")
        if whole:
            axes.legend(loc="upper left", handlelength=3.2)
        _draw_sites(canvas, grid, {s: by_site[s] for s in shown}, months)
        canvas.subplots_adjust(left=0.08, right=0.98, top=0.97, bottom=0.4 / (WHOLE + ROW * rows))
        svg = svg_of(canvas)
    return Figure(svg, _words(whole, {s: by_site[s] for s in shown}, months))


def _so_far(found: Lookup, site: str | None, months: list[str]) -> Curves:
    return {
        step: pd.Series([found.value("n", None, step, site, m) or 0 for m in months]).cumsum()
        for step in found.levels_at(1)
    }


def _total(curves: Curves) -> float:
    return max((float(c.iloc[-1]) for c in curves.values()), default=0.0)


def _draw_curves(axes: Axes, curves: Curves, months: list[str], ticks: int) -> None:
    for i, (step, counts) in enumerate(curves.items()):
        axes.step(
            range(len(months) + 1),
            [*counts, *counts[-1:]],
            where="post",
            color=group_colours(len(curves))[i],
            linestyle=LINE_STYLES[i % len(LINE_STYLES)],
            linewidth=1.6 if ticks == MOST_TICKS else 1.1,
            label=step,
        )
    every = max(1, -(-len(months) // ticks))
    axes.set_xticks(range(0, len(months), every), months[::every])
    axes.set_ylim(0)


def _draw_sites(
    canvas: Canvas, grid: GridSpec, sites: dict[str, Curves], months: list[str]
) -> None:
    """One scale for all sites, so that they can be compared."""
    top = max((_total(curves) for curves in sites.values()), default=0.0)
    for place, (site, curves) in enumerate(sites.items()):
        axes = canvas.add_subplot(grid[1 + place // PER_ROW, place % PER_ROW])
        _draw_curves(axes, curves, months, SITE_TICKS)
        axes.set_ylim(0, 1.08 * top)
        axes.set_title(f"Site {site}", fontsize=8.5)
        axes.tick_params(labelsize=6.5)


def _words(whole: Curves, sites: dict[str, Curves], months: list[str]) -> str:
    parts = [f"{step}: {fmt_count(float(counts.iloc[-1]))}" for step, counts in whole.items()]
    span = f" from {months[0]} to {months[-1]}" if months else ""
    by_site = ", ".join(f"{site} {fmt_count(_total(curves))}" for site, curves in sites.items())
    last = f" Subjects by site: {by_site}." if sites else ""
    return f"Accrual{span}. {'; '.join(parts) or 'No observations'}.{last}"


DISPLAY = Display(
    name="accrual",
    kind="figure",
    section="14.1",
    order=25,
    title="Accrual over time",
    population="enrolled",
    audience=frozenset({"open", "closed"}),
    analyses=(ACCRUAL,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "By calendar month of consent, apheresis and first treatment; below, by site (the 12 with "
        "the most subjects, where there are more), on one scale.",
    ),
    source="ADSL",
)
