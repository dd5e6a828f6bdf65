"""Figure: the times from apheresis to infusion, one point per subject."""

from __future__ import annotations

import textwrap

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import HEIGHT, WIDTH, group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.disposition.manufacturing import (
    MANUFACTURING_TIMES,
    POPULATION,
    TIMES,
    first_values,
)
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_number

DAYS = "days"
MARKS = ("o", "s", "^", "D", "v", "P", "X")
LABEL = 22  # characters of a label's line
SPREAD = 0.62  # of a row, over which the groups and their points are laid out


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A row per interval: the subjects by group, and the median with the quartile range."""
    found = Lookup.of(results, MANUFACTURING_TIMES.name)
    made = with_group(adam["admfg"], subjects_in(adam, params, POPULATION))
    timed = first_values(made)
    timed = timed[timed["AVALU"].str.lower() == DAYS]
    names = list(dict.fromkeys(timed["PARAM"]))
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        for row, name in enumerate(names):
            _draw_row(axes, len(names) - row, timed[timed["PARAM"] == name], params)
            median = found.value("median", None, name, DAYS) or 0.0
            y = len(names) - row
            axes.plot([median, median], [y - 0.4, y + 0.4], "-", color="#000000", linewidth=1.8)
        axes.set_yticks(range(len(names), 0, -1), [_wrapped(name) for name in names])
        axes.set_ylim(0.4, max(len(names), 1) + 0.6)
        axes.set_xlim(0)
        axes.set_xlabel("Days (line: median of all groups)")
        if names:
            axes.legend(loc="lower left", bbox_to_anchor=(-0.25, 1.0), ncols=3, handletextpad=0.3)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(found, names))


def _draw_row(axes: Axes, y: int, own: pd.DataFrame, params: Params) -> None:
    """Points side by side where days are equal: a step up for each subject of the same day."""
    levels = params.treatment.levels
    colours = group_colours(len(levels))
    step = SPREAD / max(len(levels), 1)
    for i, level in enumerate(levels):
        days = own.loc[own["TRTA"] == level.value, "AVAL"].sort_values()
        rank = days.groupby(days).cumcount().to_numpy() % 4
        base = y + SPREAD / 2 - step * (i + 0.5)
        axes.plot(
            days,
            base + (rank - 1.5) * step / 6,
            MARKS[i % len(MARKS)],
            color=colours[i],
            markersize=3.2,
            alpha=0.8,
            markeredgewidth=0,
            label=level.label if not _is_labelled(axes, level.label) else None,
        )


def _is_labelled(axes: Axes, label: str) -> bool:
    return label in axes.get_legend_handles_labels()[1]


def _wrapped(name: str) -> str:
    return "\n".join(line for part in name.split(" (") for line in _lines(part, "(" in name))


def _lines(part: str, bracketed: bool) -> list[str]:
    """A part of a name in lines of a label's width; the bracket that was cut is put back."""
    whole = f"({part}" if bracketed and part.endswith(")") else part
    return textwrap.wrap(whole, LABEL)


def _words(found: Lookup, names: list[str]) -> str:
    parts = [
        f"{name}: median {fmt_number(found.value('median', None, name, DAYS), 1)} days, "
        f"{fmt_count(found.value('n', None, name, DAYS))} subjects"
        for name in names
    ]
    return f"Times of manufacturing. {'; '.join(parts) or 'No observations'}."


def needs(params: Params) -> Needs:
    """The times of the subjects and their group."""
    return subject_needs(params, POPULATION) + TIMES


DISPLAY = Display(
    name="manufacturing-times-figure",
    kind="figure",
    section="14.1",
    order=95,
    title="Times from apheresis to infusion",
    population="apheresed",
    audience=frozenset({"open", "closed"}),
    analyses=(MANUFACTURING_TIMES,),
    needs=needs,
    draw=draw,
    footnotes=(
        "A point per subject; points of one day and group stand above each other, at most four. "
        "Apheresis: the last one begun up to the release of the product.",
    ),
    source="ADMFG",
)
