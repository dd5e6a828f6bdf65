"""Tests of long-term follow-up against their schedules, and what they found (METHODS §4)."""

from __future__ import annotations

from functools import partial

import pandas as pd

from csr.endpoints.long_term.contacts import DUE
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import (
    UNTRACED,
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

POPULATION = "safety"
PERSISTENCE_NAME, RCL_NAME = "persistence-testing", "rcl-testing"
CODES = {PERSISTENCE_NAME: "PERSIST", RCL_NAME: "RCL"}
NOT_DUE = ("NOT DUE", "ENDED", "NOT NEEDED")
STATUSES = (*DUE, *NOT_DUE)
TESTED = ("KEPT", "LATE")
NO_RESULT = "No result"
ITEMS = ("MONTH", "STATUS", "RESULT")


def answer(adam: Adam, params: Params, name: str) -> Output:
    """By month: tests due, each status (percent of those due), and the results of the tests made.

    Treated subjects; a month pooled over is any month. Source: METHODS §4; FDA long-term follow-up
    guidance 2020.
    """
    own = with_group(adam["adltf"], subjects_in(adam, params, POPULATION))
    own = own[own["PARAMCD"] == CODES[name]]
    said = pd.Series("", index=own.index)
    if "LTRESC" in own:
        said = own["LTRESC"].replace("", NO_RESULT).where(own["AVALC"].isin(TESTED), "")
    own = own.assign(MONTH=own["AVISITN"].map("{:g}".format), STATUS=own["AVALC"], RESULT=said)
    due = own[own["STATUS"].isin(DUE)]
    key = "ASEQ" if "ASEQ" in own else ""
    rows = make_rows(population_rows(due, ["MONTH"]), counted_rows(own, "ADLTF", ITEMS, key))
    out = ResultList(name, POPULATION)
    results = sorted(r for r in own["RESULT"].unique() if r)
    for month in sorted(own["MONTH"].unique(), key=float):
        here = own[own["MONTH"] == month]
        total = int((due["MONTH"] == month).sum())
        where: Groups = (("MONTH", month), ("STATUS", None), ("RESULT", None))
        out.add(where, "N", total, method="tests due")
        for status in STATUSES:
            n = int((here["STATUS"] == status).sum())
            where = (("MONTH", month), ("STATUS", status), ("RESULT", None))
            out.add(where, "n", n, method="subjects")
            if status in DUE:
                share, why = (100 * n / total, "") if total else (None, "no test was due")
                out.add(where, "pct", share, unit="%", method="100·n/due", reason=why)
        _add_results(out, here["RESULT"].tolist(), month, results)
    for result in results:
        n = own.loc[own["RESULT"] == result, "USUBJID"].nunique()
        where = (("MONTH", None), ("STATUS", None), ("RESULT", result))
        out.add(where, "n", n, method="subjects, any month")
    return Output(rows, out.frame())


def _add_results(out: ResultList, seen: list[str], month: str, results: list[str]) -> None:
    for result in results:
        where: Groups = (("MONTH", month), ("STATUS", None), ("RESULT", result))
        out.add(where, "n", seen.count(result), method="subjects tested")


def unasked(params: Params, name: str) -> str:
    """Needs the schedule of the test; that of the transgene also kinetics."""
    if params.long_term is None:
        return "params declare no long_term"
    if name == RCL_NAME:
        return "" if params.long_term.rcl else "params declare no long_term.rcl"
    if params.long_term.persistence is None:
        return "params declare no long_term.persistence"
    return "" if params.kinetics else "params declare no kinetics"


def needs(params: Params) -> Needs:
    """The tests that were due to the treated subjects, each with its month and status."""
    found = "what the tests found is left out"
    columns = ("USUBJID", "PARAMCD", "AVISITN", "AVALC")
    own = reads("adltf", *columns, LTRESC=found, ASEQ=UNTRACED)
    return subject_needs(params, POPULATION) + own


PERSISTENCE_TESTING, RCL_TESTING = (
    Analysis(
        name,
        partial(answer, name=name),
        "METHODS §4",
        (),
        partial(unasked, name=name),
        needs=needs,
    )
    for name in CODES
)
