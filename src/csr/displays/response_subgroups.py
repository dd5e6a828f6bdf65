"""Figure: objective response rate in subgroups, a forest plot."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figure_style import WIDTH, house_style, svg_of
from csr.displays.layout import Lookup, as_words
from csr.displays.model import Display, Figure
from csr.endpoints.response_subgroups import ALL, NAME, RESPONSE_SUBGROUPS
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count, fmt_interval, fmt_percent

HEAD, PER_LINE, LEAST_HEIGHT, MOST_HEIGHT = 0.9, 0.2, 2.2, 8.4
TEXT_AT = 104


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A line per level of each subgroup: rate, interval, and responders of subjects."""
    found = Lookup.of(results, NAME)
    lines = _lines(found)
    with house_style():
        height = min(MOST_HEIGHT, max(LEAST_HEIGHT, HEAD + PER_LINE * len(lines)))
        canvas = Canvas(figsize=(WIDTH, height))
        axes = canvas.subplots()
        for place, (variable, level) in enumerate(lines):
            if level is not None:
                _draw_line(axes, -place, found, params, (variable, level))
        _dress(axes, lines, found)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(found, params))


def _lines(found: Lookup) -> list[tuple[str, str | None]]:
    """Each subgroup's name, then its levels; all subjects first, without a name."""
    pairs = list(dict.fromkeys((key[0], key[1]) for key in found.values))
    lines: list[tuple[str, str | None]] = []
    for variable in dict.fromkeys(v for v, _ in pairs):
        if variable != ALL:
            lines.append((str(variable), None))
        lines += [(str(v), level) for v, level in pairs if v == variable]
    return lines


def _draw_line(axes: Axes, place: int, found: Lookup, params: Params, of: tuple[str, str]) -> None:
    rate, low, high = (found.value(stat, *of) or 0.0 for stat in ("pct", "lcl", "ucl"))
    marker = "D" if of[0] == ALL else "s"
    axes.plot([low, high], [place, place], color="black", linewidth=1)
    axes.plot([rate], [place], marker=marker, color="#0173b2", markersize=5)
    decimals = params.conventions.percent_decimals
    counts = f"{fmt_count(found.value('n', *of))}/{fmt_count(found.value('N', *of))}"
    said = f"{fmt_percent(rate, decimals)} {fmt_interval(low, high, decimals)}"
    axes.text(TEXT_AT, place, counts, va="center", fontsize=7.5)
    axes.text(TEXT_AT + 26, place, said, va="center", fontsize=7.5)


def _dress(axes: Axes, lines: list[tuple[str, str | None]], found: Lookup) -> None:
    labels = [v if level is None else f"   {as_words(level)}" for v, level in lines]
    if lines and lines[0][0] == ALL:
        labels[0] = ALL
        axes.axvline(found.value("pct", ALL, ALL) or 0, color="#444444", linewidth=0.7, ls=":")
    axes.set_yticks([-float(i) for i in range(len(lines))], labels, fontsize=7.5)
    for tick, (_, level) in zip(axes.get_yticklabels(), lines, strict=True):
        tick.set_horizontalalignment("left")
        tick.set_fontweight("bold" if level is None else "normal")
    axes.tick_params(axis="y", length=0, pad=190)
    axes.set_xlim(0, 100)
    axes.set_ylim(-len(lines), 1)
    axes.set_xlabel("Objective response rate (%)")
    axes.spines["left"].set_visible(False)
    axes.text(TEXT_AT, 1, "n/N", va="center", fontsize=7.5, fontweight="bold")
    axes.text(TEXT_AT + 26, 1, "% (CI)", va="center", fontsize=7.5, fontweight="bold")


def _words(found: Lookup, params: Params) -> str:
    rate = fmt_percent(found.value("pct", ALL, ALL) or 0, params.conventions.percent_decimals)
    return f"Forest plot of the objective response rate in subgroups; {rate} % of all subjects."


DISPLAY = Display(
    name="response-subgroups",
    kind="figure",
    section="14.2",
    order=15,
    title="Objective response rate in subgroups",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(RESPONSE_SUBGROUPS,),
    datasets=("adsl", "adrs"),
    draw=draw,
    footnotes=(
        "Confirmed responses; efficacy-evaluable set where the study has one. Lines: confidence "
        "interval of the rate. Dotted: all subjects. Subgroups are exploratory.",
    ),
    source="Listing 16.2.6",
)
