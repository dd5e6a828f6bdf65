"""Figure: lymphocyte count after the first infusion."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import (
    HEIGHT,
    LINE_STYLES,
    WIDTH,
    group_colours,
    house_style,
    svg_of,
)
from csr.displays.laboratory.cytokines import course
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.laboratory.laboratory_course import LYMPHOCYTE_RECOVERY
from csr.params import Params
from csr.results import Adam, Needs

LIMITS = (0.2, 0.5, 0.8)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """Medians with quartiles by group on a log scale, with the thresholds of grades 2 to 4."""
    found = Lookup.of(results, LYMPHOCYTE_RECOVERY.name)
    seen = set(found.levels_at(0))
    levels = [lv for lv in params.treatment.levels if lv.value in seen]
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        for i, level in enumerate(levels):
            line = course(found, level.value)
            axes.errorbar(
                line["day"].to_numpy(),
                line["median"].to_numpy(),
                yerr=[
                    (line["median"] - line["q1"]).to_numpy(),
                    (line["q3"] - line["median"]).to_numpy(),
                ],
                color=group_colours(len(levels))[i],
                linestyle=LINE_STYLES[i % len(LINE_STYLES)],
                marker="o",
                markersize=3,
                linewidth=1.3,
                elinewidth=0.6,
                capsize=1.5,
                label=level.label,
            )
        for limit in LIMITS:
            axes.axhline(limit, color="#999999", linewidth=0.7, linestyle=":")
        axes.set_yscale("log")
        axes.set_yticks([0.05, 0.1, *LIMITS, 1, 2], ["0.05", "0.1", *map(str, LIMITS), "1", "2"])
        axes.set_yticks([], minor=True)
        axes.set_xlabel("Days from the first infusion (median day of the visit; baseline at −1)")
        axes.set_ylabel("Lymphocytes (10⁹/L)")
        if levels:
            axes.legend(ncols=3, loc="lower left", bbox_to_anchor=(0, 1.0))
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, f"Median lymphocyte count of {len(levels)} groups after the first infusion.")


DISPLAY = Display(
    name="lymphocyte-recovery",
    kind="figure",
    section="14.3.4",
    order=70,
    title="Lymphocyte count after the first infusion",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(LYMPHOCYTE_RECOVERY,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Medians with quartiles up to day 365 or the second infusion; points of three subjects or "
        "more. Dotted: 0.8, 0.5 and 0.2 × 10⁹/L, below which the grade is 2, 3 and 4.",
    ),
    source="ADLB",
)
