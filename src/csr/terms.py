"""One notion of when two terms are the same: whatever the case, and however they are spaced.

Every selection of records by a word of the params, and every table of terms, goes by it.
"""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

NOT_CODED = "Not coded"


def fold(term: str) -> str:
    """`  NAUSEA and  vomiting` → `nausea and vomiting`: equal for the same term."""
    return " ".join(term.split()).casefold()


def folded(terms: pd.Series) -> pd.Series:
    """Each term folded; a missing one is ""."""
    words = terms.astype(object).where(terms.notna(), "").astype(str)
    return words.map({word: fold(word) for word in words.unique()})


def is_one_of(terms: pd.Series, wanted: Collection[str]) -> pd.Series:
    """Which terms are one of those wanted."""
    return folded(terms).isin({fold(word) for word in wanted})


def spelled(terms: pd.Series, blank: str = NOT_CODED) -> pd.Series:
    """Each term in one spelling of those there are of it; `blank` where it is blank.

    The spelling does not depend on how often it is used: one that is not all capitals before one
    that is, of equals the first in the alphabet.
    """
    words = terms.astype(object).where(terms.notna(), "").astype(str)
    chosen: dict[str, str] = {}
    for word in sorted(words.unique(), key=lambda w: (w.isupper(), w)):
        chosen.setdefault(fold(word), " ".join(word.split()))
    return words.map({word: chosen[fold(word)] or blank for word in words.unique()})
