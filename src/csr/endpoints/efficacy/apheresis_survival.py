"""Survival from apheresis, of everyone who was apheresed: treated or not (METHODS §4)."""

from __future__ import annotations

from csr.endpoints.efficacy.time_to_event import TIMES, summarise
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.params.time_to_event import OS, OS_FROM_APHERESIS, PFS, PFS_FROM_APHERESIS
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

NAME, POPULATION = "apheresis-survival", "apheresed"
ENDPOINTS = {
    OS_FROM_APHERESIS.paramcd: OS.label,
    PFS_FROM_APHERESIS.paramcd: PFS.label,
}


def unasked(params: Params) -> str:
    """Needs the apheresed set."""
    return "" if POPULATION in params.populations else "params declare no populations.apheresed"


def answer(adam: Adam, params: Params) -> Output:
    """Kaplan-Meier of OS and PFS from apheresis, pooled over the groups, in months."""
    subjects = subjects_in(adam, params, POPULATION)
    own = with_group(adam["adtte"], subjects)
    own = own[own["PARAMCD"].isin(ENDPOINTS)]
    own = own.assign(
        ENDPOINT=own["PARAMCD"].map(ENDPOINTS),
        value=own["AVAL"] / params.conventions.days_per_month,
        event=(own["CNSR"] < 0.5).astype(float),
    )
    key = "ASEQ" if "ASEQ" in own else ""
    rows = make_rows(
        population_rows(subjects, []),
        counted_rows(own, "ADTTE", ["ENDPOINT", "value", "event"], key),
    )
    out = ResultList(NAME, POPULATION)
    for endpoint in ENDPOINTS.values():
        group = own[own["ENDPOINT"] == endpoint]
        where: Groups = (("ENDPOINT", endpoint),)
        out.add(where, "N", len(subjects), method="subjects in the population")
        summarise(out, where, group["value"].to_numpy(), group["event"].to_numpy(), params)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The records of everyone apheresed."""
    return subject_needs(params, POPULATION) + TIMES


APHERESIS_SURVIVAL = Analysis(NAME, answer, "METHODS §4", (), unasked, needs=needs)
