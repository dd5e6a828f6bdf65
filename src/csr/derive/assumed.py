"""Columns that delivered ADaM can do without where they could only say one thing."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from csr.derive.findings import Derived
from csr.derive.sources import text
from csr.errors import Finding


def assume(
    frame: pd.DataFrame, column: str, value: object, keys: Sequence[str], finding: Finding
) -> Derived:
    """The frame with `column` holding `value` throughout, and the note that says so.

    Unchanged where the column is there, or where two records share the `keys`: they would be told
    apart by it, so that what reads it must do without.
    """
    if column in frame or not set(keys) <= set(frame) or frame.duplicated(list(keys)).any():
        return Derived(frame, [])
    return Derived(frame.assign(**{column: value}), [finding])


def assume_evaluator(adrs: pd.DataFrame, paramcds: Sequence[str]) -> Derived:
    """ADRS without RSEVAL: blank, the evaluator of params, where it can't be of several.

    It may be where a subject has more than one best response (`paramcds`), or different responses
    of one parameter on one day.
    """
    if "RSEVAL" in adrs or not {"USUBJID", "PARAMCD", "AVALC"} <= set(adrs):
        return Derived(adrs, [])
    keys = ["USUBJID", "PARAMCD", *(["ADT"] if "ADT" in adrs else [])]
    several = adrs.drop_duplicates([*keys, "AVALC"]).duplicated(keys).any() and "ADT" in adrs
    best = adrs[text(adrs, "PARAMCD").isin(list(paramcds))]
    if several or best.duplicated(["USUBJID", "PARAMCD"]).any():
        return Derived(adrs, [])
    return Derived(adrs.assign(RSEVAL=""), [EVALUATOR])


def with_baselines(frame: pd.DataFrame) -> pd.DataFrame:
    """A baseline record counts: ANL01FL Y also where ABLFL is, whatever was chosen after it.

    Many programs set ANL01FL among the records on treatment only.
    """
    if not {"ANL01FL", "ABLFL"} <= set(frame):
        return frame
    baseline = text(frame, "ABLFL") == "Y"
    return frame.assign(ANL01FL=text(frame, "ANL01FL").mask(baseline, "Y"))


EVALUATOR = Finding(
    "note",
    "ADRS",
    "RSEVAL",
    "assumed",
    "no evaluator; every response is taken to be of the one that params name",
    "give RSEVAL where there are several evaluators",
)
SPECIMEN = Finding(
    "note",
    "ADPP",
    "PCSPEC",
    "assumed",
    "no specimen; every parameter is taken to be of the main specimen",
    "give PCSPEC where there are several specimens",
)
INFUSION = Finding(
    "note",
    "ADPP",
    "AINFN",
    "assumed",
    "no infusion; every parameter is taken to be of the first",
    "give AINFN where subjects were infused again",
)
