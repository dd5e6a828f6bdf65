"""What listings have in common: their columns as data, a value as text, a date with its day."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from csr.displays.model import Column, Listing
from csr.params import Params
from csr.results import Needs, reads
from csr.rounding import fmt_number

Record = dict[str, object]
IN_ANY_ORDER = "records of one subject and day stand in the order of the data"


@dataclass(frozen=True)
class Listed:
    """A column of a listing: how it looks, what of the data it shows, what it says of a record.

    `shows`: variables without which there is no such column, where none of them is there; nothing:
    it is always there. `beside`: what it says more where the data have it.
    """

    column: Column
    shows: tuple[str, ...]
    text: Callable[[Record, Params], str]
    beside: tuple[str, ...] = ()

    @property
    def consequences(self) -> dict[str, str]:
        """What becomes of the column without each of its variables."""
        label = " ".join(self.column.label.split())
        first = "is left out" if len(self.shows) == 1 else "does not show it"
        said = dict.fromkeys(self.shows, f"the column '{label}' {first}")
        return said | dict.fromkeys(self.beside, f"the column '{label}' does not show it")


def shown(column: Column, variable: str) -> Listed:
    """A column that shows a variable as it stands."""
    return Listed(column, (variable,), lambda record, params: said(record, variable))


def shown_date(column: Column, date: str, day: str = "", flag: str = "") -> Listed:
    """A column that shows a date, its study day and what of it was imputed."""
    beside = tuple(c for c in (day, flag) if c)
    return Listed(column, (date,), lambda record, params: dated(record, date, day, flag), beside)


def listed_needs(dataset: str, columns: Sequence[Listed], order: Sequence[str] = ()) -> Needs:
    """What a listing reads of a dataset, and sorts it by: it is told of what it does without."""
    found = reads(dataset, "USUBJID")
    for column in columns:
        found += reads(dataset, **column.consequences)
    told = {variable for _, variable in (*found.needed, *found.optional)}
    return found + reads(dataset, **{c: IN_ANY_ORDER for c in order if c not in told})


def listing_of(
    columns: Sequence[Listed], records: Sequence[Record], there: Collection[str], params: Params
) -> Listing:
    """A line per record; a column of which the data have nothing (`there`) is left out."""
    kept = [c for c in columns if not c.shows or any(v in there for v in c.shows)]
    lines = (tuple(c.text(record, params) for c in kept) for record in records)
    return Listing(tuple(c.column for c in kept), tuple(lines))


def in_order(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """The records sorted by those of the columns that are there."""
    return frame.sort_values([c for c in columns if c in frame], kind="stable")


def subject_and_group(first: float = 1.5, second: float = 1.3) -> tuple[Listed, Listed]:
    """The two columns every listing by subject begins with; the numbers are their widths."""
    return (
        Listed(Column("Subject", "left", first), (), lambda r, p: said(r, "USUBJID")),
        Listed(Column("Group", "left", second), (), group_label),
    )


def said(record: Record, column: str) -> str:
    """A value of a record as text; "" where the column or the value is missing."""
    value = record.get(column, "")
    if value is None or value != value:
        return ""
    return f"{value:g}" if isinstance(value, float) else str(value)


def dated(record: Record, date: str, day: str = "", flag: str = "") -> str:
    """`2014-01-03\\n(2)`: the date, what of it was imputed, and its study day below."""
    when = record.get(date)
    if not isinstance(when, pd.Timestamp) or pd.isna(when):
        return ""
    imputed = f" [{record[flag]}]" if record.get(flag) not in ("", None) else ""
    number = record.get(day)
    known = isinstance(number, float | int) and number == number
    return f"{when:%Y-%m-%d}{imputed}" + (
        f"\n({fmt_number(float(str(number)), 0)})" if known else ""
    )


def group_label(record: Record, params: Params) -> str:
    """The group as the tables call it."""
    labels = {level.value: level.label for level in params.treatment.levels}
    return labels.get(said(record, "TRTA"), said(record, "TRTA"))
