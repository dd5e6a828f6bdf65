"""Which words of a relationship to treatment mean related: one rule for derivation and counting."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

RELATED, NOT_RELATED, MISSING = "RELATED", "NOT RELATED", "MISSING"


def relation_of(reported: pd.Series, not_related: Sequence[str], missing: str) -> pd.Series:
    """RELATED, NOT RELATED or MISSING for each reported word, in whatever case.

    A word that is not among `not_related` is related, one that nobody declared too (worst case; a
    finding says so). A blank is MISSING where `missing` is "own-row", else related. Source:
    METHODS §5.
    """
    word = reported.str.upper().str.strip()
    relation = pd.Series(RELATED, index=reported.index, dtype=object)
    relation[word.isin([v.upper() for v in not_related])] = NOT_RELATED
    if missing == "own-row":
        relation[word == ""] = MISSING
    return relation
