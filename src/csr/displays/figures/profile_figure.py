"""The figure of one subject's course: infusions, adverse events, blood counts, kinetics, tumour."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import shorten

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from csr.derive.event_criteria import grade_column
from csr.derive.sources import number, seen_by, text
from csr.displays.figures.figure_style import LINE_STYLES, group_colours, house_style, svg_of
from csr.displays.model import Figure
from csr.displays.tables.analysis_grade import grade_said
from csr.displays.tables.listing_cells import Record, said
from csr.displays.tables.subject_records import BySubject
from csr.params import Params
from csr.results import Needs, reads, reads_if_there

MOST_EVENTS, LONGEST = 16, 38
COUNTS = ("NEUT", "LYM", "PLAT")
GRADES = {"1": "#dddddd", "2": "#bdbdbd", "3": "#e69f00", "4": "#d55e00", "5": "#000000"}
UNGRADED = "#ffffff"
SEVERITIES = {"MILD": 1.0, "MODERATE": 2.0, "SEVERE": 3.0}
NO_PANEL = "its panel of the profiles is left out"
UNGRADED_BARS = "adverse events have no grade in profiles"
BELOW = 0.5  # samples below the limit of quantification are drawn at this part of it


@dataclass(frozen=True)
class Panel:
    """One panel: its height in lines, its words for a reader who can't see it, how it is drawn."""

    height: float
    words: str
    draw: Callable[[Axes], None]


def draw_profile(subject: Record, subjects: BySubject) -> Figure | None:
    """The course in days from the first infusion; None where there is nothing dated to draw."""
    start = subject.get("TRTSDT")
    if not isinstance(start, pd.Timestamp) or pd.isna(start):
        return None
    who = said(subject, "USUBJID")
    panels = [p for p in (make(who, start, subjects) for make in PANELS) if p is not None]
    if not panels:
        return None
    with house_style():
        heights = [panel.height for panel in panels]
        canvas = Canvas(figsize=(7.0, 1.0 + 0.19 * sum(heights)))
        axes = np.atleast_1d(canvas.subplots(len(panels), 1, height_ratios=heights, sharex=True))
        for own, panel in zip(axes, panels, strict=True):
            panel.draw(own)
            own.tick_params(labelsize=6.5)
            own.yaxis.label.set_size(7)
            _mark(own, subject, subjects, start)
        axes[-1].set_xlabel("Days since the first infusion (its day is 0)")
        canvas.tight_layout(h_pad=0.6)
        svg = svg_of(canvas)
    return Figure(svg, f"Course of subject {who}: {'; '.join(p.words for p in panels)}.")


def _mark(axes: Axes, subject: Record, subjects: BySubject, start: pd.Timestamp) -> None:
    """Infusions as solid lines, death and the data cut-off as dashed ones."""
    for day in infusion_days(said(subject, "USUBJID"), start, subjects):
        axes.axvline(day, color="#1f3a5f", linewidth=0.9, zorder=0)
    died = subject.get("DTHDT")
    if isinstance(died, pd.Timestamp) and not pd.isna(died):
        axes.axvline((died - start).days, color="#000000", linewidth=0.9, linestyle="--", zorder=0)


def infusion_days(who: str, start: pd.Timestamp, subjects: BySubject) -> list[int]:
    """The days of the infusions of the study treatment, from the first."""
    own = subjects.frame("adex", who)
    if "AINFN" not in own:
        return [0]
    given = own[own["AINFN"].notna() & own["ASTDT"].notna()]
    return sorted({(day - start).days for day in given["ASTDT"]} | {0})


def _days(dates: pd.Series, start: pd.Timestamp) -> pd.Series:
    return (dates - start).dt.days


def _events(who: str, start: pd.Timestamp, subjects: BySubject) -> Panel | None:
    own = subjects.frame("adae", who)
    if own.empty:
        return None
    dated = own[(own["TRTEMFL"] == "Y") & own["ASTDT"].notna()]
    if dated.empty:
        return None
    worst = dated.assign(order=_severity(dated, subjects.params)).sort_values(
        ["order", "ASTDT"], ascending=[False, True]
    )
    shown = worst.head(MOST_EVENTS).sort_values(["ASTDT", "AESEQ"], ascending=False)
    words = f"{len(shown)} of {len(dated)} adverse events, the most severe first chosen"
    last = (pd.Timestamp(subjects.params.cut.cutoff) - start).days
    events: list[Record] = list(shown.to_dict("records"))
    return Panel(max(len(shown), 3) * 0.8, words, lambda axes: _bars(axes, events, start, last))


