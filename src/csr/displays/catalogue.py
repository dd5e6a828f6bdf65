"""Which displays there are, which a report holds, and their numbers.

Every module in a chapter's room of this folder that declares DISPLAY is one display: adding the
file is the whole change. A module with `displays_of` makes displays from what params declare.
Numbers come from section and order; identity is the name.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module

import pandas as pd

import csr.displays as folder
from csr.displays.model import Display, Figure, Placed, Table
from csr.errors import ParamsError
from csr.params import Params
from csr.results import Adam, Analysis, Columns

CHAPTERS = {
    "14.1": "Disposition and baseline",
    "14.2": "Efficacy",
    "14.3.0": "Dose escalation",
    "14.3.1": "Adverse events",
    "14.3.2": "Deaths and serious adverse events",
    "14.3.3": "Narratives and patient profiles",
    "14.3.4": "Laboratory",
    "14.3.5": "Vital signs, electrocardiogram and performance status",
    "14.4": "Cellular kinetics",
    "14.5": "Long-term follow-up",
    "16.1": "Conventions, data and provenance",
    "16.2.1": "Discontinued subjects",
    "16.2.2": "Protocol deviations",
    "16.2.3": "Subjects excluded from the efficacy analysis",
    "16.2.4": "Demographic data",
    "16.2.5": "Exposure and cellular kinetics by subject",
    "16.2.6": "Individual efficacy data",
    "16.2.7": "Adverse event listings",
    "16.2.8": "Laboratory and other measurements by subject",
}
LONG_TERM = "14.5"
# The sections of each report, by the name of its source in `reports/`.
REPORT_SECTIONS = {
    "interim": tuple(section for section in CHAPTERS if section != LONG_TERM),
    "long-term": ("14.1", "14.3.2", LONG_TERM, "16.1", "16.2.1", "16.2.7"),
}


def all_displays(params: Params | None = None) -> tuple[Display, ...]:
    """Every display of the library and, of params, of the study's own, in the report's order.

    Raises ParamsError where an endpoint of the study's own has the name of a display or analysis.
    """
    modules = sorted(
        m.name for m in pkgutil.walk_packages(folder.__path__, f"{folder.__name__}.") if not m.ispkg
    )
    found = [import_module(name) for name in modules if name != __name__]
    displays = [m.DISPLAY for m in found if hasattr(m, "DISPLAY")]
    displays += [d for m in found if hasattr(m, "displays_of") for d in m.displays_of(params)]
    if params is not None:
        _told_apart(displays, params)
    return tuple(sorted(displays, key=lambda d: (_section_key(d.section), d.order, d.name)))


def _told_apart(displays: list[Display], params: Params) -> None:
    """Raises ParamsError where names of an own endpoint's displays or analyses are taken."""
    own = {e.name for e in params.endpoints.time_to_event}
    whose: dict[str, set[str]] = {}
    for display in displays:
        of = {e for a in display.analyses for e in a.endpoints if e in own}
        for name in (display.name, *(a.name for a in display.analyses)):
            whose.setdefault(name, set()).add(min(of, default=""))
    for name, owners in whose.items():
        if len(owners) > 1:
            raise ParamsError(
                f"endpoints.time_to_event: the name {max(owners)} gives '{name}', which is the "
                "name of another display or analysis; give the endpoint another name"
            )


def _section_key(section: str) -> tuple[int, ...]:
    return tuple(int(part) for part in section.split("."))


@dataclass(frozen=True)
class Planned:
    """A display of a report: its number, and what it does without, with the consequence."""

    display: Display
    number: str
    without: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a report holds, in its order, and why each of the other displays is not in it.

    `lacking` are the displays left out for want of columns of datasets that are there.
    """

    displays: tuple[Planned, ...]
    left_out: Mapping[str, str]
    lacking: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def within(self, sections: Collection[str]) -> tuple[Planned, ...]:
        """The displays of these sections."""
        return tuple(p for p in self.displays if p.display.section in sections)

    @property
    def analyses(self) -> dict[str, Analysis]:
        """The analyses of its displays, each once, by name."""
        return {a.name: a for planned in self.displays for a in planned.display.analyses}


def columns_of(frames: Adam) -> dict[str, frozenset[str]]:
    """The columns of each frame, by its name: what a plan is made from."""
    return {name: frozenset(map(str, frame.columns)) for name, frame in frames.items()}


def plan_report(params: Params, columns: Columns) -> Plan:
    """The displays the report holds, and why each of the others is not in it.

    `columns` are those of each dataset there is. Raises ParamsError where params name a display
    that does not exist.
    """
    displays = all_displays(params)
    names = {d.name for d in displays}
    asked = {*(params.displays.only or ()), *params.displays.omit, *params.displays.text}
    if unknown := sorted(asked - names):
        raise ParamsError(
            f"displays: unknown {', '.join(unknown)}; there are {', '.join(sorted(names))}"
        )
    left_out = {d.name: why for d in displays if (why := _why_not(d, params))}
    lacking = {}
    for display in (d for d in displays if d.name not in left_out):
        try:
            needs = display.reads(params)
        except ParamsError as error:  # an analysis set that params do not declare
            left_out[display.name] = str(error)
            continue
        if missing := needs.missing(columns):
            left_out[display.name] = f"the data hold no {', '.join(missing)}"
            if within := tuple(m for m in missing if "." in m):
                lacking[display.name] = within
    chosen = tuple(d for d in displays if d.name not in left_out)
    numbers = numbers_of(chosen)
    planned = (Planned(d, numbers[d.name], d.reads(params).without(columns)) for d in chosen)
    return Plan(tuple(planned), left_out, lacking)


def _why_not(display: Display, params: Params) -> str:
    """Why params do not ask for a display, "" where they do."""
    if display.section not in REPORT_SECTIONS[params.report.template]:
        return f"section {display.section} is not part of the {params.report.template} report"
    if params.displays.only is not None and display.name not in params.displays.only:
        return "not chosen in params (displays.only)"
    if display.name in params.displays.omit:
        return "left out in params (displays.omit)"
    for analysis in display.analyses:
        if why := analysis.unasked(params):
            return why
        declared = [e for e in analysis.endpoints if params.endpoints.holds(e)]
        if analysis.endpoints and not declared:
            return f"params declare no {' or '.join(f'endpoints.{e}' for e in analysis.endpoints)}"
    return ""


def numbers_of(displays: tuple[Display, ...]) -> dict[str, str]:
    """name → number, counted within each section and kind: Table 14.1.1, Figure 14.2.1."""
    counts: dict[tuple[str, str], int] = {}
    numbers = {}
    for display in displays:
        key = (display.section, display.kind)
        counts[key] = counts.get(key, 0) + 1
        numbers[display.name] = f"{display.section}.{counts[key]}"
    return numbers


def place(
    display: Display, number: str, results: pd.DataFrame, adam: Adam, params: Params
) -> Placed:
    """Draws a display and gives it its number, title, footnotes and footer."""
    override = params.displays.text.get(display.name)
    title = override.title if override and override.title else display.title
    drawing = display.draw(results, display.of(adam, params), params)
    footnotes = display.footnotes + (drawing.notes if isinstance(drawing, Table | Figure) else ())
    if override and override.footnotes is not None:
        footnotes = override.footnotes
    population = params.population(display.population).label if display.population else ""
    footer = " · ".join(
        part
        for part in (
            display.name,
            f"Data cut-off {params.cut.cutoff}",
            f"Transfer {params.cut.transfer}",
            population,
            f"Source: {display.source}" if display.source else "",
        )
        if part
    )
    return Placed(display, number, title, population, footnotes, footer, drawing)
