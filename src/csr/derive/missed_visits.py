"""When an event is too late after the last assessment to be dated (METHODS §4, "two missed").

Days are counted from time zero, T0 being day 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from csr.params.protocol import Schedule


def scheduled_days(schedule: Schedule) -> Iterator[int]:
    """Day 0 and every scheduled assessment after it, without end."""
    day = 0
    yield day
    for interval, until in schedule.every:
        while until is None or day + interval <= until:
            day += interval
            yield day


def two_missed_after(last_adequate: int, schedule: Schedule) -> int:
    """The last day an event may have, before which two scheduled visits were not both missed.

    The second scheduled visit after the last adequate assessment, plus twice the window. An
    assessment within the window of a visit was that visit, be it early or late.
    Source: FDA 2018, Clinical Trial Endpoints, App. 3, as in METHODS §4.
    """
    nominal = _visit_of(last_adequate, schedule)
    following = (day for day in scheduled_days(schedule) if day > nominal)
    second = next(islice(following, 1, None))
    return second + 2 * schedule.window


def _visit_of(day: int, schedule: Schedule) -> int:
    """The scheduled day an assessment was made for; its own day where it was unscheduled."""
    for visit in scheduled_days(schedule):
        if abs(day - visit) <= schedule.window:
            return visit
        if visit > day:
            break
    return day
