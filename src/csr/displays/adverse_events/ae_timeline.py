"""Figure: severe adverse events of each subject in time."""

from __future__ import annotations

from itertools import takewhile

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D

from csr.displays.figures.figure_style import WIDTH, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.endpoints.adverse_events.adverse_events import (
    counted_from,
    counted_from_needs,
    emergent_events,
    event_needs,
    is_grade_at_least_3,
    severity_needs,
    severity_of,
    why_unusable,
)
from csr.params import Params
from csr.results import Adam, Needs, reads

LAST_DAY = 90
TALLEST, LINE = 8.6, 0.145
ROWS, MOST_COLUMNS = 50, 3  # subjects whose labels can be read below each other; columns
SHADES = {"3": "#E69F00", "4": "#D55E00", "5": "#000000", "SEVERE": "#D55E00"}
MARKS = {"3": "|", "4": "s", "5": "X", "SEVERE": "s"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A line per subject with a severe event: from its start to its end, by grade."""
    subjects, events = emergent_events(adam, params)
    severe = events.iloc[:0]
    usable = not why_unusable(events, [severity_of(events, params)])
    if usable:
        severe = events[is_grade_at_least_3(events, params) & events["ASTDT"].notna()]
    facts = subjects.set_index("USUBJID")
    t0 = severe["USUBJID"].map(facts["TRTSDT"])
    died = facts["DTHDT"] if "DTHDT" in facts else facts["TRTSDT"].where([False] * len(facts))
    last = severe["USUBJID"].map(died).fillna(pd.Timestamp(params.cut.cutoff))
    spans = severe.assign(
        FROM=(counted_from(severe) - t0).dt.days,
        TO=(severe["AENDT"].fillna(last) - t0).dt.days,
        GRADE=severe[severity_of(events, params)] if usable else "",
    )
    spans = spans[spans["FROM"] <= LAST_DAY]
    order = subjects.set_index("USUBJID")["TRTA"]
    ranks = {value: i for i, value in enumerate(params.treatment.values)}
    who = sorted(spans["USUBJID"].unique(), key=lambda s: (ranks.get(order[s], len(ranks)), s))
    per_column = -(-len(who) // _columns(len(who)))
    columns = [who[i : i + per_column] for i in range(0, len(who), max(per_column, 1))] or [[]]
    with house_style():
        canvas = Canvas(figsize=(WIDTH, min(TALLEST, 1.6 + LINE * max(per_column, 4))))
        panels = canvas.subplots(1, len(columns), squeeze=False)[0]
        cut = _shared(who)
        for axes, own in zip(panels, columns, strict=True):
            _draw_spans(axes, spans[spans["USUBJID"].isin(own)], own)
            _dress(axes, [subject[cut:] for subject in own], per_column)
        _explain(panels[0], sorted(spans["GRADE"].unique()))
        canvas.tight_layout()
        svg = svg_of(canvas)
    words = f"{len(spans)} severe events of {len(who)} subjects within {LAST_DAY} days."
    return Figure(svg, f"Timeline of severe or grade 3 or higher adverse events. {words}")


def _columns(subjects: int) -> int:
    return min(MOST_COLUMNS, max(1, -(-subjects // ROWS)))


def _shared(who: list[str]) -> int:
    """How long the beginning is that all subjects share, up to its last hyphen."""
    alike = list(takewhile(lambda letters: len(set(letters)) == 1, zip(*who, strict=False)))
    return "".join(letters[0] for letters in alike).rfind("-") + 1 if len(who) > 1 else 0


def _draw_spans(axes: Axes, spans: pd.DataFrame, who: list[str]) -> None:
    place = {subject: len(who) - i for i, subject in enumerate(who)}
    for event in spans.sort_values("GRADE", kind="stable").itertuples():
        y, colour = place[event.USUBJID], SHADES.get(event.GRADE, "#444444")
        axes.plot([event.FROM, min(event.TO, LAST_DAY)], [y, y], "-", color=colour, linewidth=1.6)
        axes.plot([event.FROM], [y], MARKS.get(event.GRADE, "o"), color=colour, markersize=3)


def _dress(axes: Axes, labels: list[str], rows: int) -> None:
    every = -(-len(labels) // ROWS) if labels else 1
    places = range(len(labels), 0, -1)
    axes.set_yticks(list(places)[::every], labels[::every], fontsize=6.5)
    axes.set_ylim(max(len(labels), 1) - max(rows, 1) + 0.2, max(len(labels), 1) + 0.8)
    axes.set_xlim(-3, LAST_DAY + 1)
    axes.set_xlabel("Days since the first infusion or dose")


def _explain(axes: Axes, grades: list[str]) -> None:
    handles = [
        Line2D([], [], color=SHADES.get(g, "#444444"), marker=MARKS.get(g, "o"), label=_said(g))
        for g in grades
    ]
    if handles:
        axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3)


def _said(grade: str) -> str:
    return f"Grade {grade}" if grade.isdigit() else grade.capitalize()


def needs(params: Params) -> Needs:
    """The severe events with start and end, and who died."""
    dates = reads("adsl", "TRTSDT", DTHDT="an event without an end runs to the data cut-off")
    severe = event_needs(params, "AENDT") + counted_from_needs() + severity_needs(params)
    return severe + dates


DISPLAY = Display(
    name="ae-timeline",
    kind="figure",
    section="14.3.1",
    order=120,
    title="Severe adverse events by subject in time",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "Treatment-emergent events, severe or grade ≥ 3, that began within 90 days of the first "
        "infusion; subjects in the order of the groups, without the beginning that all their "
        "identifiers share. An event without an end runs to death or the data cut-off.",
    ),
    source="Listing 16.2.7",
)
