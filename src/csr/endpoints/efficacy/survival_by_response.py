"""Survival of responders and non-responders from a landmark (METHODS §4)."""

from __future__ import annotations

import pandas as pd

from csr.derive.sources import seen_by
from csr.endpoints.efficacy.response import best_response_needs, best_responses
from csr.endpoints.efficacy.time_to_event import record_needs, records_of, summarise
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.params.time_to_event import OS
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

NAME = "survival-by-response"
RESPONDER, OTHER = "Responder", "Non-responder"


def landmark_records(adam: Adam, params: Params) -> pd.DataFrame:
    """One row per safety subject alive and followed at the landmark: RESPONSE, and OS from there.

    A responder has a best response of CR or PR that was known at the landmark: confirmed (CONFDT),
    or where the data do not say when, first seen (ADT), on or before it. `value` in months.
    """
    subjects = subjects_in(adam, params, "safety")
    days = params.conventions.response_landmark_days
    own = records_of(adam, params, OS)
    months = days / params.conventions.days_per_month
    own = own.assign(value=own["value"] - months)
    own = own[own["value"] > 0]
    best = best_responses(adam, params, subjects)
    best = _dated(adam["adrs"], best[best["BOR"].isin(["CR", "PR"])], params)
    when = best["when"]
    start = best["USUBJID"].map(subjects.set_index("USUBJID")["TRTSDT"])
    known = best[(when - start).dt.days <= days]["USUBJID"]
    response = own["USUBJID"].isin(set(known)).map({True: RESPONDER, False: OTHER})
    return own.assign(RESPONSE=response)


def _dated(adrs: pd.DataFrame, best: pd.DataFrame, params: Params) -> pd.DataFrame:
    """The responders with `when` the response was known."""
    endpoint = params.endpoints.bor
    own = adrs[adrs["PARAMCD"] == endpoint.paramcd] if endpoint else adrs.iloc[:0]
    if endpoint:
        own = own[seen_by(own, endpoint.evaluator)]
    known = own["ADT"]
    if "CONFDT" in own:
        known = own["CONFDT"].where(own["CONFDT"].notna(), known)
    dates = own.assign(when=known).drop_duplicates("USUBJID").set_index("USUBJID")["when"]
    return best.assign(when=pd.to_datetime(best["USUBJID"].map(dates)))


def answer(adam: Adam, params: Params) -> Output:
    """Kaplan-Meier of overall survival from the landmark, by response known at it."""
    own = landmark_records(adam, params)
    sizes = subjects_in(adam, params, "safety")
    people = sizes[sizes["USUBJID"].isin(own["USUBJID"])]
    people = people.merge(own[["USUBJID", "RESPONSE"]], on="USUBJID")
    rows = make_rows(
        population_rows(people, ["RESPONSE"]),
        counted_rows(own, "ADTTE", ["RESPONSE", "value", "event"], "ASEQ" if "ASEQ" in own else ""),
    )
    out = ResultList(NAME, "safety")
    for level in (RESPONDER, OTHER):
        group = own[own["RESPONSE"] == level]
        where: Groups = (("RESPONSE", level),)
        out.add(where, "N", len(group), method="alive and followed at the landmark")
        summarise(out, where, group["value"].to_numpy(), group["event"].to_numpy(), params)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """Times of survival, best responses, and when these were known."""
    known = reads("adsl", "USUBJID", "TRTSDT") + reads(
        "adrs",
        "ADT",
        CONFDT="a response is known from the day it was first seen, not from its confirmation",
    )
    return record_needs(params, OS) + best_response_needs(params, "safety") + known


SURVIVAL_BY_RESPONSE = Analysis(
    NAME,
    answer,
    "METHODS §4",
    ("os", "bor"),
    lambda params: (
        ""
        if params.endpoints.of(OS.name) and params.endpoints.bor
        else "params declare not both endpoints.os and endpoints.bor"
    ),
    needs=needs,
)
