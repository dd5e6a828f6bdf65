"""Which adverse events belong to which group of special interest."""

from __future__ import annotations

import pandas as pd

from csr.params import Params
from csr.results import Needs, reads
from csr.terms import is_one_of

GENERAL = "CQ01NAM"  # where params declare no group: ADAE's own


def interest_columns(params: Params) -> tuple[str, ...]:
    """The columns that tell whether an event is of special interest."""
    every = (column for columns in params.aesi.values() for column in columns)
    return tuple(dict.fromkeys(every)) or (GENERAL,)


def groups_needs(params: Params) -> Needs:
    """What `groups_of_interest` reads."""
    lost: dict[str, str] = {}
    for name, columns in params.aesi.items():
        for column in columns:
            before = f"{lost[column]}, " if column in lost else ""
            lost[column] = f"{before}the group '{name}' is left out"
    return reads("adae", **lost)


def ways_to_groups(params: Params) -> list[list[str]]:
    """The columns of each group: of one at least all must be there."""
    return [list(columns) for columns in params.aesi.values()]


def groups_of_interest(events: pd.DataFrame, params: Params) -> dict[str, pd.Series]:
    """The groups of params, in their order, each with which events belong to it.

    An event belongs where any of the named columns holds one of the values, in whatever case. A
    group of which ADAE lacks a column is left out: who is in it can't be told.
    """
    groups = {}
    for name, columns in params.aesi.items():
        if not set(columns) <= set(events):
            continue
        belongs = pd.Series(False, index=events.index)
        for column, values in columns.items():
            belongs |= is_one_of(events[column], values)
        groups[name] = belongs
    return groups
