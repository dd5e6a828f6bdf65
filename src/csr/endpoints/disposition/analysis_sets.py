"""How many subjects are in each analysis set, and why the others are not."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.populations import EVERYONE, subjects_in
from csr.params import Params
from csr.params.groups import EVERYONE as ALL_SUBJECTS
from csr.results import (
    Adam,
    Analysis,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

NAME = "analysis-sets"
ITEMS = ("SET", "STATUS")
INCLUDED, EXCLUDED = "Included", "Excluded"


def reason_column(flag: str) -> str:
    """Where ADSL says why a subject is not in a set: SAFFL → SAFXREAS."""
    return f"{flag.removesuffix('FL')}XREAS"


def _membership(everyone: pd.DataFrame, name: str, params: Params) -> pd.DataFrame:
    flag = params.population(name).flag
    rows = everyone.copy()
    rows["SET"] = name
    if flag == EVERYONE:
        return rows.assign(STATUS=INCLUDED)
    why = reason_column(flag)
    reasons = rows[why].replace("", EXCLUDED) if why in rows else EXCLUDED
    rows["STATUS"] = pd.Series(reasons, index=rows.index).where(rows[flag] != "Y", INCLUDED)
    return rows


def answer(adam: Adam, params: Params) -> Output:
    """Counts subjects by set and by reason for exclusion, of all subjects in ADSL."""
    everyone = subjects_in(adam, params, ALL_SUBJECTS)
    sets = [_membership(everyone, name, params) for name in params.populations]
    rows = make_rows(
        population_rows(everyone, ["TRTA"]),
        counted_rows(pd.concat(sets, ignore_index=True), "ADSL", ["TRTA", *ITEMS]),
    )
    out = ResultList(NAME, ALL_SUBJECTS)
    count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS)
    return Output(rows, out.frame())


ANALYSIS_SETS = Analysis(NAME, ("adsl",), answer, source="METHODS §1")
