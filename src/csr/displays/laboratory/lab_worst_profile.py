"""Figure: the worst laboratory grade after baseline, by CTCAE term."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure as Canvas

from csr.displays.figures.figure_style import house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.laboratory.laboratory import GRADES, LAB_SHIFT
from csr.endpoints.laboratory.shift import MISSING
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_percent

COLOURS = {"1": "#cfe3f1", "2": "#7fb3d5", "3": "#e69f00", "4": "#d55e00"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A bar per term: the percent of subjects at each worst grade, the severe at the left."""
    found = Lookup.of(results, LAB_SHIFT.name)
    shares = {term: _shares(found, term) for term in found.levels_at(1)}
    seen = {term: s for term, s in shares.items() if any(s[g] for g in COLOURS)}
    order = sorted(
        seen, key=lambda term: (seen[term]["3"] + seen[term]["4"], sum(seen[term].values()))
    )
    with house_style():
        canvas = Canvas(figsize=(7.0, 1.2 + 0.26 * max(len(order), 3)))
        axes = canvas.subplots()
        left = dict.fromkeys(order, 0.0)
        for grade in ("4", "3", "2", "1"):
            widths = [seen[term][grade] for term in order]
            axes.barh(
                range(len(order)),
                widths,
                left=list(left.values()),
                color=COLOURS[grade],
                edgecolor="#444444",
                linewidth=0.4,
                label=f"Grade {grade}",
            )
            left = {term: left[term] + w for term, w in zip(order, widths, strict=True)}
        axes.set_yticks(range(len(order)), order, fontsize=7.5)
        axes.set_xlim(0, 100)
        axes.set_xlabel("Subjects (%), worst grade after baseline")
        axes.legend(ncols=4, loc="lower left", bbox_to_anchor=(0, 1.0))
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(found, order, seen))


def _shares(found: Lookup, term: str) -> dict[str, float]:
    """Percent of the population at each worst grade, whatever the baseline."""
    return {
        grade: sum(
            found.value("pct", None, term, base, grade) or 0.0 for base in (*GRADES, MISSING)
        )
        for grade in COLOURS
    }


def _words(found: Lookup, order: list[str], seen: dict[str, dict[str, float]]) -> str:
    said = [
        f"{term}: {fmt_percent(seen[term]['3'] + seen[term]['4'])}% of grade 3 or 4"
        for term in reversed(order)
        if seen[term]["3"] + seen[term]["4"]
    ]
    return (
        f"Worst laboratory grades of {fmt_count(len(order))} terms. "
        + ("; ".join(said) or "None of grade 3 or 4")
        + "."
    )


DISPLAY = Display(
    name="lab-worst-profile",
    kind="figure",
    section="14.3.4",
    order=40,
    title="Worst laboratory grade after baseline",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(LAB_SHIFT,),
    needs=Needs(),
    draw=draw,
    footnotes=("CTCAE v5.0 by value; grade 0 and ungradable results make up the rest to 100%.",),
    source="ADLB",
)
