"""Listing of adverse events by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Listing
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_number

COLUMNS = (
    Column("Subject", "left", 1.2),
    Column("Group", "left", 1.3),
    Column("System organ class /\nPreferred term /\nReported term, if other", "left", 3.6),
    Column("Start\n(day)", "left", 1.15),
    Column("End\n(day)", "left", 1.15),
    Column("Grade or\nseverity", "left", 0.95),
    Column("Serious", "center", 0.7),
    Column("Emergent", "center", 0.8),
    Column("Relationship", "left", 1.1),
    Column("Action taken", "left", 1.2),
    Column("Outcome", "left", 1.6),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every record of the safety subjects, in the order of subject, start and sequence."""
    subjects = subjects_in(adam, params, "safety")
    labels = {level.value: level.label for level in params.treatment.levels}
    events = with_group(adam["adae"], subjects)
    ordered = events.sort_values(
        [c for c in ("USUBJID", "ASTDT", "AESEQ") if c in events], kind="stable"
    )
    lines = [
        _cells(event, labels, params.conventions.severity) for event in ordered.to_dict("records")
    ]
    return Listing(COLUMNS, tuple(lines))


def _cells(event: dict[str, object], labels: dict[str, str], severity: str) -> tuple[str, ...]:
    def text(column: str) -> str:
        value = event.get(column, "")
        return "" if value is None or value != value else str(value)

    terms = [text("AEBODSYS"), text("AEDECOD")]
    if text("AETERM").casefold() != text("AEDECOD").casefold():
        terms.append(text("AETERM"))
    return (
        text("USUBJID"),
        labels.get(text("TRTA"), text("TRTA")),
        " /\n".join(term for term in terms if term),
        _day(event, "ASTDT", "ASTDY", "ASTDTF"),
        _day(event, "AENDT", "AENDY", "AENDTF"),
        text(severity),
        text("AESER"),
        text("TRTEMFL"),
        text("AEREL"),
        text("AEACN"),
        text("AEOUT"),
    )


def _day(event: dict[str, object], date: str, day: str, flag: str) -> str:
    """`2014-01-03\\n(2)`; an imputed date is marked with its flag."""
    when = event.get(date)
    if not isinstance(when, pd.Timestamp) or pd.isna(when):
        return ""
    imputed = f" [{event[flag]}]" if event.get(flag) not in ("", None) else ""
    number = event.get(day)
    study_day = f"\n({fmt_number(float(number), 0)})" if isinstance(number, float | int) else ""
    return f"{when:%Y-%m-%d}{imputed}{study_day.replace('(NE)', '').rstrip()}"


DISPLAY = Display(
    name="ae-listing",
    kind="listing",
    section="16.2.7",
    order=10,
    title="Adverse events by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=("adsl", "adae"),
    draw=draw,
    footnotes=(
        "Day 1 is the day of the first dose; there is no day 0. "
        "[D], [M]: day, or day and month, of the date imputed. No end: ongoing or not known.",
    ),
    source="ADAE",
)
