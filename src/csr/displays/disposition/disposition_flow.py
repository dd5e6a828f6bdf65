"""Figure: the way of the subjects through the study."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import WIDTH, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup, as_words
from csr.endpoints.disposition.disposition import DISPOSITION
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count

ROW = 0.95
OUTCOMES = ("Completed the study", "Ongoing", "Discontinued the study", "Died")

STATUS = "Status of all subjects, screen failures aside"


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """The steps as boxes from top to bottom, what became of the subjects side by side below."""
    found = Lookup.of(results, DISPOSITION.name)
    steps = [step for step in found.levels_at(1) if step not in OUTCOMES]
    ends = [end for end in OUTCOMES if found.value("n", None, end, None) is not None]
    rows = len(steps) + 1
    with house_style():
        canvas = Canvas(figsize=(WIDTH, 0.6 + ROW * (rows + 0.8)))
        axes = canvas.subplots()
        for i, step in enumerate(steps):
            _box(axes, 0.5, rows - i, f"{step}\nn = {_n(found, step)}")
            if i:
                _arrow(axes, (0.5, rows - i + 0.68), (0.5, rows - i + 0.32))
                lost = (found.value("n", None, steps[i - 1], None) or 0) - (
                    found.value("n", None, step, None) or 0
                )
                axes.text(0.53, rows - i + 0.5, f"not: {fmt_count(lost)}", va="center", fontsize=8)
        for j, end in enumerate(ends):
            place = (j + 0.5) / len(ends)
            _box(axes, place, 0.6, f"{as_words(end)}\nn = {_n(found, end)}")
        if ends:
            axes.axhline(1.32, color="#888888", linewidth=0.8)
            axes.text(0.5, 1.12, STATUS, ha="center", va="center", fontsize=8.5)
        axes.set_xlim(0, 1)
        axes.set_ylim(0, rows + 0.5)
        axes.axis("off")
        canvas.tight_layout()
        svg = svg_of(canvas)
    said = "; ".join(f"{step}: {_n(found, step)}" for step in (*steps, *ends))
    return Figure(svg, f"Flow of subjects. {said}.")


def _n(found: Lookup, step: str) -> str:
    return fmt_count(found.value("n", None, step, None))


def _box(axes: Axes, x: float, y: float, text: str) -> None:
    style = {"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": "#444444"}
    axes.text(x, y, text, ha="center", va="center", bbox=style)


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "#444444"})


DISPLAY = Display(
    name="disposition-flow",
    kind="figure",
    section="14.1",
    order=15,
    title="Flow of subjects",
    population="all",
    audience=frozenset({"open", "closed"}),
    analyses=(DISPOSITION,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "A subject may be under several of the last boxes: who died also discontinued. "
        "They hold the subjects who were not treated too.",
    ),
    source="Listing 16.2.1",
)
