"""Figure: best percent change of the sum of target lesions, a bar per subject."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from csr.displays.figures.figure_style import HEIGHT, WIDTH, house_style, svg_of
from csr.displays.figures.response_colours import COLOURS, HATCHES
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.tumour_burden import (
    THERAPY_KNOWN,
    WATERFALL,
    WATERFALL_ANALYSIS,
    therapy_notes,
)
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count

CUT = 100.0


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A bar per subject from the largest growth to the largest decrease, by best response."""
    bars = _bars(results)
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        for place, bar in enumerate(bars.to_dict("records")):
            _draw_bar(axes, place, bar)
        _dress(axes, bars)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(bars), notes=therapy_notes(adam))


def _bars(results: pd.DataFrame) -> pd.DataFrame:
    own = results[(results["analysis"] == WATERFALL) & (results["stat"] == "min")]
    bars = own.rename(columns={"level1": "TRTA", "level2": "BOR", "level3": "USUBJID"})
    order = ["value", "USUBJID"]
    return bars.sort_values(order, ascending=[False, True], kind="stable").reset_index(drop=True)


def _draw_bar(axes: Axes, place: int, bar: dict[str, float | str]) -> None:
    response, value = str(bar["BOR"]), float(bar["value"])
    axes.bar(
        place,
        min(value, CUT),
        color=COLOURS.get(response, "#949494"),
        hatch=HATCHES.get(response, ""),
        edgecolor="white",
        linewidth=0.3,
        width=0.85,
    )
    if value > CUT:
        axes.text(place, CUT + 1, f"{value:.0f}", ha="center", va="bottom", fontsize=6)


def _dress(axes: Axes, bars: pd.DataFrame) -> None:
    axes.axhline(0, color="black", linewidth=0.8)
    for level in (20, -30):
        axes.axhline(level, color="#444444", linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set_xticks([])
    axes.set_xlim(-1, max(len(bars), 1))
    axes.set_ylabel("Best change from baseline (%)")
    axes.set_xlabel(f"Subjects (n={len(bars)})")
    axes.spines["bottom"].set_visible(False)
    seen = [r for r in COLOURS if (bars["BOR"] == r).any()]
    patches = [
        Patch(facecolor=COLOURS[r], hatch=HATCHES.get(r, ""), edgecolor="white", label=r)
        for r in seen
    ]
    if patches:
        axes.legend(
            handles=patches,
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=len(patches),
            handlelength=1.6,
        )


def _words(bars: pd.DataFrame) -> str:
    if bars.empty:
        return "Waterfall plot of the best change of target lesions. No observations."
    shrunk, by30 = int((bars["value"] < 0).sum()), int((bars["value"] <= -30).sum())
    return (
        f"Waterfall plot of the best change of target lesions: {fmt_count(len(bars))} subjects, "
        f"{fmt_count(shrunk)} with a decrease, {fmt_count(by30)} by 30 % or more."
    )


DISPLAY = Display(
    name="waterfall",
    kind="figure",
    section="14.2",
    order=16,
    title="Best percent change from baseline in the sum of target lesion diameters",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(WATERFALL_ANALYSIS,),
    needs=THERAPY_KNOWN,
    draw=draw,
    footnotes=(
        "Efficacy-evaluable subjects with a complete sum after baseline, up to progression and "
        "before new anticancer therapy. Colour: confirmed best overall response. Broken lines: "
        "+20 % and −30 %. Bars above +100 % are cut, with their value.",
    ),
    source="Listing 16.2.6",
)
