"""Objective response and disease control in subgroups, of the evaluable and of all treated."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.efficacy.response import best_response_needs, best_responses
from csr.endpoints.efficacy.response_evaluators import population_of
from csr.endpoints.efficacy.response_subgroups import subgroup_needs, subgroups
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
)
from csr.stats.binomial import proportion_interval

NAME = "response-subgroup-rates"
BY = ("SET", "SUBGROUP", "LEVEL")
RATES = ("ORR", "DCR")
ITEM = "RATE"


def sets_of(params: Params) -> tuple[str, ...]:
    """The efficacy-evaluable set where there is one, and all treated."""
    return tuple(dict.fromkeys((population_of(params), "safety")))


def counting(params: Params) -> dict[str, set[str]]:
    """Which best responses count for each rate."""
    control = {"CR", "PR", "SD"}
    if params.conventions.non_cr_non_pd_is_disease_control:
        control.add("NON-CR/NON-PD")
    return {"ORR": {"CR", "PR"}, "DCR": control}


def answer(adam: Adam, params: Params) -> Output:
    """n, percent and interval of each rate, at each level of each subgroup of each set."""
    parts: list[pd.DataFrame] = []
    out = ResultList(NAME, "safety")
    for name in sets_of(params):
        subjects = subjects_in(adam, params, name)
        best = best_responses(adam, params, subjects)
        for variable, levels in subgroups(subjects, params).items():
            own = subjects.assign(SET=name, SUBGROUP=variable, LEVEL=levels)
            parts.append(population_rows(own, BY))
            known = best.merge(own[["USUBJID", *BY]], on="USUBJID")
            parts += _counted(known, params)
            order = levels.drop_duplicates() if variable == "Treatment" else sorted(set(levels))
            for level in order:
                here = known[known["LEVEL"] == level]
                where = tuple(zip(BY, (name, variable, str(level)), strict=True))
                _add(out, where, here, params)
    return Output(make_rows(*parts), out.frame())


def _counted(known: pd.DataFrame, params: Params) -> list[pd.DataFrame]:
    key = "ASEQ" if "ASEQ" in known else ""
    return [
        counted_rows(known[known["BOR"].isin(counts)].assign(RATE=rate), "ADRS", [*BY, ITEM], key)
        for rate, counts in counting(params).items()
    ]


def _add(out: ResultList, where: Groups, here: pd.DataFrame, params: Params) -> None:
    method, level = params.conventions.proportion_interval, params.conventions.conf_level
    for rate, counts in counting(params).items():
        n, total = int(here["BOR"].isin(counts).sum()), len(here)
        low, high = proportion_interval(n, total, level, method)
        at: Groups = (*where, (ITEM, rate))
        out.add(at, "n", n, method="confirmed best overall response")
        out.add(at, "N", total, method="subjects in the subgroup")
        out.add(at, "pct", 100 * n / total, unit="%", method="100·n/N")
        out.add(at, "lcl", 100 * low, unit="%", method=method)
        out.add(at, "ucl", 100 * high, unit="%", method=method)


def needs(params: Params) -> Needs:
    """Best responses of each set, and the subgroups."""
    return best_response_needs(params, *sets_of(params)) + subgroup_needs(params)


SUBGROUP_RATES = Analysis(NAME, answer, "METHODS §3", ("bor",), needs=needs)
