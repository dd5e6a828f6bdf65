"""Figure: copies after the first infusion by best overall response."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import HEIGHT, WIDTH, house_style, svg_of
from csr.displays.figures.kinetics_figure import LEAST, NO_LIMIT, draw_course, limit_of, set_axes
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.kinetics.kinetics_course import (
    KINETICS_BY_RESPONSE,
    ORDER,
    response_needs,
    response_samples,
)
from csr.endpoints.kinetics.kinetics_summary import rules_of
from csr.params import Params
from csr.results import Adam, Needs, reads
from csr.rounding import fmt_count


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A line per response: geometric means at the planned visits."""
    found = Lookup.of(results, KINETICS_BY_RESPONSE.name)
    own = response_samples(adam, params)
    days = own.drop_duplicates("AVISIT").set_index("AVISIT")["AVISITN"]
    last = 0.0
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        axes = canvas.subplots()
        for place, response in enumerate(ORDER):
            course = _course(found, response, days)
            if course.empty:
                continue
            n = own.loc[own["RESPONSE"] == response, "USUBJID"].nunique()
            draw_course(axes, course, place, len(ORDER), f"{response} (n={fmt_count(n)})")
            last = max(last, float(course["DAY"].max()))
        set_axes(axes, last, limit_of(own))
        axes.set_xlabel("Planned days since the first infusion")
        axes.set_ylabel(f"{rules_of(params).analyte} ({rules_of(params).units})")
        if last:
            axes.legend(ncols=len(ORDER), loc="lower left", bbox_to_anchor=(0, 1.0))
        canvas.tight_layout()
        svg = svg_of(canvas)
    counts = own.drop_duplicates("USUBJID")["RESPONSE"].value_counts()
    words = ", ".join(f"{r}: {fmt_count(counts[r])}" for r in ORDER if r in counts)
    return Figure(svg, f"Geometric mean copies by best response. Subjects: {words or 'none'}.")


def _course(found: Lookup, response: str, days: pd.Series) -> pd.DataFrame:
    points = []
    for visit, day in days.items():
        n, n_pos = (found.value(s, response, str(visit)) or 0.0 for s in ("n", "n_pos"))
        if n_pos < LEAST:
            continue
        mean = found.value("geomean", response, str(visit)) or 0.0
        points.append((max(day, 0.0), mean, mean, mean, n, n_pos))
    return pd.DataFrame(points, columns=["DAY", "geomean", "low", "high", "n", "n_pos"])


def needs(params: Params) -> Needs:
    """The samples by response, and the limit."""
    return response_needs(params) + reads("adpc", "USUBJID", LLOQ=NO_LIMIT)


DISPLAY = Display(
    name="kinetics-by-response",
    kind="figure",
    section="14.4",
    order=60,
    title="Copies after the first infusion by best overall response",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(KINETICS_BY_RESPONSE,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Geometric mean of the values above the limit of quantification (dotted), at points of "
        "three of them or more; hollow where fewer than half of the samples are above it. NE: no "
        "evaluable response. Exploratory: who responds later is counted from the start.",
    ),
    source="ADPC, ADRS",
)
