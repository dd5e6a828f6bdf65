"""Figure: common adverse events by group, at any grade and severe."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.adverse_events.ae_common import common_terms
from csr.displays.figures.figure_style import WIDTH, group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.adverse_events.ae_common import AE_COMMON, ANY_GRADE, SEVERE
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_percent

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
MOST_TERMS = 25
TALLEST, SHORTEST, LINE = 8.0, 3.0, 0.26


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A line per term, a mark per group at its share of subjects: left any grade, right severe."""
    found = Lookup.of(results, AE_COMMON.name)
    terms = common_terms(found, params)[:MOST_TERMS]
    with house_style():
        height = min(TALLEST, max(SHORTEST, 1.4 + LINE * len(terms)))
        canvas = Canvas(figsize=(WIDTH, height))
        for axes, severity in zip(
            canvas.subplots(1, 2, sharey=True), (ANY_GRADE, SEVERE), strict=True
        ):
            _draw_side(axes, found, params, terms, severity)
        handles, labels = canvas.axes[0].get_legend_handles_labels()
        canvas.legend(handles, labels, loc="upper center", ncols=3)
        canvas.tight_layout(rect=(0, 0, 1, 1 - 0.55 / height))
        svg = svg_of(canvas)
    return Figure(svg, _words(found, terms))


def _draw_side(axes: Axes, found: Lookup, params: Params, terms: list[str], severity: str) -> None:
    levels = params.treatment.levels
    colours = group_colours(len(levels))
    places = range(len(terms), 0, -1)
    for i, level in enumerate(levels):
        share = [found.value("pct", level.value, term, severity) for term in terms]
        shift = 0.5 * (i - (len(levels) - 1) / 2) / max(len(levels), 1)
        axes.plot(
            [float("nan") if s is None else s for s in share],
            [place - shift for place in places],
            MARKERS[i % len(MARKERS)],
            color=colours[i],
            markersize=4.5,
            label=level.label,
        )
    axes.set_yticks(list(places), terms)
    axes.set_ylim(0.3, len(terms) + 0.7)
    axes.set_xlim(-2, 102)
    axes.grid(axis="y", linewidth=0.4, color="#cccccc")
    axes.set_title(severity, fontsize=9)
    axes.set_xlabel("Subjects (%)")


def _words(found: Lookup, terms: list[str]) -> str:
    if not terms:
        return "Common adverse events. No observations."
    parts = [
        f"{term} {fmt_percent(found.value('pct', None, term, ANY_GRADE), 0)}% "
        f"(severe {fmt_percent(found.value('pct', None, term, SEVERE), 0)}%)"
        for term in terms[:5]
    ]
    return f"Share of subjects with common adverse events; in total {', '.join(parts)}."


DISPLAY = Display(
    name="ae-dot-plot",
    kind="figure",
    section="14.3.1",
    order=110,
    title="Common treatment-emergent adverse events",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(AE_COMMON,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "The commonest preferred terms (25 at the most) of those that reach the share of "
        "conventions.common_percent in any column.",
    ),
    source="Listing 16.2.7",
)
