"""Figure: ferritin, CRP and interleukin 6 after the first infusion, by maximum grade of CRS."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import LINE_STYLES, group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.laboratory.by_visit import BOUND
from csr.endpoints.laboratory.laboratory_course import CYTOKINES
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count

PANEL = 2.0


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A panel per test: medians with quartiles on a log scale, a line per grade of CRS."""
    found = Lookup.of(results, CYTOKINES.name)
    tests, grades = found.levels_at(0), sorted(g for g in found.levels_at(1) if g != BOUND)
    with house_style():
        canvas = Canvas(figsize=(7.0, 1.0 + PANEL * max(len(tests), 1)))
        panels = canvas.subplots(max(len(tests), 1), 1, sharex=True, squeeze=False)
        for axes, test in zip(panels[:, 0], tests, strict=False):
            for i, grade in enumerate(grades):
                line = course(found, test, grade)
                axes.errorbar(
                    line["day"].to_numpy() + 0.15 * i,
                    line["median"].to_numpy(),
                    yerr=[
                        (line["median"] - line["q1"]).to_numpy(),
                        (line["q3"] - line["median"]).to_numpy(),
                    ],
                    color=group_colours(len(grades))[i],
                    linestyle=LINE_STYLES[i % len(LINE_STYLES)],
                    marker="o",
                    markersize=3,
                    linewidth=1.2,
                    elinewidth=0.7,
                    capsize=1.5,
                    label=grade,
                )
            axes.set_yscale("log")
            axes.set_ylabel(test, fontsize=7.5)
        panels[-1, 0].set_xlabel(
            "Days from the first infusion (median day of the visit; baseline at −1)"
        )
        if grades:
            panels[0, 0].legend(ncols=len(grades), loc="lower left", bbox_to_anchor=(0, 1.0))
        canvas.tight_layout()
        svg = svg_of(canvas)
    words = f"Medians of {', '.join(tests) or 'no test'} by {', '.join(grades) or 'none'}."
    return Figure(svg, words, notes=_bounds(found, tests))


def _bounds(found: Lookup, tests: list[str]) -> tuple[str, ...]:
    """Of how many subjects a value is known to be below or above a number only."""
    counts = {test: found.value("n", test, BOUND, None) or 0 for test in tests}
    said = [f"{test} of {fmt_count(n)} subjects" for test, n in counts.items() if n]
    if not said:
        return ()
    return (f"Results that are known as < or > a number only count as it: {'; '.join(said)}.",)


def course(found: Lookup, *where: str) -> pd.DataFrame:
    """Day, median and quartiles of one line, in time."""
    days = [key[-2] for key in found.values if key[: len(where)] == where and key[-1] == "median"]
    rows = [
        {"day": float(day), **{s: found.value(s, *where, day) for s in ("median", "q1", "q3")}}
        for day in days
        if day is not None
    ]
    return pd.DataFrame(rows, columns=["day", "median", "q1", "q3"]).sort_values("day")


DISPLAY = Display(
    name="cytokines",
    kind="figure",
    section="14.3.4",
    order=60,
    title="Cytokines and markers of inflammation by maximum grade of CRS",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(CYTOKINES,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Medians with quartiles after the first infusion, up to day 35 or the second; points of "
        "three subjects or more. Maximum grade of CRS after the first infusion.",
    ),
    source="ADLB, ADCE",
)
