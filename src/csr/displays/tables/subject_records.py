"""The records of one subject, and how a record is told: dates, doses, the key it is found by."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from csr.derive.sources import seen_by
from csr.displays.model import Sentence
from csr.displays.tables.listing_cells import Record, said
from csr.params import Params
from csr.results import Adam
from csr.rounding import decimals_of, fmt_number

NOTHING = pd.DataFrame()
UNTOLD = "narratives do not tell it"


def not_told(*columns: str) -> dict[str, str]:
    """Columns that narratives do without."""
    return dict.fromkeys(columns, UNTOLD)


@dataclass(frozen=True)
class BySubject:
    """Every dataset by subject, looked up once for a display that goes through them all."""

    datasets: dict[str, dict[str, pd.DataFrame]]
    params: Params

    @classmethod
    def of(cls, adam: Adam, params: Params) -> BySubject:
        """Groups the datasets that have subjects."""
        with_subjects = {n: f for n, f in adam.items() if "USUBJID" in f and n != "adsl"}
        return cls(
            {
                name: {str(who): own for who, own in frame.groupby("USUBJID", sort=False)}
                for name, frame in with_subjects.items()
            },
            params,
        )

    def records(self, dataset: str, subject: str, by: str = "ASTDT") -> list[Record]:
        """The records of a subject in a dataset, in the order of a column where it has it."""
        own = self.frame(dataset, subject)
        if by in own:
            own = own.sort_values(by, kind="stable")
        return list(own.to_dict("records"))

    def responses(self, subject: str, paramcd: str, evaluator: str) -> list[Record]:
        """The records of one parameter of ADRS as one evaluator saw the subject."""
        own = self.frame("adrs", subject)
        if "PARAMCD" not in own:
            return []
        own = own[own["PARAMCD"] == paramcd]
        return list(own[seen_by(own, evaluator)].to_dict("records"))

    def frame(self, dataset: str, subject: str) -> pd.DataFrame:
        """The rows of a subject in a dataset; an empty frame where there are none."""
        return self.datasets.get(dataset, {}).get(subject, NOTHING)


def key_of(dataset: str, record: Record, sequence: str) -> str:
    """`ADAE AESEQ=3`: where the record is found."""
    number = said(record, sequence)
    return f"{dataset.upper()} {sequence}={number}" if number else dataset.upper()


def keys_of(dataset: str, records: list[Record], sequence: str) -> str:
    """`ADCM CMSEQ=3, 5`."""
    numbers = [number for number in (said(r, sequence) for r in records) if number]
    return f"{dataset.upper()} {sequence}={', '.join(numbers)}" if numbers else dataset.upper()


def date_of(record: Record, column: str, flag: str = "") -> str:
    """`2019-05-11`, with [D] or [M] where it was imputed; "" where it is missing."""
    when = record.get(column)
    if not isinstance(when, pd.Timestamp) or pd.isna(when):
        return ""
    imputed = said(record, flag) if flag else ""
    return f"{when:%Y-%m-%d}" + (f" [{imputed}]" if imputed else "")


def day_of(record: Record, column: str) -> str:
    """`day 12`, "" where the day is not known."""
    number = said(record, column)
    return f"day {number}" if number else ""


def period_of(record: Record) -> str:
    """`2019-05-07 to 2019-05-09`, one date where both are the same, "" without a start."""
    start = date_of(record, "ASTDT", "ASTDTF")
    end = date_of(record, "AENDT", "AENDTF")
    if not start:
        return ""
    if not end:
        return f"from {start}"
    return start if end == start else f"{start} to {end}"


def amount(value: object) -> str:
    """A number as recorded, with thousands apart; "" where it is missing."""
    if not isinstance(value, float | int) or value != value:
        return ""
    whole, point, decimals = fmt_number(float(value), decimals_of([float(value)])).partition(".")
    return f"{int(whole):,}{point}{decimals}"


def several(parts: list[str], none: str = "") -> str:
    """`a, b and c`."""
    if not parts:
        return none
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def sentence(text: str, source: str = "") -> list[Sentence]:
    """A sentence, none where there is nothing to say."""
    return [Sentence(text, source)] if text else []
