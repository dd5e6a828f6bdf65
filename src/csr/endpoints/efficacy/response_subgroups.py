"""Objective response rate in subgroups of the efficacy-evaluable set."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.efficacy.response import best_response_needs, best_responses
from csr.endpoints.efficacy.response_evaluators import population_of
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
    reads,
)
from csr.stats.binomial import proportion_interval

NAME = "response-subgroups"
ALL, AGE_BAND = "All subjects", "Age"
OLD = 65
MOST_LEVELS = 6
MISSING = "Missing"


def subgroups(subjects: pd.DataFrame, params: Params) -> dict[str, pd.Series]:
    """Subgroup → the level of each subject: group, sex, age, and those params declare.

    Without declared subgroups, the characteristics the protocol copies into ADSL. A variable with
    more than six levels is no subgroup. A missing level is "Missing".
    """
    found = {ALL: pd.Series(ALL, index=subjects.index), "Treatment": _treatment(subjects, params)}
    if "SEX" in subjects:
        found["Sex"] = subjects["SEX"]
    if "AGE" in subjects:
        band = (subjects["AGE"] >= OLD).map({True: f"≥ {OLD} years", False: f"< {OLD} years"})
        found[AGE_BAND] = band.where(subjects["AGE"].notna(), "")
    for name, label in _named(params).items():
        if name in subjects and 1 < subjects[name].nunique() <= MOST_LEVELS:
            found[label] = subjects[name].astype(str)
    return {name: levels.replace("", MISSING) for name, levels in found.items()}


def _named(params: Params) -> dict[str, str]:
    """Column of ADSL → what its subgroup is called."""
    if params.subgroups or not params.protocol:
        return dict(params.subgroups)
    return {name: name for name in params.protocol.characteristics}


def subgroup_needs(params: Params) -> Needs:
    """The columns of ADSL that make subgroups, each of which can be done without."""
    named = {"SEX": "Sex", "AGE": AGE_BAND, **_named(params)}
    return reads("adsl", **{c: f"the subgroup '{label}' is left out" for c, label in named.items()})


def _treatment(subjects: pd.DataFrame, params: Params) -> pd.Series:
    labels = {level.value: level.label for level in params.treatment.levels}
    return subjects["TRTA"].map(labels).fillna(subjects["TRTA"])


def answer(adam: Adam, params: Params) -> Output:
    """Responders, subjects and the rate with its interval, at each level of each subgroup."""
    subjects = subjects_in(adam, params, population_of(params))
    best = best_responses(adam, params, subjects)
    responders = best[best["BOR"].isin(["CR", "PR"])]
    key = "ASEQ" if "ASEQ" in responders else ""
    parts: list[pd.DataFrame] = []
    out = ResultList(NAME, population_of(params))
    for variable, levels in subgroups(subjects, params).items():
        own = subjects.assign(SUBGROUP=variable, LEVEL=levels)
        seen = responders.merge(own[["USUBJID", "SUBGROUP", "LEVEL"]], on="USUBJID")
        parts.append(population_rows(own, ["SUBGROUP", "LEVEL"]))
        parts.append(counted_rows(seen, "ADRS", ["SUBGROUP", "LEVEL"], key))
        for level in sorted(set(levels)) if variable != "Treatment" else levels.drop_duplicates():
            where: Groups = (("SUBGROUP", variable), ("LEVEL", str(level)))
            _add(
                out,
                where,
                int((seen["LEVEL"] == level).sum()),
                int((levels == level).sum()),
                params,
            )
    return Output(make_rows(*parts), out.frame())


def _add(out: ResultList, where: Groups, n: int, total: int, params: Params) -> None:
    method = params.conventions.proportion_interval
    low, high = proportion_interval(n, total, params.conventions.conf_level, method)
    out.add(where, "n", n, method="confirmed CR or PR")
    out.add(where, "N", total, method="subjects in the subgroup")
    out.add(where, "pct", 100 * n / total, unit="%", method="100·n/N")
    out.add(where, "lcl", 100 * low, unit="%", method=method)
    out.add(where, "ucl", 100 * high, unit="%", method=method)


def needs(params: Params) -> Needs:
    """Best responses, and the subgroups."""
    return best_response_needs(params, population_of(params)) + subgroup_needs(params)


RESPONSE_SUBGROUPS = Analysis(NAME, answer, "METHODS §3", ("bor",), needs=needs)
