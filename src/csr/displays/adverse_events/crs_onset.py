"""Figure: when CRS and ICANS began and how long they lasted, a bar per episode."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from csr.displays.figures.figure_style import house_style, svg_of
from csr.displays.model import Display, Figure
from csr.endpoints.adverse_events.cell_toxicity import (
    CRS,
    GRADES,
    ICANS,
    SUMMARIES,
    episode_needs,
    episodes_of,
)
from csr.params import Params
from csr.results import Adam, Needs, reads

COLOURS = {"1": "#cfe3f1", "2": "#7fb3d5", "3": "#e69f00", "4": "#d55e00", "5": "#000000"}
UNGRADED = "#ffffff"
HATCHES = {CRS: "", ICANS: "///"}
LEAST_DAYS, TICKS = 14, 7


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A bar per episode from onset to end in days from the latest infusion, by onset."""
    parts = [episodes_of(adam, params, s)[1].assign(what=s) for s in (CRS, ICANS)]
    every = pd.concat(parts, ignore_index=True)
    every = every[every["AINFDY"].notna()]
    cut = pd.Timestamp(params.cut.cutoff)
    length = (every["AENDT"].fillna(cut) - every["ASTDT"]).dt.days + 1
    bars = every.assign(length=length.astype(float), order=(every["what"] == ICANS).astype(int))
    bars = bars.sort_values(["order", "AINFDY", "length"], ascending=[False, False, True])
    with house_style():
        canvas = Canvas(figsize=(7.0, min(2.2 + 0.055 * max(len(bars), 8), 8.0)))
        axes = canvas.subplots()
        _draw_bars(axes, bars.reset_index(drop=True))
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(bars))


def _draw_bars(axes: Axes, bars: pd.DataFrame) -> None:
    for row, bar in enumerate(bars.to_dict("records")):
        axes.barh(
            row,
            bar["length"],
            left=bar["AINFDY"],
            height=1.0,
            color=COLOURS.get(str(bar["AGRADE"]), UNGRADED),
            edgecolor="#444444",
            linewidth=0.35,
            hatch=HATCHES[str(bar["what"])],
        )
    last = float((bars["AINFDY"] + bars["length"]).max()) if len(bars) else LEAST_DAYS
    end = max(LEAST_DAYS, last)
    axes.set_xlim(0, end + 0.5)
    axes.set_xticks(np.arange(0, end + 1, TICKS if end > 2 * LEAST_DAYS else 2))
    axes.set_yticks([])
    axes.set_xlabel("Days from the latest infusion (its day is 0)")
    axes.set_ylabel("Episodes, by day of onset")
    seen = [g for g in GRADES if (bars["AGRADE"] == g).any()]
    handles = [
        Patch(facecolor=COLOURS[g], edgecolor="#444444", linewidth=0.5, label=f"Grade {g}")
        for g in seen
    ]
    if (bars["what"] == ICANS).any():
        handles.append(Patch(facecolor="#ffffff", edgecolor="#444444", hatch="///", label=ICANS))
    if handles:
        axes.legend(handles=handles, loc="lower right")


def _words(bars: pd.DataFrame) -> str:
    if bars.empty:
        return "Onset and duration of CRS and ICANS: no observations."
    said = []
    for name, own in bars.groupby("what", sort=True):
        grades = ", ".join(
            f"{(own['AGRADE'] == g).sum()} of grade {g}"
            for g in GRADES
            if (own["AGRADE"] == g).any()
        )
        said.append(f"{name}: {len(own)} episodes ({grades})")
    return f"Onset and duration of each episode. {'; '.join(said)}."


def needs(params: Params) -> Needs:
    """When the episodes began and ended."""
    return episode_needs(params) + reads("adce", "AINFDY", "AENDT")


DISPLAY = Display(
    name="crs-onset",
    kind="figure",
    section="14.3.1",
    order=170,
    title="Onset and duration of CRS and ICANS",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(SUMMARIES[CRS], SUMMARIES[ICANS]),
    needs=needs,
    draw=draw,
    footnotes=(
        "A bar per episode from its first to its last day, those that have not ended to the data "
        "cut-off. Grade by ASTCT 2019.",
    ),
    source="ADCE",
)