def _severity(events: pd.DataFrame, params: Params) -> pd.Series:
    """The grade of each event, or the place of its severity; 0 where neither is told."""
    column = params.conventions.severity
    if column != "AETOXGR":
        return text(events, column).str.upper().map(SEVERITIES).fillna(0)
    return number(events, grade_column(events)).fillna(0)


def _bars(axes: Axes, events: list[Record], start: pd.Timestamp, last: int) -> None:
    """A bar per event from its first to its last day, coloured by grade."""
    for row, event in enumerate(events):
        begin, end = _day(event, "ASTDT", start), _day(event, "AENDT", start)
        finish = last if end is None else end
        axes.barh(
            row,
            max(finish - (begin or 0), 0) + 1,
            left=begin,
            color=GRADES.get(grade_said(event), UNGRADED),
            height=0.7,
            edgecolor="#555555",
            linewidth=0.4,
        )
        place = (max(finish, begin or 0) + 1, row)
        grade = grade_said(event)
        axes.annotate(grade, place, (2, 0), textcoords="offset points", va="center", fontsize=6.5)
    names = [shorten(said(event, "AEDECOD"), LONGEST, placeholder=" …") for event in events]
    axes.set_yticks(range(len(names)), names, fontsize=6.5)
    axes.set_ylim(-0.7, len(names) - 0.3)


def _day(record: Record, column: str, start: pd.Timestamp) -> int | None:
    when = record.get(column)
    return (when - start).days if isinstance(when, pd.Timestamp) and not pd.isna(when) else None


def _counts(who: str, start: pd.Timestamp, subjects: BySubject) -> Panel | None:
    own = subjects.frame("adlb", who)
    if own.empty:
        return None
    kept = own[own["PARAMCD"].isin(COUNTS) & (own["AVAL"] > 0) & own["ADT"].notna()]
    tests = [t for t in COUNTS if (kept["PARAMCD"] == t).any()]
    if not tests:
        return None

    def draw(axes: Axes) -> None:
        for i, test in enumerate(tests):
            values = kept[kept["PARAMCD"] == test].sort_values("ADT")
            label = f"{test} ({values['AVALU'].iloc[0]})" if "AVALU" in values else test
            axes.plot(
                _days(values["ADT"], start),
                values["AVAL"],
                marker=".",
                markersize=3,
                linewidth=1,
                color=group_colours(len(COUNTS))[i],
                linestyle=LINE_STYLES[i],
                label=label,
            )
        axes.set_yscale("log")
        axes.set_ylabel("Blood\ncounts")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=6.5, handlelength=2.4)

    return Panel(6, f"blood counts {', '.join(tests)}", draw)


def _kinetics(who: str, start: pd.Timestamp, subjects: BySubject) -> Panel | None:
    own = subjects.frame("adpc", who)
    if own.empty:
        return None
    kept = own[(own["ANL01FL"] == "Y") & own["ADT"].notna()].sort_values("ADT")
    seen = kept[kept["AVAL"] > 0]
    below = kept[~(kept["AVAL"] > 0) & kept["LLOQ"].notna()]
    if seen.empty and below.empty:
        return None

    def draw(axes: Axes) -> None:
        axes.plot(
            _days(seen["ADT"], start),
            seen["AVAL"],
            "o-",
            color="#0072b2",
            markersize=3,
            linewidth=1,
            label="quantifiable",
        )
        axes.plot(
            _days(below["ADT"], start),
            below["LLOQ"] * BELOW,
            "o",
            markerfacecolor="none",
            color="#0072b2",
            markersize=3.5,
            label="below LLOQ",
        )
        if kept["LLOQ"].notna().any():
            axes.axhline(kept["LLOQ"].max(), color="#777777", linewidth=0.7, linestyle=":")
        axes.set_yscale("log")
        unit = str(kept["AVALU"].iloc[0]) if "AVALU" in kept else ""
        axes.set_ylabel(f"Kinetics\n({unit})" if unit else "Kinetics")
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=6.5)

    return Panel(6, f"{len(seen)} quantifiable samples and {len(below)} below the limit", draw)


