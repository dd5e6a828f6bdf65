"""Figure: geometric mean copies over time, by group and infusion."""

from __future__ import annotations

import math

import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import WIDTH, house_style, svg_of
from csr.displays.figures.kinetics_figure import LEAST, NO_LIMIT, draw_course, limit_of, set_axes
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.kinetics.kinetics_summary import (
    KINETICS_BY_VISIT,
    rules_of,
    visit_needs,
    visit_samples,
)
from csr.params import Params
from csr.results import Adam, Needs, reads

PANEL, MOST_PANELS = 3.1, 3


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A panel per infusion, a line per group: geometric means with the geometric SD."""
    found = Lookup.of(results, KINETICS_BY_VISIT.name)
    samples = visit_samples(adam, params)
    courses = {i: _courses(found, samples, params, i) for i in samples["INFUSION"].unique()}
    shown = [i for i, each in courses.items() if each][:MOST_PANELS] or ["1"]
    levels = params.treatment.levels
    with house_style():
        canvas = Canvas(figsize=(WIDTH, 0.8 + PANEL * len(shown)))
        panels = canvas.subplots(len(shown), 1, squeeze=False)
        for axes, infusion in zip(panels[:, 0], shown, strict=True):
            drawn = courses.get(infusion, {})
            for place, level in enumerate(levels):
                if level.value in drawn:
                    draw_course(axes, drawn[level.value], place, len(levels), level.label)
            last = max((c["DAY"].max() for c in drawn.values()), default=0.0)
            set_axes(axes, last, limit_of(samples))
            axes.set_title(f"Infusion {infusion}", fontsize=8.5, loc="right")
            axes.set_ylabel(f"{rules_of(params).analyte} ({rules_of(params).units})")
        panels[-1, 0].set_xlabel("Planned days since the infusion")
        if courses:
            panels[0, 0].legend(ncols=2, loc="lower left", bbox_to_anchor=(0, 1.0), fontsize=7.5)
        canvas.tight_layout()
        svg = svg_of(canvas)
    groups = {value for each in courses.values() for value in each}
    return Figure(svg, f"Geometric mean copies of {len(groups)} groups, {len(shown)} infusion(s).")


def _courses(
    found: Lookup, samples: pd.DataFrame, params: Params, infusion: str
) -> dict[str, pd.DataFrame]:
    """The points of each group that enough subjects have."""
    here = samples[samples["INFUSION"] == infusion]
    days = here.drop_duplicates("AVISIT").set_index("AVISIT")["AVISITN"]
    courses = {}
    for level in params.treatment.values:
        points = []
        for visit, day in days.items():
            at = (level, infusion, str(visit))
            n, n_pos = (found.value(stat, *at) or 0.0 for stat in ("n", "n_pos"))
            if n_pos < LEAST:
                continue
            mean, cv = (found.value(stat, *at) or 0.0 for stat in ("geomean", "geocv"))
            spread = math.exp(math.sqrt(math.log(1 + (cv / 100) ** 2)))
            points.append((max(day, 0.0), mean, mean / spread, mean * spread, n, n_pos))
        if points:
            columns = ["DAY", "geomean", "low", "high", "n", "n_pos"]
            courses[level] = pd.DataFrame(points, columns=columns)
    return courses


def needs(params: Params) -> Needs:
    """The samples of planned visits, and the limit."""
    return visit_needs(params) + reads("adpc", "USUBJID", LLOQ=NO_LIMIT)


DISPLAY = Display(
    name="kinetics-mean",
    kind="figure",
    section="14.4",
    order=40,
    title="Geometric mean copies over time",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(KINETICS_BY_VISIT,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Geometric mean and geometric SD of the values above the limit of quantification, at "
        "points of three of them or more; hollow where fewer than half of the samples are above "
        "it. Dotted: the limit of quantification. Days to scale until day 28, logarithmic after.",
    ),
    source="ADPC",
)
