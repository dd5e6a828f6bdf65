"""Figure of the monitored events against their stopping boundaries, subject by subject."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from csr.displays.figures.figure_style import WIDTH, group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.displays.tables.layout import Lookup
from csr.endpoints.dose_escalation.dlt import rules_of
from csr.endpoints.dose_escalation.stopping import STOPPING, monitored, monitored_needs
from csr.params import Params
from csr.params.dose_escalation import StoppingRule
from csr.results import Adam
from csr.rounding import fmt_count
from csr.stats.dose_finding import stopping_boundary

PANEL_HEIGHT = 2.3
BEYOND = 6  # subjects ahead of the present, so that the boundary to come is seen


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A panel per rule: events so far after each subject, and the count that stops the trial."""
    rules = rules_of(params).stopping
    rows = max((len(rules) + 1) // 2, 1)
    with house_style():
        canvas = Canvas(figsize=(WIDTH, PANEL_HEIGHT * rows))
        panels = canvas.subplots(rows, 2, squeeze=False).ravel()
        for panel, rule in zip(panels, rules, strict=False):
            _panel(panel, rule, monitored(adam, params, rule)["EVENT"].to_numpy())
        for panel in panels[len(rules) :]:
            panel.set_axis_off()
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(Lookup.of(results, STOPPING.name), rules))


def _panel(panel: Axes, rule: StoppingRule, events: np.ndarray) -> None:
    now, largest = len(events), len(events) + BEYOND
    fewest = stopping_boundary(rule.p0, rule.a, rule.b, rule.tau, rule.min_subjects, largest)
    blue, orange = group_colours(2)
    n = np.arange(1, largest + 1)
    panel.step(n, fewest, where="mid", color=orange, linestyle="--", label="stops at")
    top = np.nanmax(np.append(fewest, 1.0)) + 1
    panel.fill_between(n, fewest, top, step="mid", color=orange, alpha=0.12, linewidth=0)
    path = np.concatenate([[0], events.cumsum()])
    panel.step(np.arange(now + 1), path, where="post", color=blue, label="events")
    panel.plot([now], [path[-1]], "o", color=blue, markersize=5)
    panel.set_title(rule.label, fontsize=8.5, loc="left")
    panel.set_xlim(0, largest)
    panel.set_ylim(-0.2, top)
    panel.xaxis.set_major_locator(MaxNLocator(integer=True))
    panel.yaxis.set_major_locator(MaxNLocator(integer=True))
    panel.set_xlabel("Subjects")
    panel.set_ylabel("With event")
    panel.legend(loc="upper left", fontsize=7)


def _words(found: Lookup, rules: tuple[StoppingRule, ...]) -> str:
    parts = []
    for rule in rules:
        n, total = found.value("n", rule.label), found.value("N", rule.label)
        reached = "reached" if found.value("crossed", rule.label) else "not reached"
        parts.append(f"{rule.label}: {fmt_count(n)} of {fmt_count(total)}, boundary {reached}")
    return "Events so far against the stopping boundary. " + "; ".join(parts) + "."


DISPLAY = Display(
    name="stopping-boundaries-figure",
    kind="figure",
    section="14.3.0",
    order=75,
    title="Monitored events against their stopping boundaries, subject by subject",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(STOPPING,),
    needs=monitored_needs,
    draw=draw,
    footnotes=(
        "Subjects in the order of their first infusion. The dot is the present; in the shaded area "
        "the rule stops the trial.",
    ),
    source="ADSL, ADAE",
)
