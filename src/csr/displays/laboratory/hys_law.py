"""Figure: peaks of aminotransferases and bilirubin after baseline (Hy's law)."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.laboratory.hys_law import (
    AMINO_TIMES,
    BILIRUBIN_TIMES,
    CANDIDATE,
    HYS_LAW,
    is_candidate,
    liver_peaks,
    peak_needs,
)
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count

MARKERS = ("o", "s", "^", "D", "v", "P", "X")
TICKS = (0.1, 0.2, 0.5, 1, 2, 3, 5, 10, 20, 50, 100)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A point per subject, on log scales, with the quadrants of Hy's law."""
    _, peaks = liver_peaks(adam, params)
    both = peaks[(peaks["amino"] > 0) & (peaks["bilirubin"] > 0)]
    with house_style():
        canvas = Canvas(figsize=(7.0, 4.8))
        axes = canvas.subplots()
        levels = [lv for lv in params.treatment.levels if (both["TRTA"] == lv.value).any()]
        for i, level in enumerate(levels):
            own = both[both["TRTA"] == level.value]
            axes.scatter(
                own["amino"],
                own["bilirubin"],
                s=20,
                marker=MARKERS[i % len(MARKERS)],
                color=group_colours(len(levels))[i],
                alpha=0.8,
                label=level.label,
            )
        potential = both[is_candidate(both)]
        axes.scatter(
            potential["amino"], potential["bilirubin"], s=90, facecolors="none", edgecolors="black"
        )
        _dress(axes)
        canvas.tight_layout()
        svg = svg_of(canvas)
    n = Lookup.of(results, HYS_LAW.name).value("n", None, CANDIDATE)
    words = f"Peak ALT or AST against peak bilirubin of {len(both)} subjects, in multiples of the "
    return Figure(svg, f"{words}upper limit; {fmt_count(n)} meet the criteria of Hy's law.")


def _dress(axes: Axes) -> None:
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.axvline(AMINO_TIMES, color="#777777", linewidth=0.8, linestyle="--")
    axes.axhline(BILIRUBIN_TIMES, color="#777777", linewidth=0.8, linestyle="--")
    low_x, high_x = axes.get_xlim()
    low_y, high_y = axes.get_ylim()
    axes.set_xlim(min(low_x, 0.1), max(high_x, 10))
    axes.set_ylim(min(low_y, 0.1), max(high_y, 10))
    for set_ticks, limits in (
        (axes.set_xticks, axes.get_xlim()),
        (axes.set_yticks, axes.get_ylim()),
    ):
        ticks = [t for t in TICKS if limits[0] <= t <= limits[1]]
        set_ticks(ticks, [f"{t:g}" for t in ticks])
        set_ticks([], minor=True)
    axes.text(0.98, 0.98, "Hy's law", transform=axes.transAxes, ha="right", va="top")
    axes.text(0.98, 0.02, "Temple's corollary", transform=axes.transAxes, ha="right", va="bottom")
    axes.text(0.02, 0.98, "Cholestasis", transform=axes.transAxes, ha="left", va="top")
    axes.set_xlabel("Peak ALT or AST (× ULN)")
    axes.set_ylabel("Peak bilirubin (× ULN)")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3)


DISPLAY = Display(
    name="hys-law",
    kind="figure",
    section="14.3.4",
    order=50,
    title="Hy's law: peak aminotransferases and bilirubin",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(HYS_LAW,),
    needs=peak_needs,
    draw=draw,
    footnotes=(
        "Peaks after baseline, whenever each was. Dashed: 3 × ULN and 2 × ULN. Circled: potential "
        "Hy's law, alkaline phosphatase below 2 × ULN.",
    ),
    source="ADLB",
)
