"""How many subjects are in each analysis set, and why the others are not."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.populations import EVERYONE, subject_needs, subjects_in
from csr.params import Params
from csr.params.groups import EVERYONE as ALL_SUBJECTS
from csr.results import (
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
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
    asked = [
        (name, status)
        for name, own in zip(params.populations, sets, strict=True)
        for status in (INCLUDED, *sorted(set(own["STATUS"]) - {INCLUDED}))
    ]
    count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The flag of every set, and why a subject is not in it."""
    reasons = {
        reason_column(p.flag): f"why subjects are not in '{p.label}' is not said"
        for p in params.populations.values()
        if p.flag != EVERYONE
    }
    return subject_needs(params, ALL_SUBJECTS, *params.populations) + reads("adsl", **reasons)


ANALYSIS_SETS = Analysis(NAME, answer, source="METHODS §1", needs=needs)
