"""Results as text: a number, or a number with `<` or `>` before it (METHODS §10.7)."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
QUALIFIED = re.compile(rf"^(<=|>=|=<|=>|<|>|≤|≥|＜|＞)?\s*({NUMBER})$")
SAME = {"=<": "<=", "=>": ">=", "≤": "<=", "≥": ">=", "＜": "<", "＞": ">"}


def read_results(texts: pd.Series) -> pd.DataFrame:
    """`qualifier` (`<`, `<=`, `>`, `>=`, "" none) and `value` (NaN where the text is no number)."""
    known = {text: read_result(str(text)) for text in texts.unique()}
    return pd.DataFrame(
        {
            "qualifier": texts.map({text: found[0] for text, found in known.items()}),
            "value": texts.map({text: found[1] for text, found in known.items()}).astype(float),
        },
        index=texts.index,
    ).astype({"qualifier": object})


def read_result(text: str) -> tuple[str, float]:
    """A result: its qualifier and its number; ("", NaN) for what is neither."""
    found = QUALIFIED.match(text.strip())
    if found is None:
        return "", float("nan")
    return SAME.get(found[1] or "", found[1] or ""), float(found[2])


def half_unit(texts: pd.Series) -> pd.Series:
    """Half a unit of the last decimal that a number was written with; NaN where it is none."""
    known = {text: _half_unit(str(text)) for text in texts.unique()}
    return texts.map(known).astype(float)


def _half_unit(text: str) -> float:
    found = QUALIFIED.match(text.strip())
    if found is None:
        return float("nan")
    mantissa, _, exponent = found[2].lower().partition("e")
    decimals = len(mantissa.partition(".")[2])
    return 0.5 * 10.0 ** (int(exponent or 0) - decimals)


def shown(value: float, qualifier: str) -> str:
    """A number as written in a finding or a listing, with its sign."""
    return "" if np.isnan(value) else f"{qualifier}{value:g}"
