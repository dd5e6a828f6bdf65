"""Figure: percent change of the sum of target lesions over time, a line per subject."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import HEIGHT, WIDTH, house_style, svg_of
from csr.displays.figures.response_colours import COLOURS
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.tumour_burden import (
    SPIDER,
    SPIDER_ANALYSIS,
    THERAPY_KNOWN,
    therapy_notes,
)
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count

MARKS = {"CR": "o", "PR": "s", "SD": "^", "NON-CR/NON-PD": "D", "PD": "v", "NE": "x"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A line per subject from 0 at baseline, coloured by best response."""
    points = _points(results, params.conventions.days_per_month)
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        for (response, _), own in points.groupby(["BOR", "USUBJID"], sort=True):
            _draw_line(axes, own, str(response))
        _dress(axes, points)
        canvas.tight_layout()
        svg = svg_of(canvas)
    lines = fmt_count(points["USUBJID"].nunique())
    return Figure(
        svg,
        f"Percent change of target lesions over time in {lines} subjects.",
        notes=therapy_notes(adam),
    )


def _points(results: pd.DataFrame, month: float) -> pd.DataFrame:
    own = results[(results["analysis"] == SPIDER) & (results["stat"] == "mean")]
    points = own.rename(columns={"level2": "BOR", "level3": "USUBJID", "level4": "DAY"})
    months = points["DAY"].astype(float) / month
    return points.assign(month=months).sort_values(["USUBJID", "month"], kind="stable")


def _draw_line(axes: Axes, own: pd.DataFrame, response: str) -> None:
    axes.plot(
        [0.0, *own["month"]],
        [0.0, *own["value"]],
        color=COLOURS.get(response, "#949494"),
        marker=MARKS.get(response, "x"),
        markersize=3,
        linewidth=0.9,
        alpha=0.85,
    )


def _dress(axes: Axes, points: pd.DataFrame) -> None:
    axes.axhline(0, color="black", linewidth=0.8)
    for level in (20, -30):
        axes.axhline(level, color="#444444", linewidth=0.7, linestyle=(0, (4, 3)))
    axes.set_xlabel("Months since first dose")
    axes.set_ylabel("Change from baseline (%)")
    axes.set_xlim(left=0)
    for response in COLOURS:
        if (points["BOR"] == response).any():
            colour, mark = COLOURS[response], MARKS.get(response, "x")
            axes.plot([], [], color=colour, marker=mark, markersize=4, label=response)
    handles = axes.get_legend_handles_labels()[0]
    if handles:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=len(handles))


DISPLAY = Display(
    name="spider",
    kind="figure",
    section="14.2",
    order=17,
    title="Percent change from baseline in the sum of target lesion diameters over time",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(SPIDER_ANALYSIS,),
    needs=THERAPY_KNOWN,
    draw=draw,
    footnotes=(
        "Efficacy-evaluable subjects; complete sums before new anticancer therapy. Colour and "
        "mark: confirmed best overall response. Broken lines: +20 % and −30 % from baseline.",
    ),
    source="Listing 16.2.6",
)
