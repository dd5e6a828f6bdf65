"""Figure: peak exposure by maximum grade of CRS and by severe adverse events."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import house_style, svg_of
from csr.displays.model import Display, Figure
from csr.endpoints.kinetics.exposure_safety import CRS, EXPOSURE_SAFETY, NONE, SEVERE, exposures
from csr.endpoints.kinetics.exposure_safety import needs as exposure_needs
from csr.endpoints.kinetics.kinetics_summary import NAMED, parameter_names
from csr.params import Params
from csr.results import Adam, Needs

SPREAD = 0.14


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A panel per effect: a point per subject and a box per level, on a log scale."""
    own = exposures(adam, params)
    own = own[(own["PARAMCD"] == "CMAX") & (own["value"] > 0)]
    with house_style():
        canvas = Canvas(figsize=(7.0, 4.2))
        panels = canvas.subplots(1, 2, sharey=True)
        for axes, effect in zip(panels, (CRS, SEVERE), strict=True):
            one = own[own["EFFECT"] == effect]
            levels = sorted(one["LEVEL"].unique(), key=lambda x: (x != NONE, x))
            groups = [one.loc[one["LEVEL"] == level, "value"].to_numpy() for level in levels]
            if groups:
                axes.boxplot(groups, showfliers=False, widths=0.5, medianprops={"color": "black"})
            for place, values in enumerate(groups, 1):
                shift = [SPREAD * ((i % 5) - 2) / 2 for i in range(len(values))]
                x = [place + s for s in shift]
                axes.plot(x, values, "o", markersize=3, color="#0072b2", alpha=0.6)
            names = [f"{level}\n(n={len(g)})" for level, g in zip(levels, groups, strict=True)]
            axes.set_xticks(range(1, len(levels) + 1), names)
            axes.set_xlabel(effect)
        panels[0].set_yscale("log")
        unit = str(own["AVALU"].iloc[0]) if len(own) else ""
        label = parameter_names(adam).get("CMAX", "Cmax")
        panels[0].set_ylabel(f"{label} ({unit})" if unit and unit not in label else label)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(
        svg,
        f"Peak exposure of {own['USUBJID'].nunique()} subjects by CRS grade and "
        "by severe adverse events; the table beside has the numbers.",
    )


def needs(params: Params) -> Needs:
    """The exposures by effect, and the names of the parameters."""
    return exposure_needs(params) + NAMED


DISPLAY = Display(
    name="exposure-safety",
    kind="figure",
    section="14.4",
    order=140,
    title="Peak exposure by CRS grade and severe adverse events",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(EXPOSURE_SAFETY,),
    needs=needs,
    draw=draw,
    footnotes=("First infusion; values above 0. Severe events to day 28 after it.",),
    source="ADPP, ADCE, ADAE",
)
