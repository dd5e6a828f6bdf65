"""How long from the first dose to the response, in those who had a confirmed one."""

from __future__ import annotations

from csr.endpoints.efficacy.time_to_event import NOBODY, record_needs, records_of
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.params.time_to_event import TTR
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
from csr.stats.summary import describe

STATS = ("mean", "sd", "median", "q1", "q3", "min", "max")


def answer(adam: Adam, params: Params) -> Output:
    """Number of confirmed responders, and the distribution of their times in months.

    Everyone analysed had the response, so times are described, not estimated (METHODS §4).
    """
    own = records_of(adam, params, TTR)
    subjects = subjects_in(adam, params, "safety")
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADTTE", ["TRTA", "value"], "ASEQ" if "ASEQ" in own else ""),
    )
    out = ResultList(TTR.name, "safety")
    for level in (*params.treatment.values, None):
        group = own if level is None else own[own["TRTA"] == level]
        size = subjects if level is None else subjects[subjects["TRTA"] == level]
        where: Groups = (("TRTA", level),)
        out.add(where, "N", len(size), method="subjects in the population")
        out.add(where, "n", len(group), method="subjects with a confirmed response")
        found = describe(group["value"], params.conventions.quantile_type)
        for stat in STATS:
            value = getattr(found, stat)
            why = NOBODY if not len(group) else "one subject" if value != value else ""
            out.add(where, stat, value, unit="months", reason=why)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The records of responders."""
    return record_needs(params, TTR)


TTR_ANALYSIS = Analysis(TTR.name, answer, "METHODS §4", (TTR.name,), needs=needs)
