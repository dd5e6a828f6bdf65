"""A forest plot: a line per level of each subgroup, with its estimate, interval and counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import WIDTH, house_style, svg_of
from csr.displays.tables.layout import Lookup, as_words
from csr.rounding import fmt_interval, fmt_percent

HEAD, PER_LINE, LEAST_HEIGHT, MOST_HEIGHT = 0.9, 0.2, 2.2, 8.4
TEXT_AT = 104


@dataclass(frozen=True)
class Estimate:
    """A percent with its limits (None: not estimable) and the counts beside it."""

    rate: float | None
    low: float | None
    high: float | None
    counts: str


@dataclass(frozen=True)
class Forest:
    """What is drawn: `all_subjects` is the name of the subgroup of everyone, which leads."""

    lines: tuple[tuple[str, str | None], ...]
    estimate: Callable[[str, str], Estimate]
    all_subjects: str
    axis: str
    counts: str
    decimals: int


def lines_of(found: Lookup, all_subjects: str) -> tuple[tuple[str, str | None], ...]:
    """Each subgroup's name, then its levels; all subjects first, without a name."""
    pairs = list(dict.fromkeys((key[0], key[1]) for key in found.values))
    lines: list[tuple[str, str | None]] = []
    for variable in dict.fromkeys(v for v, _ in pairs):
        if variable != all_subjects:
            lines.append((str(variable), None))
        lines += [(str(v), level) for v, level in pairs if v == variable]
    return tuple(lines)


def draw_forest(forest: Forest) -> str:
    """The plot as SVG."""
    with house_style():
        height = min(MOST_HEIGHT, max(LEAST_HEIGHT, HEAD + PER_LINE * len(forest.lines)))
        canvas = Canvas(figsize=(WIDTH, height))
        axes = canvas.subplots()
        for place, (variable, level) in enumerate(forest.lines):
            if level is not None:
                _draw_line(axes, -place, forest, variable, level)
        _dress(axes, forest)
        canvas.tight_layout()
        return svg_of(canvas)


def _draw_line(axes: Axes, place: int, forest: Forest, variable: str, level: str) -> None:
    own = forest.estimate(variable, level)
    axes.text(TEXT_AT, place, own.counts, va="center", fontsize=7.5)
    said = "NE"
    if own.rate is not None and own.rate == own.rate:
        said = (
            f"{fmt_percent(own.rate, forest.decimals)} "
            f"{fmt_interval(own.low, own.high, forest.decimals)}"
        )
        if own.low is not None and own.high is not None:
            axes.plot([own.low, own.high], [place, place], color="black", linewidth=1)
        marker = "D" if variable == forest.all_subjects else "s"
        axes.plot([own.rate], [place], marker=marker, color="#0173b2", markersize=5)
    axes.text(TEXT_AT + 34, place, said, va="center", fontsize=7.5)


def _dress(axes: Axes, forest: Forest) -> None:
    lines = forest.lines
    labels = [v if level is None else f"   {as_words(level)}" for v, level in lines]
    if lines and lines[0][0] == forest.all_subjects:
        labels[0] = forest.all_subjects
        everyone = forest.estimate(forest.all_subjects, forest.all_subjects).rate
        axes.axvline(everyone or 0, color="#444444", linewidth=0.7, ls=":")
    axes.set_yticks([-float(i) for i in range(len(lines))], labels, fontsize=7.5)
    for tick, (_, level) in zip(axes.get_yticklabels(), lines, strict=True):
        tick.set_horizontalalignment("left")
        tick.set_fontweight("bold" if level is None else "normal")
    axes.tick_params(axis="y", length=0, pad=190)
    axes.set_xlim(0, 100)
    axes.set_ylim(-len(lines), 1)
    axes.set_xlabel(forest.axis)
    axes.spines["left"].set_visible(False)
    axes.text(TEXT_AT, 1, forest.counts, va="center", fontsize=7.5, fontweight="bold")
    axes.text(TEXT_AT + 34, 1, "% (CI)", va="center", fontsize=7.5, fontweight="bold")
