"""How derivations name the rows a finding is about."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from csr.errors import Finding


class Derived(NamedTuple):
    """One ADaM dataset and what was found while deriving it."""

    frame: pd.DataFrame
    findings: list[Finding]


def find_rows(
    wrong: pd.DataFrame, finding: Finding, keys: tuple[str, ...], value: str | None = None
) -> list[Finding]:
    """`finding` with the rows it is about: none where `wrong` is empty, else one.

    Row numbers are the frame's index + 1: of the source file, where reader and cut keep the index.
    """
    if wrong.empty:
        return []
    return [
        replace(
            finding,
            rows=tuple(int(i) + 1 for i in wrong.index),
            keys=tuple(_key(row, keys) for row in wrong[list(keys)].to_dict("records")),
            values=tuple(wrong[value].astype(str)) if value else (),
        )
    ]


def _key(row: dict, keys: tuple[str, ...]) -> str:
    return ", ".join(f"{k}={_plain(row[k])}" for k in keys)


def _plain(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
