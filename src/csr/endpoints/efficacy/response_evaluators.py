"""Confirmed best overall response as two evaluators saw it, and how far they agree."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.efficacy.response import best_response_needs, best_responses
from csr.endpoints.populations import subjects_in
from csr.params import Params
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
)

NAME = "response-by-evaluator"
ITEMS = ("MAIN", "OTHER", "AGREEMENT", "RESPONSE")
SAME, DIFFERENT = "Same best response", "Different best response"
RESPONSES = ("Both", "Main evaluator only", "Other evaluator only", "Neither")


def population_of(params: Params) -> str:
    """The efficacy-evaluable set where the params declare one, else the safety set."""
    return "efficacy" if "efficacy" in params.populations else "safety"


def both_evaluators(adam: Adam, params: Params) -> pd.DataFrame:
    """One row per subject: best responses MAIN and OTHER, AGREEMENT, RESPONSE (who saw one)."""
    subjects = subjects_in(adam, params, population_of(params))
    main = best_responses(adam, params, subjects)
    other = best_responses(adam, params, subjects, "bor_other")[["USUBJID", "BOR"]]
    both = main.rename(columns={"BOR": "MAIN"}).merge(
        other.rename(columns={"BOR": "OTHER"}), on="USUBJID"
    )
    first, second = (both[c].isin(["CR", "PR"]) for c in ("MAIN", "OTHER"))
    seen = np.select([first & second, first, second], list(RESPONSES[:3]), RESPONSES[3])
    same = np.where(both["MAIN"] == both["OTHER"], SAME, DIFFERENT)
    return both.assign(AGREEMENT=same, RESPONSE=seen)


def answer(adam: Adam, params: Params) -> Output:
    """Counts each evaluator's best responses, their agreement, and each pair of responses."""
    both = both_evaluators(adam, params)
    subjects = subjects_in(adam, params, population_of(params))
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(both, "ADRS", ["TRTA", *ITEMS], "ASEQ" if "ASEQ" in both else ""),
    )
    out = ResultList(NAME, population_of(params))
    sets = (("MAIN",), ("OTHER",), ("AGREEMENT",), ("RESPONSE",), ("MAIN", "OTHER"))
    count_subjects(out, rows, "TRTA", params.treatment.values, sets, ITEMS)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """Best responses of the population that is evaluated."""
    return best_response_needs(params, population_of(params))


RESPONSE_BY_EVALUATOR = Analysis(NAME, answer, "METHODS §3", ("bor_other",), needs=needs)
