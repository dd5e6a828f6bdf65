"""Shifts: the category at baseline against the worst after it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from csr.params import Params
from csr.results import ResultList, count_subjects, counted_rows, make_rows, population_rows

MISSING = "Missing"
ITEMS = ("TERM", "BASELINE", "WORST")


def shift_rows(records: pd.DataFrame, subjects: pd.DataFrame, order: Sequence[str]) -> pd.DataFrame:
    """One row per subject and TERM: BASELINE and WORST, each a level of `order` or Missing.

    `records` has USUBJID, TERM, LEVEL (of `order`, the worst last), ABLFL and ONTRTFL. A subject
    with any record of a term is in it; one without a baseline, or without a later result, is there
    as missing.
    """
    place = {level: float(i) for i, level in enumerate(order)}
    known = records[records["LEVEL"].isin(place)]
    ranked = known.assign(rank=known["LEVEL"].map(place))
    keys = ["USUBJID", "TERM"]
    base = ranked[ranked["ABLFL"] == "Y"].groupby(keys, sort=False)["rank"].max()
    worst = ranked[ranked["ONTRTFL"] == "Y"].groupby(keys, sort=False)["rank"].max()
    every = records[keys].drop_duplicates()
    out = every.join(base.rename("b"), on=keys).join(worst.rename("w"), on=keys)
    names = dict(enumerate(order))
    out["BASELINE"] = out["b"].map(names).fillna(MISSING)
    out["WORST"] = out["w"].map(names).fillna(MISSING)
    groups = subjects.set_index("USUBJID")["TRTA"]
    return out.assign(TRTA=out["USUBJID"].map(groups)).drop(columns=["b", "w"])


def count_shifts(
    out: ResultList, shifts: pd.DataFrame, subjects: pd.DataFrame, params: Params, domain: str
) -> pd.DataFrame:
    """Counts of each term × baseline × worst that was seen, by group; returns the rows."""
    rows = make_rows(
        population_rows(subjects, ["TRTA"]), counted_rows(shifts, domain, ["TRTA", *ITEMS])
    )
    count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS)
    return rows
