"""Completeness of the yearly contacts of long-term follow-up (METHODS §4)."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import (
    UNTRACED,
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)

NAME, POPULATION = "contact-completeness", "long-term"
DUE = ("KEPT", "LATE", "MISSED", "OVERDUE")
TESTS = ("PERSIST", "RCL")
STATUSES = (*DUE, "NOT DUE", "ENDED")


def unasked(params: Params) -> str:
    """Needs long-term follow-up and its set."""
    if params.long_term is None:
        return "params declare no long_term"
    return "" if POPULATION in params.populations else "params declare no populations.long-term"


def contacts_of(records: pd.DataFrame) -> pd.DataFrame:
    """The yearly contacts of ADLTF: whatever is no test against a schedule."""
    return records[~records["PARAMCD"].isin(TESTS)]


def answer(adam: Adam, params: Params) -> Output:
    """By year: contacts due, and how many of each status; percent of those due."""
    subjects = subjects_in(adam, params, POPULATION)
    own = contacts_of(with_group(adam["adltf"], subjects))
    own = own.assign(YEAR=own["AVISITN"].map("{:g}".format), STATUS=own["AVALC"])
    due = own[own["STATUS"].isin(DUE)]
    rows = make_rows(
        population_rows(due, ["YEAR"]), counted_rows(own, "ADLTF", ["YEAR", "STATUS"], "ASEQ")
    )
    out = ResultList(NAME, POPULATION)
    for year in sorted(own["YEAR"].unique(), key=float):
        total = int((due["YEAR"] == year).sum())
        here = own[own["YEAR"] == year]
        out.add((("YEAR", year), ("STATUS", None)), "N", total, method="contacts due")
        for status in STATUSES:
            n = int((here["STATUS"] == status).sum())
            where = (("YEAR", year), ("STATUS", status))
            out.add(where, "n", n, method="subjects")
            if status in DUE:
                share = 100 * n / total if total else None
                why = "" if total else "no contact was due"
                out.add(where, "pct", share, unit="%", method="100·n/due", reason=why)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The contacts of the subjects in long-term follow-up, each with its year and status."""
    own = reads("adltf", "USUBJID", "PARAMCD", "AVISITN", "AVALC", ASEQ=UNTRACED)
    return subject_needs(params, POPULATION) + own


CONTACTS = Analysis(NAME, answer, "METHODS §4", unasked=unasked, needs=needs)
