"""Days, and what is written down of them.

Days are proleptic ordinals (`datetime.date.toordinal`). What a site records of a date may be less
than the date: `When` holds both.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

Precision = Literal["day", "month", "year", "none"]


@lru_cache(maxsize=100_000)
def iso(day: int) -> str:
    """A day as ISO 8601 text."""
    return dt.date.fromordinal(day).isoformat()


@dataclass(frozen=True, slots=True)
class When:
    """A date as it was, and how much of it was written down."""

    day: int
    precision: Precision = "day"

    @property
    def text(self) -> str:
        """What stands in --DTC: `2021-05-17`, `2021-05`, `2021`, or nothing."""
        length = {"day": 10, "month": 7, "year": 4, "none": 0}[self.precision]
        return iso(self.day)[:length]

    @property
    def earliest(self) -> int:
        """The earliest day the recorded date can mean; 0 where nothing was recorded."""
        date = dt.date.fromordinal(self.day)
        if self.precision == "none":
            return 0
        if self.precision == "year":
            return date.replace(month=1, day=1).toordinal()
        return date.replace(day=1).toordinal() if self.precision == "month" else self.day

    def known(self, on: int) -> bool:
        """Whether a record with this date counts as having happened by the end of `on`."""
        return self.earliest <= on
