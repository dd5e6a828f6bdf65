"""What the listings of the kinetics have in common: their records, a result, days."""

from __future__ import annotations

import pandas as pd

from csr.displays.tables.listing_cells import Record, group_label, said
from csr.displays.tables.subject_records import amount
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_number


def listed(
    samples: pd.DataFrame, adam: Adam, params: Params, population: str = "safety"
) -> list[Record]:
    """The samples of a population by subject, specimen, infusion and time; GROUP as tables say."""
    own = with_group(samples, subjects_in(adam, params, population))
    order = [c for c in ("USUBJID", "PCSPEC", "AINFN", "ARELTM", "PCSEQ", "DTYPE") if c in own]
    records = own.sort_values(order, kind="stable").to_dict("records")
    return [{**record, "GROUP": group_label(record, params)} for record in records]


def days(record: Record) -> str:
    """Days since the infusion, one decimal where they are not whole."""
    value = record.get("ARELTM")
    if not isinstance(value, float) or value != value:
        return ""
    return fmt_number(value, 0 if value == round(value) else 1)


def value_of(record: Record) -> str:
    """The number with thousands apart, or the word (BLQ) as it stands."""
    return amount(record.get("AVAL")) or said(record, "AVALC")