def _tumour(who: str, start: pd.Timestamp, subjects: BySubject) -> Panel | None:
    responses = _responses(who, subjects)
    sums = _sums(who, subjects)
    if responses.empty and sums.empty:
        return None

    def draw(axes: Axes) -> None:
        if not sums.empty:
            axes.plot(
                _days(sums["ADT"], start),
                sums["AVAL"],
                "s-",
                color="#009e73",
                markersize=3,
                linewidth=1,
            )
        axes.set_ylabel("Sum of\ndiameters (mm)")
        top = float(sums["AVAL"].max()) if not sums.empty else 1.0
        axes.set_ylim(0, top * 1.45 if top else 1.0)
        for response in responses.to_dict("records"):
            day = (response["ADT"] - start).days
            axes.text(day, top * 1.22, said(response, "AVALC"), ha="center", fontsize=6.5)

    said_of = [
        f"{said(r, 'AVALC')} on day {(r['ADT'] - start).days}" for r in responses.to_dict("records")
    ]
    return Panel(5, f"tumour responses {', '.join(said_of) or 'none'}", draw)


def _sums(who: str, subjects: BySubject) -> pd.DataFrame:
    """The complete sums of diameters of the main evaluator."""
    own = subjects.frame("adtr", who)
    if own.empty:
        return pd.DataFrame()
    kept = own[(own["PARAMCD"] == "SDIAM") & own["ADT"].notna() & own["AVAL"].notna()]
    bor = subjects.params.endpoints.bor
    if bor is not None:
        kept = kept[seen_by(kept, bor.evaluator, "TREVAL")]
    if "ANL01FL" in kept:
        kept = kept[kept["ANL01FL"] == "Y"]
    return kept.sort_values("ADT")


def _responses(who: str, subjects: BySubject) -> pd.DataFrame:
    own = subjects.frame("adrs", who)
    if own.empty:
        return pd.DataFrame()
    kept = own[(own["PARAMCD"] == "OVR") & own["ADT"].notna()]
    bor = subjects.params.endpoints.bor
    if bor is not None:
        kept = kept[seen_by(kept, bor.evaluator)]
    return kept.sort_values("ADT")


def profile_needs(params: Params) -> Needs:
    """What the panels are drawn from; one without its data is left out."""
    unit = "profiles do not tell the unit"
    numbers = "infusions are marked by the first alone in profiles"
    events = reads("adae", "USUBJID", "AESEQ", "AEDECOD", "TRTEMFL", "ASTDT", "AENDT")
    graded = dict.fromkeys((params.conventions.severity, "AETOXGR"), UNGRADED_BARS)
    events += reads("adae", **graded, AGRADE="grades in profiles are those reported")
    counts = reads_if_there("adlb", NO_PANEL, "USUBJID", "PARAMCD", "AVAL", "ADT", AVALU=unit)
    samples = ("USUBJID", "AVAL", "ADT", "LLOQ", "ANL01FL")
    kinetics = reads_if_there("adpc", NO_PANEL, *samples, AVALU=unit)
    complete = "incomplete sums of diameters are drawn too in profiles"
    every = "profiles show what every evaluator says"
    sums = reads_if_there(
        "adtr", NO_PANEL, "USUBJID", "PARAMCD", "AVAL", "ADT", ANL01FL=complete, TREVAL=every
    )
    responses = reads_if_there("adrs", NO_PANEL, "USUBJID", "PARAMCD", "ADT", "AVALC", RSEVAL=every)
    infusions = reads_if_there("adex", numbers, "USUBJID", "ASTDT", AINFN=numbers)
    dates = reads("adsl", "TRTSDT", DTHDT="profiles do not mark deaths")
    return events + counts + kinetics + sums + responses + infusions + dates


PANELS = (_events, _counts, _kinetics, _tumour)
