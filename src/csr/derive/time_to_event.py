"""How a declared time-to-event endpoint is answered: a rule over the facts for each of its names.

An endpoint (`csr.params.time_to_event`) names when its clock starts, which events stop it, and what
censors it. Each of these names is one small rule over the facts of one subject. A censoring either
pre-empts an event (new therapy, a gap of missed visits) or is where a subject without event is left
(last adequate assessment).

Source: METHODS §4 (FDA 2018, Clinical Trial Endpoints, Appendix 3).
Tests: tests/reference/test_tte_cases.py, tests/spec/test_adtte.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from csr.derive.missed_visits import two_missed_after
from csr.params.protocol import Schedule
from csr.params.time_to_event import AmongName, CensorName, EventName, StartName, TimeToEvent

ADEQUATE = ("CR", "PR", "SD", "NON-CR/NON-PD")


@dataclass(frozen=True)
class Dated:
    """A date and the record it was taken from: dataset, variable, sequence number."""

    date: pd.Timestamp
    dataset: str
    variable: str
    sequence: float = float("nan")


@dataclass(frozen=True)
class Scan(Dated):
    """A dated timepoint response."""

    response: str = ""


@dataclass(frozen=True)
class Facts:
    """What is known of one subject; None where it did not happen (by the cut-off).

    `scans` are in order of time, those of one evaluator; `undated_progression` is the first day
    that a PD without a full date can have been. `response` and `benefit` are the first day
    of a response (confirmed, unless the protocol says otherwise) and of disease control.
    """

    t0: Dated | None
    apheresis: Dated | None = None
    has_baseline: bool = True
    scans: tuple[Scan, ...] = ()
    undated_progression: pd.Timestamp | None = None
    response: Dated | None = None
    benefit: Dated | None = None
    new_therapy: Dated | None = None
    clinical_progression: Dated | None = None
    death: Dated | None = None
    last_alive: Dated | None = None
    left_study: bool = False
    schedule: Schedule = field(default_factory=Schedule)
    same_day_therapy_censors: bool = False


@dataclass(frozen=True)
class Start:
    """When the clock starts; a subject without that date has no record."""

    description: str
    find: Callable[[Facts], Dated | None]


@dataclass(frozen=True)
class Event:
    """What ends the time: its first date after the start."""

    description: str
    find: Callable[[Facts, Dated], Dated | None]


@dataclass(frozen=True)
class Censor:
    """Why and where a time is censored: facts, start and event (if any) → the date, or None.

    `dated_at` says what the date is; the start of the clock takes its place where there is no such
    date.
    """

    description: str
    dated_at: str
    find: Callable[[Facts, Dated, Dated | None], Dated | None]
    kind: Literal["pre-empts the event", "without event"]


@dataclass(frozen=True)
class Time:
    """One answer: `censored` False means the event was seen."""

    start: Dated
    end: Dated
    censored: bool
    description: str
    dated_at: str = ""

    @property
    def days(self) -> int:
        """The duration: end - start + 1."""
        return (self.end.date - self.start.date).days + 1


def answer(endpoint: TimeToEvent, facts: Facts) -> Time | None:
    """The time of one subject: an event unless a declared censoring pre-empts it.

    Events: the earliest; on one day the one declared first. Censorings are tried in the order
    declared. None where the subject is not among those the endpoint is of. Raises ValueError for an
    endpoint that declares no start.
    """
    if endpoint.start is None:
        raise ValueError(f"{endpoint.name}: the start is not declared")
    clock = STARTS[endpoint.start]
    start = clock.find(facts) if AMONG[endpoint.who](facts) else None
    if start is None:
        return None
    description, event = _first_event(endpoint, facts, start)
    for censor in (CENSORS[name] for name in endpoint.censors):
        if event is not None and censor.kind == "without event":
            continue
        end = censor.find(facts, start, event)
        if end is not None:
            dated_at = clock.description if end is start else censor.dated_at
            return Time(start, end, True, censor.description, dated_at)
    return Time(start, event, False, description) if event is not None else None


def _first_event(endpoint: TimeToEvent, facts: Facts, start: Dated) -> tuple[str, Dated | None]:
    events = (EVENTS[name] for name in endpoint.events)
    found = [(event.description, event.find(facts, start)) for event in events]
    dated = [(text, date) for text, date in found if date is not None and date.date >= start.date]
    return min(dated, key=lambda pair: pair[1].date, default=("", None))


# Reading the facts


def last_adequate(
    facts: Facts, start: Dated, until: pd.Timestamp | None = None, *, inclusive: bool = True
) -> Dated:
    """The last assessment after the start that could tell, up to a day; else the start itself."""
    adequate = [
        scan
        for scan in facts.scans
        if scan.response in ADEQUATE and scan.date > start.date and _up_to(scan, until, inclusive)
    ]
    return adequate[-1] if adequate else start


def _up_to(scan: Scan, until: pd.Timestamp | None, inclusive: bool) -> bool:
    if until is None:
        return True
    return scan.date <= until if inclusive else scan.date < until


def first_progression(facts: Facts, start: Dated) -> Dated | None:
    """The first PD after the start."""
    seen = (s for s in facts.scans if s.response == "PD" and s.date > start.date)
    return next(seen, None)


def _days(facts: Facts, date: pd.Timestamp) -> int:
    origin = facts.t0
    return (date - origin.date).days if origin is not None else 0


# The rule of each name

AMONG: dict[AmongName, Callable[[Facts], bool]] = {
    "treated": lambda facts: facts.t0 is not None,
    "apheresed": lambda facts: facts.apheresis is not None,
    "responders": lambda facts: facts.t0 is not None and facts.response is not None,
    "disease-control": lambda facts: facts.benefit is not None,
}
STARTS: dict[StartName, Start] = {
    "first-infusion": Start("First infusion", lambda facts: facts.t0),
    "apheresis": Start("Apheresis", lambda facts: facts.apheresis),
    "first-response": Start("First response", lambda facts: facts.response),
    "first-benefit": Start("First disease control", lambda facts: facts.benefit),
}
EVENTS: dict[EventName, Event] = {
    "progression": Event("Progressive disease", first_progression),
    "death": Event("Death", lambda facts, start: facts.death),
    "new-therapy": Event("New anticancer therapy", lambda facts, start: facts.new_therapy),
    "clinical-progression": Event(
        "Clinical progression", lambda facts, start: facts.clinical_progression
    ),
    "response": Event("Confirmed response", lambda facts, start: facts.response),
}

# Censorings that pre-empt an event


def _no_baseline(facts: Facts, start: Dated, event: Dated | None) -> Dated | None:
    return None if facts.has_baseline else start


def _new_therapy(facts: Facts, start: Dated, event: Dated | None) -> Dated | None:
    therapy = facts.new_therapy
    if therapy is None or therapy.date < start.date:
        return None
    same_day_censors = facts.same_day_therapy_censors and isinstance(event, Scan)
    if event is not None and therapy.date > event.date:
        return None
    if event is not None and therapy.date == event.date and not same_day_censors:
        return None
    return last_adequate(facts, start, therapy.date, inclusive=not facts.same_day_therapy_censors)


def _missed_visits(facts: Facts, start: Dated, event: Dated | None) -> Dated | None:
    if event is None:
        return None
    before = last_adequate(facts, start, event.date)
    limit = two_missed_after(_days(facts, before.date), facts.schedule)
    return before if _days(facts, event.date) > limit else None


# Censorings of subjects without event


def _where_left(
    holds: Callable[[Facts], bool],
) -> Callable[[Facts, Dated, Dated | None], Dated | None]:
    """The last adequate assessment (or the start), where something else ended the observation."""
    return lambda facts, start, event: last_adequate(facts, start) if holds(facts) else None


def _last_adequate(facts: Facts, start: Dated, event: Dated | None) -> Dated | None:
    last = last_adequate(facts, start)
    return None if last is start else last


def _undated_progression(facts: Facts, start: Dated, event: Dated | None) -> Dated | None:
    first = facts.undated_progression
    return None if first is None else last_adequate(facts, start, first, inclusive=False)


def _last_alive(facts: Facts, start: Dated, event: Dated | None) -> Dated | None:
    last = facts.last_alive
    return None if last is None or last.date < start.date else last


CENSORS: dict[CensorName, Censor] = {
    "no-baseline": Censor(
        "No baseline assessment", "First infusion", _no_baseline, "pre-empts the event"
    ),
    "new-therapy": Censor(
        "New anticancer therapy", "Last adequate assessment", _new_therapy, "pre-empts the event"
    ),
    "missed-visits": Censor(
        "Two or more missed visits",
        "Last adequate assessment",
        _missed_visits,
        "pre-empts the event",
    ),
    "undated-progression": Censor(
        "Progression without a full date",
        "Last adequate assessment",
        _undated_progression,
        "without event",
    ),
    "death-without-progression": Censor(
        "Death without progression",
        "Last adequate assessment",
        _where_left(lambda facts: facts.death is not None),
        "without event",
    ),
    "clinical-progression": Censor(
        "Clinical progression without imaging",
        "Last adequate assessment",
        _where_left(lambda facts: facts.clinical_progression is not None),
        "without event",
    ),
    "left-study": Censor(
        "Lost to follow-up or withdrawn",
        "Last adequate assessment",
        _where_left(lambda facts: facts.left_study),
        "without event",
    ),
    "last-adequate-assessment": Censor(
        "No event", "Last adequate assessment", _last_adequate, "without event"
    ),
    "last-known-alive": Censor("Alive", "Last known alive", _last_alive, "without event"),
    "start": Censor(
        "No assessment after the start",
        "Start",
        lambda facts, start, event: start,
        "without event",
    ),
}
