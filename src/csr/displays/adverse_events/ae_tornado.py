"""Figure: adverse events whose frequency differs most between arms."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import WIDTH, group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.adverse_events.ae_comparison import AE_COMPARISON
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_number

MOST_TERMS = 15
LINE = 0.24


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A panel per arm: differences to the reference with their intervals, the largest first."""
    found = Lookup.of(results, AE_COMPARISON.name)
    arms = [lv for lv in params.treatment.levels if lv.value != params.treatment.reference]
    chosen = {arm.value: _largest(found, arm.value) for arm in arms}
    most = max((len(terms) for terms in chosen.values()), default=0)
    with house_style():
        height = min(8.0, len(arms) * (1.0 + LINE * max(most, 3)))
        canvas = Canvas(figsize=(WIDTH, height))
        panels = canvas.subplots(len(arms), 1, squeeze=False, sharex=True)[:, 0]
        for i, (axes, arm) in enumerate(zip(panels, arms, strict=True)):
            _draw_panel(axes, found, arm.value, chosen[arm.value], group_colours(len(arms))[i])
            axes.set_title(f"{arm.label} against {_reference(params)}", fontsize=9)
        panels[-1].set_xlabel("Difference in the share of subjects (percentage points)")
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(found, params, chosen))


def _largest(found: Lookup, arm: str) -> list[tuple[str, str]]:
    pairs = [
        (key[1], key[2])
        for key in found.values
        if key[0] == arm and key[-1] == "difference" and key[1] is not None and key[2] is not None
    ]
    ordered = sorted(pairs, key=lambda p: (-abs(found.value("difference", arm, *p) or 0), p))
    return [pair for pair in ordered if found.value("difference", arm, *pair)][:MOST_TERMS]


def _draw_panel(
    axes: Axes, found: Lookup, arm: str, terms: list[tuple[str, str]], colour: str
) -> None:
    for place, pair in zip(range(len(terms), 0, -1), terms, strict=True):
        middle, low, high = (
            found.value(stat, arm, *pair) or 0.0
            for stat in ("difference", "difference_lcl", "difference_ucl")
        )
        axes.plot([low, high], [place, place], "-", color=colour, linewidth=1.4)
        axes.plot([middle], [place], "o", color=colour, markersize=4.5)
    axes.axvline(0, color="#444444", linewidth=0.8)
    axes.set_yticks(range(len(terms), 0, -1), [pt for _, pt in terms])
    axes.set_ylim(0.3, len(terms) + 0.7)


def _reference(params: Params) -> str:
    labels = {level.value: level.label for level in params.treatment.levels}
    return labels[str(params.treatment.reference)]


def _words(found: Lookup, params: Params, chosen: dict[str, list[tuple[str, str]]]) -> str:
    labels = {level.value: level.label for level in params.treatment.levels}
    parts = [
        f"{labels[arm]}: {pt} {fmt_number(found.value('difference', arm, soc, pt), 1)}"
        for arm, terms in chosen.items()
        for soc, pt in terms[:3]
    ]
    said = "; ".join(parts) or "No observations"
    return f"Differences in percentage points to {_reference(params)}, the largest: {said}."


DISPLAY = Display(
    name="ae-tornado",
    kind="figure",
    section="14.3.1",
    order=115,
    title="Adverse events by the size of the difference between arms",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(AE_COMPARISON,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "The preferred terms with the largest differences (15 at the most an arm), with Newcombe "
        "intervals; no adjustment for multiplicity.",
    ),
    source="Listing 16.2.7",
)
