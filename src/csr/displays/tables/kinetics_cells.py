"""What the listings of the kinetics have in common: their records, a result, days."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column
from csr.displays.tables.listing_cells import (
    Listed,
    Record,
    in_order,
    said,
    shown,
    shown_date,
    subject_and_group,
)
from csr.displays.tables.subject_records import amount
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam, reads
from csr.rounding import fmt_number

ORDER = ("USUBJID", "PCSPEC", "AINFN", "ARELTM", "PCSEQ", "DTYPE")


def listed(
    samples: pd.DataFrame, adam: Adam, params: Params, population: str = "safety"
) -> list[Record]:
    """The samples of a population by subject, specimen, infusion and time."""
    own = with_group(samples, subjects_in(adam, params, population))
    records: list[Record] = in_order(own, *ORDER).to_dict("records")
    return records


def dated_columns(visit: Listed) -> tuple[Listed, ...]:
    """Whose sample it is, of which specimen, infusion and time, with its result."""
    return (
        *subject_and_group(1.5, 1.2),
        shown(Column("Specimen", "left", 0.9), "PCSPEC"),
        shown(Column("Infusion", "center", 0.75), "AINFN"),
        visit,
        shown_date(Column("Date\n(day)", "left", 1.05), "ADT", "ADY"),
        Listed(Column("Days since\ninfusion", "right", 0.9), ("ARELTM",), lambda r, p: days(r)),
        Listed(Column("Result", "right", 1.0), (), lambda r, p: value_of(r)),
    )


# A result is a number or a word.
RESULT = reads("adpc", AVALC="results that are no number are blank")


def days(record: Record) -> str:
    """Days since the infusion, one decimal where they are not whole."""
    value = record.get("ARELTM")
    if not isinstance(value, float) or value != value:
        return ""
    return fmt_number(value, 0 if value == round(value) else 1)


def value_of(record: Record) -> str:
    """The number with thousands apart, or the word (BLQ) as it stands."""
    return amount(record.get("AVAL")) or said(record, "AVALC")
