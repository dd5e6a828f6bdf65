"""How long the subjects were followed up, by the reverse Kaplan-Meier method."""

from __future__ import annotations

from csr.endpoints.efficacy.time_to_event import NOBODY, add_quantiles, records_of
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.params.time_to_event import OS
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
from csr.stats.survival import kaplan_meier

NAME = "follow-up"


def answer(adam: Adam, params: Params) -> Output:
    """Median follow-up and quartiles: overall survival with event and censoring exchanged.

    A row's `event` is 1 where the subject was still followed (alive when last seen) and 0 where
    death ended the follow-up. Source: Schemper and Smith 1996; METHODS §4.
    """
    own = records_of(adam, params, OS)
    own = own.assign(event=1 - own["event"])
    subjects = subjects_in(adam, params, "safety")
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADTTE", ["TRTA", "value", "event"], "ASEQ" if "ASEQ" in own else ""),
    )
    out = ResultList(NAME, "safety")
    for level in (*params.treatment.values, None):
        group = own if level is None else own[own["TRTA"] == level]
        size = subjects if level is None else subjects[subjects["TRTA"] == level]
        where: Groups = (("TRTA", level),)
        out.add(where, "N", len(size), method="subjects in the population")
        out.add(where, "n", len(group), method="subjects with a record")
        out.add(where, "events", group["event"].sum(), method="alive when last seen")
        out.add(where, "censored", (1 - group["event"]).sum(), method="died")
        add_quantiles(out, where, kaplan_meier(group["value"], group["event"]), params)
        for stat, value in (("time_min", group["value"].min()), ("time_max", group["value"].max())):
            out.add(where, stat, value, unit="months", reason="" if len(group) else NOBODY)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The records of overall survival."""
    records = reads("adtte", "USUBJID", "PARAMCD", "AVAL", "CNSR", ASEQ=UNTRACED)
    return subject_needs(params, "safety") + records


FOLLOW_UP = Analysis(NAME, answer, "METHODS §4", (OS.name,), needs=needs)
