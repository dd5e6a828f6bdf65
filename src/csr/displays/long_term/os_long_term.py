"""Figure: Kaplan-Meier curves of overall survival in years, with the numbers at risk."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import (
    HEIGHT,
    LINE_STYLES,
    WIDTH,
    group_colours,
    house_style,
    svg_of,
)
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.long_term.long_term import SETS, SURVIVAL_BY_YEAR, years_of
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_percent


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A step curve of each set to the last year of follow-up; at risk below each year."""
    found = Lookup.of(results, SURVIVAL_BY_YEAR.name)
    steps = _steps(results)
    years = [0, *years_of(params)]
    labels = [params.population(name).label for name in SETS]
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEIGHT))
        above, below = canvas.subplots(2, 1, height_ratios=(5, 1.1), sharex=True)
        for i, (name, label) in enumerate(zip(SETS, labels, strict=True)):
            _draw_set(above, steps[steps["level1"] == name], label, i)
        above.set_ylim(0, 103)
        above.set_xlim(-0.02 * years[-1], 1.02 * years[-1])
        above.set_xticks(years)
        above.tick_params(labelbottom=True)
        above.set_ylabel("Overall survival (%)")
        above.set_xlabel("Years since first infusion")
        above.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, handlelength=3.2)
        _draw_at_risk(below, found, labels, years)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(found, params))


def _steps(results: pd.DataFrame) -> pd.DataFrame:
    own = results[(results["analysis"] == SURVIVAL_BY_YEAR.name) & (results["group2"] == "TIME")]
    if own.empty:
        return pd.DataFrame(columns=["level1", "time", "surv", "n_censor"])
    wide = own.pivot_table(index=["level1", "level2"], columns="stat", values="value").reset_index()
    return wide.assign(time=wide["level2"].astype(float)).sort_values(["level1", "time"])


def _draw_set(axes: Axes, own: pd.DataFrame, label: str, i: int) -> None:
    time = np.concatenate([[0.0], own["time"].astype(float)])
    surv = np.concatenate([[100.0], own["surv"].astype(float)])
    colour = group_colours(len(SETS))[i]
    axes.step(
        time, surv, where="post", color=colour, linestyle=LINE_STYLES[i], linewidth=1.6, label=label
    )
    marks = own[own["n_censor"] > 0]
    axes.plot(marks["time"], marks["surv"], "|", color=colour, markersize=6, markeredgewidth=1)


def _draw_at_risk(axes: Axes, found: Lookup, labels: list[str], years: list[int]) -> None:
    axes.set_ylim(-0.6 - len(SETS), 0.4)
    axes.set_yticks([-1.0 - i for i in range(len(SETS))], labels)
    axes.text(0, 0, "Number at risk", fontweight="bold", va="center")
    for i, name in enumerate(SETS):
        for year in years:
            n = found.value("n_risk", name, str(year)) if year else found.value("n", name, None)
            axes.text(year, -1.0 - i, fmt_count(n), ha="center", va="center")
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    axes.tick_params(length=0, pad=16, labelbottom=False)


def _words(found: Lookup, params: Params) -> str:
    parts = []
    for name in SETS:
        rates = []
        for year in (1, 5, 10, 15):
            surv = found.value("surv", name, str(year))
            if surv is not None and not pd.isna(surv):
                rates.append(f"{fmt_percent(surv)}% at year {year}")
        n = fmt_count(found.value("n", name, None))
        said = ", ".join(rates) or "no estimate"
        parts.append(f"{params.population(name).label}: {n} subjects, {said}")
    return "Kaplan-Meier curves of overall survival in years. " + "; ".join(parts) + "."


DISPLAY = Display(
    name="os-long-term",
    kind="figure",
    section="14.5",
    order=10,
    title="Kaplan-Meier curves of overall survival to the end of long-term follow-up",
    population="long-term",
    audience=frozenset({"closed"}),
    analyses=(SURVIVAL_BY_YEAR,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Vertical marks: censored subjects. Who entered long-term follow-up had lived until then; "
        "the curve of all treated stands beside theirs.",
    ),
    source="ADTTE",
)
