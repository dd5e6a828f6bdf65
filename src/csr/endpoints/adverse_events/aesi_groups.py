"""Which adverse events belong to which group of special interest."""

from __future__ import annotations

import pandas as pd

from csr.params import Params


def groups_of_interest(events: pd.DataFrame, params: Params) -> dict[str, pd.Series]:
    """The groups of params, in their order, each with which events belong to it.

    An event belongs where any of the named columns holds one of the values, in whatever case; a
    column ADAE does not have tells nothing.
    """
    groups = {}
    for name, columns in params.aesi.items():
        belongs = pd.Series(False, index=events.index)
        for column, values in columns.items():
            if column in events:
                wanted = {value.casefold() for value in values}
                belongs |= events[column].str.casefold().isin(wanted)
        groups[name] = belongs
    return groups
