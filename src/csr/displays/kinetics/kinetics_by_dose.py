"""Figure: exposure after the first infusion by dose, with the power model."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.kinetics.dose_proportionality import DOSE_PROPORTIONALITY, EXPOSURES, dosed
from csr.endpoints.kinetics.dose_proportionality import needs as dosed_needs
from csr.endpoints.kinetics.kinetics_summary import NAMED, parameter_names
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_number


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A panel per parameter, both axes logarithmic: subjects, and the fitted line."""
    found = Lookup.of(results, DOSE_PROPORTIONALITY.name)
    own, names = dosed(adam, params), parameter_names(adam)
    slopes = []
    with house_style():
        canvas = Canvas(figsize=(7.0, 3.8))
        for axes, code in zip(canvas.subplots(1, len(EXPOSURES)), EXPOSURES, strict=True):
            here = own[own["PARAMCD"] == code]
            axes.plot(here["DOSE"], here["value"], "o", color="#0072b2", markersize=3.5, alpha=0.6)
            slope, start = (found.value(s, code) for s in ("slope", "intercept"))
            if slope is not None and start is not None and not np.isnan(slope):
                ends = np.array([here["DOSE"].min(), here["DOSE"].max()])
                axes.plot(ends, np.exp(start) * ends**slope, color="black", linewidth=1.2)
                slopes.append(f"{names[code]}: {fmt_number(slope, 2)}")
            if len(here):
                axes.set_xscale("log")
                axes.set_yscale("log")
            marks = sorted(here["DOSE"].unique())
            marks = [marks[0], marks[-1]] if len(marks) > 1 else marks
            axes.set_xticks(marks, [f"{m / 1e6:.0f}" for m in marks])
            axes.minorticks_off()
            axes.set_ylabel(names.get(code, code))
            axes.set_xlabel("Dose (10⁶ cells)")
        canvas.tight_layout()
        svg = svg_of(canvas)
    n = fmt_count(own["USUBJID"].nunique())
    return Figure(
        svg, f"Exposure by dose of {n} subjects; exponent: {'; '.join(slopes) or 'none'}."
    )


def needs(params: Params) -> Needs:
    """Exposures by dose, and the names of the parameters."""
    return dosed_needs(params) + NAMED


DISPLAY = Display(
    name="kinetics-by-dose",
    kind="figure",
    section="14.4",
    order=70,
    title="Exposure after the first infusion by dose",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(DOSE_PROPORTIONALITY,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Cells given at the first infusion, all groups; values above 0. Line: the power model "
        "ln(parameter) = a + b·ln(dose).",
    ),
    source="ADPP, ADSL",
)
