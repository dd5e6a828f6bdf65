"""What changes inside a series of results without making it another one (METHODS §10.5)."""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.sources import number, text
from csr.errors import Finding

# Attributes of a result by their name without the domain's prefix, and in words.
ATTRIBUTES = {"METHOD": "method", "FAST": "fasting state", "LOC": "location", "NAM": "laboratory"}


def find_changed_attributes(source: pd.DataFrame, prefix: str, series: pd.Series) -> list[Finding]:
    """A note per attribute that is not the same in all results of a subject and parameter.

    `series` names the parameter of each record, on the index of `source`.
    """
    found: list[Finding] = []
    keys = ("USUBJID", f"{prefix}SEQ")
    for name, words in ATTRIBUTES.items():
        column = f"{prefix}{name}"
        value = text(source, column)
        own = source.assign(PARAMCD=series, shown=value)[value != ""]
        if own.empty:
            continue
        own[keys[1]] = number(own, keys[1])
        by = [own["USUBJID"], own["PARAMCD"]]
        usual = own["shown"].groupby(by).transform("first")
        finding = Finding(
            "note",
            prefix,
            column,
            "series-attribute",
            f"the {words} is not that of the subject's first result of the test; they are one "
            "series all the same",
            "name the results in params where they must not be compared",
        )
        found += find_rows(own[own["shown"] != usual], finding, keys, "shown")
    return found
