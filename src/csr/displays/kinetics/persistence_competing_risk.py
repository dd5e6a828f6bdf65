"""Figure: loss of the transgene, death competing."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import HEIGHT, WIDTH, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.kinetics.persistence_competing import COMPETING
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_p

CURVES = (("loss", "Loss of the transgene", "#0072b2"), ("death", "Death without loss", "#999999"))


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """All groups: cumulative incidence of loss, and of death on top of it, to 100%."""
    found = Lookup.of(results, COMPETING.name)
    tested = found.value("gray_p", None, None)
    times = sorted({float(k[1]) for k in found.values if k[0] is None and len(k) == 3 and k[1]})
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        below = np.zeros(len(times) + 1)
        months = np.array([0.0, *times])
        for stat, label, colour in CURVES:
            share = np.array([0.0, *(_at(found, stat, t) for t in times)])
            axes.fill_between(
                months, below, below + share, step="post", color=colour, alpha=0.55, label=label
            )
            axes.step(months, below + share, where="post", color=colour, linewidth=1.2)
            below = below + share
        axes.set_ylim(0, 100)
        axes.set_xlim(0, max(times, default=1.0))
        axes.set_xlabel("Months since the first infusion")
        axes.set_ylabel("Subjects (%)")
        axes.legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1.0))
        if tested is not None:
            axes.set_title(f"Loss between groups, Gray's test: p = {fmt_p(tested)}", loc="right")
        canvas.tight_layout()
        svg = svg_of(canvas)
    losses, deaths = (found.value(s, None, None) for s in ("losses", "deaths"))
    words = f"{fmt_count(losses)} losses and {fmt_count(deaths)} deaths without loss."
    if tested is not None:
        words += f" Gray's test of loss between the groups: p = {fmt_p(tested)}."
    return Figure(svg, f"Stacked cumulative incidence of loss and of death: {words}")


def _at(found: Lookup, stat: str, time: float) -> float:
    return found.value(stat, None, repr(time)) or 0.0


DISPLAY = Display(
    name="persistence-competing-risk",
    kind="figure",
    section="14.4",
    order=110,
    title="Loss of the transgene with death competing",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(COMPETING,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Aalen-Johansen, all groups; stacked. Subjects with a quantifiable sample after the first "
        "infusion; those infused again, or alive without loss, are censored at the last sample; "
        "who died without loss was at risk until then, however long after the last sample. Where "
        "arms are compared: Gray's test of all groups; each against the reference is in the "
        "results.",
    ),
    source="ADPP, ADSL",
)
