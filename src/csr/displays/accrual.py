"""Figure: subjects who gave consent, were apheresed and were treated, over time."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figure_style import (
    HEIGHT,
    LINE_STYLES,
    WIDTH,
    group_colours,
    house_style,
    svg_of,
)
from csr.displays.layout import Lookup
from csr.displays.model import Display, Figure
from csr.endpoints.accrual import ACCRUAL
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count

MOST_TICKS = 12


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A step curve per milestone: subjects so far, by month."""
    found = Lookup.of(results, ACCRUAL.name)
    months = found.levels_at(2)
    so_far = {
        step: pd.Series([found.value("n", None, step, m) or 0 for m in months]).cumsum()
        for step in found.levels_at(1)
    }
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        for i, (step, counts) in enumerate(so_far.items()):
            colour = group_colours(len(so_far))[i]
            axes.step(
                range(len(months)),
                counts,
                where="post",
                color=colour,
                linestyle=LINE_STYLES[i % len(LINE_STYLES)],
                linewidth=1.6,
                label=step,
            )
        every = max(1, -(-len(months) // MOST_TICKS))
        axes.set_xticks(range(0, len(months), every), months[::every], rotation=45, ha="right")
        axes.set_ylim(0)
        axes.set_ylabel("Subjects")
        if so_far:
            axes.legend(loc="upper left", handlelength=3.2)
        canvas.tight_layout()
        svg = svg_of(canvas)
    parts = [f"{step}: {fmt_count(float(counts.iloc[-1]))}" for step, counts in so_far.items()]
    span = f" from {months[0]} to {months[-1]}" if months else ""
    return Figure(svg, f"Accrual{span}. {'; '.join(parts) or 'No observations'}.")


DISPLAY = Display(
    name="accrual",
    kind="figure",
    section="14.1",
    order=25,
    title="Accrual over time",
    population="enrolled",
    audience=frozenset({"open", "closed"}),
    analyses=(ACCRUAL,),
    datasets=("adsl",),
    draw=draw,
    footnotes=("By calendar month of consent, apheresis and first treatment.",),
    source="ADSL",
)
