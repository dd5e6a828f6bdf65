"""Figure: the course of each subject, a bar with its events."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import WIDTH, group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.endpoints.efficacy.swimmer import (
    DEATH,
    FOLLOWED,
    INFUSION,
    NAME,
    ONGOING,
    SWIMMER,
    THERAPY,
)
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count

# kind: marker, colour
MARKS = {
    INFUSION: ("|", "black"),
    "CR": ("*", "#0173b2"),
    "PR": ("^", "#029e73"),
    "PD": ("s", "#d55e00"),
    THERAPY: ("D", "#cc78bc"),
    DEATH: ("X", "black"),
    ONGOING: (">", "#444444"),
}
LEAST_HEIGHT, MOST_HEIGHT, PER_SUBJECT = 2.6, 8.2, 0.125
MOST_NAMED = 64


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A bar per subject of the length of its follow-up, the longest first in each group."""
    events = _events(results, params)
    bars = events[events["KIND"] == FOLLOWED]
    place = {subject: -float(i) for i, subject in enumerate(bars["USUBJID"])}
    height = min(MOST_HEIGHT, max(LEAST_HEIGHT, 1.2 + PER_SUBJECT * len(bars)))
    with house_style():
        canvas = Canvas(figsize=(WIDTH, height))
        axes = canvas.subplots()
        _draw_bars(axes, bars, place, params)
        for kind, (marker, colour) in MARKS.items():
            own = events[(events["KIND"] == kind) & events["USUBJID"].isin(place)]
            where = own["USUBJID"].map(place)
            if len(own):
                axes.scatter(
                    own["value"], where, marker=marker, c=colour, s=16, label=kind, zorder=3
                )
        _dress(axes, place)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(events, len(bars)))


def _events(results: pd.DataFrame, params: Params) -> pd.DataFrame:
    own = results[(results["analysis"] == NAME) & (results["stat"] == "mean")]
    named = own.rename(columns={"level1": "TRTA", "level2": "USUBJID", "level3": "KIND"})
    order = {value: i for i, value in enumerate(params.treatment.values)}
    named = named.assign(order=named["TRTA"].map(order).fillna(len(order)))
    keys = ["order", "value", "USUBJID"]
    return named.sort_values(keys, ascending=[True, False, True], kind="stable")


def _draw_bars(axes: Axes, bars: pd.DataFrame, place: dict[str, float], params: Params) -> None:
    colours = group_colours(len(params.treatment.levels))
    for level, colour in zip(params.treatment.levels, colours, strict=False):
        own = bars[bars["TRTA"] == level.value]
        if len(own):
            where = own["USUBJID"].map(place)
            axes.barh(where, own["value"], height=0.75, color=colour, alpha=0.35, label=level.label)


def _dress(axes: Axes, place: dict[str, float]) -> None:
    axes.set_xlabel("Months since first dose")
    axes.set_xlim(left=0)
    axes.set_ylim(-len(place), 1)
    if len(place) <= MOST_NAMED:
        axes.set_yticks(list(place.values()), [s.split("-", 1)[-1] for s in place], fontsize=5)
    else:
        axes.set_yticks([])
    axes.tick_params(axis="y", length=0)
    handles, labels = axes.get_legend_handles_labels()
    if handles:
        axes.legend(
            handles, labels, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, fontsize=7.5
        )


def _words(events: pd.DataFrame, bars: int) -> str:
    counts = "; ".join(
        f"{kind}: {fmt_count(n)}"
        for kind in MARKS
        if (n := events.loc[events["KIND"] == kind, "USUBJID"].nunique())
    )
    return f"Swimmer plot of {fmt_count(bars)} subjects. Subjects with {counts or 'no event'}."


DISPLAY = Display(
    name="swimmer",
    kind="figure",
    section="14.2",
    order=20,
    title="Course of each subject: infusions, responses, progression, therapy, death",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(SWIMMER,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Bar: from the first dose to death or the last day known alive. Marks: first CR, PR and PD "
        "of the evaluator, infusions after the first, start of new anticancer therapy.",
    ),
    source="Listing 16.2.6",
)
