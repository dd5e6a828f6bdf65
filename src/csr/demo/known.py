"""What is known: on which day, and with which state of the database."""

from __future__ import annotations

from dataclasses import dataclass

from csr.demo.truth import AdverseEvent, Subject
from csr.demo.when import When, iso

PENDING_TEXT = "[date after cut-off]"


@dataclass(frozen=True, slots=True)
class Known:
    """`on`: what has happened by the end of this day. `by`: what the database held on that day;
    None: as finally recorded."""

    on: int
    by: int | None = None

    def corrected(self, day: int) -> bool:
        """Whether a correction of that day has been made."""
        return self.by is None or day <= self.by

    def entered(self, day: int) -> bool:
        """Whether what was entered on that day is in the database."""
        return self.by is None or day <= self.by

    def started(self, start: When, end: When | None) -> bool:
        """Whether something began; without any start date it was there by its end."""
        if start.precision != "none":
            return start.known(self.on)
        return end is None or end.known(self.on)

    def ended(self, end: When | None) -> bool:
        return end is not None and end.known(self.on)

    def death(self, subject: Subject) -> bool:
        """Whether the subject is known to have died."""
        return subject.death is not None and subject.death.when.known(self.on)

    def day(self, day: int | None) -> str:
        """A day as text once it has come, else blank."""
        return iso(day) if day is not None and day <= self.on else ""

    def end(self, end: When | None) -> str:
        return end.text if end is not None and self.ended(end) else ""


def event_ended(event: AdverseEvent, subject: Subject, known: Known) -> bool:
    """A fatal event ends with the death, once that is known."""
    return known.death(subject) if event.fatal else known.ended(event.end)
