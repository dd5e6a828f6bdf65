"""Figure of the escalation in time: each subject's DLT window, by dose and cohort."""

from __future__ import annotations

import matplotlib.dates as mdates
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from csr.displays.figures.figure_style import WIDTH, group_colours, house_style, svg_of
from csr.displays.model import Display, Figure
from csr.endpoints.dose_escalation.dlt import (
    DLT,
    DLT_SUMMARY,
    NOT_EVALUABLE,
    PENDING,
    judged_needs,
    judged_subjects,
    rules_of,
)
from csr.params import Params
from csr.results import Adam, Needs, reads

ROW_HEIGHT, HEADING = 0.24, 1.4
MARKS = {DLT: ("X", "DLT"), NOT_EVALUABLE: ("d", "not evaluable"), PENDING: (">", "pending")}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Figure:
    """A bar per subject from the first infusion to the end of the DLT window or the cut-off."""
    subjects, rules = judged_subjects(adam, params), rules_of(params)
    cutoff = pd.Timestamp(params.cut.cutoff)
    colours = group_colours(len(rules.doses))
    with house_style():
        canvas = Canvas(figsize=(WIDTH, HEADING + ROW_HEIGHT * max(len(subjects), 3)))
        axes = canvas.subplots()
        for place, subject in enumerate(subjects.to_dict("records")):
            _draw_subject(axes, place, subject, cutoff, colours)
        _dress(axes, subjects, cutoff)
        _legend(axes, [dose.label for dose in rules.doses], colours)
        canvas.tight_layout()
        svg = svg_of(canvas)
    return Figure(svg, _words(subjects))


def _draw_subject(
    axes: Axes, place: int, subject: dict, cutoff: pd.Timestamp, colours: list[str]
) -> None:
    start, window = subject["TRTSDT"], subject["DLTWENDT"]
    stops = pd.Series([window, cutoff, subject.get("DTHDT")]).dropna()
    end = max(stops.min(), start + pd.Timedelta(days=1))
    colour, status = colours[subject["LEVEL"]], subject["STATUS"]
    axes.barh(place, end - start, left=start, height=0.62, color=colour, linewidth=0)
    if status == PENDING:
        rest = window - end
        axes.barh(place, rest, left=end, height=0.62, fill=False, edgecolor=colour, hatch="////")
    if status in MARKS:
        at = subject["DLTDT"] if status == DLT and not pd.isna(subject["DLTDT"]) else end
        axes.plot([at], [place], MARKS[status][0], color="black", markersize=5)


def _dress(axes: Axes, subjects: pd.DataFrame, cutoff: pd.Timestamp) -> None:
    names = [
        f"cohort {cohort}   {who}"
        for cohort, who in zip(subjects["COHORT"], subjects["USUBJID"], strict=True)
    ]
    axes.set_yticks(range(len(subjects)), names, fontsize=7.5)
    axes.invert_yaxis()
    changes = subjects["COHORT"].ne(subjects["COHORT"].shift()).to_numpy().nonzero()[0]
    for place in changes[1:]:
        axes.axhline(place - 0.5, color="#bbbbbb", linewidth=0.6)
    if len(subjects) and subjects["TRTSDT"].max() >= cutoff - pd.Timedelta(days=365):
        axes.axvline(mdates.date2num(cutoff), color="#444444", linestyle=":", linewidth=1)
    axes.xaxis_date()
    locator = mdates.AutoDateLocator(minticks=4, maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(mdates.DateFormatter("%Y-%m"))
    axes.set_xlabel("Date")


def _legend(axes: Axes, labels: list[str], colours: list[str]) -> None:
    doses = [Patch(color=c, label=label) for c, label in zip(colours, labels, strict=True)]
    marks = [
        Line2D([], [], color="black", linestyle="", marker=mark, markersize=5, label=words)
        for mark, words in MARKS.values()
    ]
    axes.legend(
        handles=[*doses, *marks], loc="lower center", bbox_to_anchor=(0.4, 1.0), ncols=6, fontsize=7
    )


def _words(subjects: pd.DataFrame) -> str:
    parts = []
    for cohort, own in subjects.groupby("COHORT", sort=False):
        counts = ", ".join(f"{(own['STATUS'] == s).sum()} {s.lower()}" for s in MARKS)
        parts.append(f"cohort {cohort} from {own['TRTSDT'].min():%Y-%m-%d}: {len(own)} ({counts})")
    return "DLT windows of the dose escalation in time. " + "; ".join(parts) + "."


def needs(params: Params) -> Needs:
    """The judged subjects, and when they died."""
    return judged_needs(params) + reads("adsl", DTHDT="a bar does not end at a death")


DISPLAY = Display(
    name="escalation-timeline",
    kind="figure",
    section="14.3.0",
    order=30,
    title="The dose escalation in time",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(DLT_SUMMARY,),
    needs=needs,
    draw=draw,
    footnotes=(
        "A bar is a subject's DLT window from the first infusion, hatched after the data cut-off "
        "(dotted line); it ends at a death.",
    ),
    source="ADSL",
)
