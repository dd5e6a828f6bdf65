"""Loss of the transgene with death competing, by Aalen-Johansen (METHODS §6)."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.incidence_comparison import add_gray_tests
from csr.endpoints.kinetics.kinetics_summary import (
    KEY,
    POPULATION,
    key_of,
    parameter_needs,
    unasked,
)
from csr.endpoints.kinetics.persistence import records_of
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
from csr.stats.incidence import cumulative_incidence

NAME = "persistence-competing-risk"
LOSS, DEATH = 1, 2
METHOD = "Aalen-Johansen"


def competing_records(adam: Adam, params: Params) -> pd.DataFrame:
    """Persistence's records with `event` 2 at a death without loss before a further infusion.

    The death is dated by DTHDT, in months since the first infusion. Whoever was infused again
    before is censored at the last sample of the first profile, as are those alive.
    """
    own = records_of(adam, params)
    subjects = subjects_in(adam, params, POPULATION).set_index("USUBJID")
    died = own["USUBJID"].map(subjects["DTHDT"])
    days = (died - own["USUBJID"].map(subjects["TRTSDT"])).dt.days
    months = days / params.conventions.days_per_month
    again = own["USUBJID"].map(subjects["NINF"]) > 1
    dead = (own["event"] == 0) & months.notna() & (months >= own["value"]) & ~again
    return own.assign(
        event=own["event"].mask(dead, float(DEATH)), value=own["value"].mask(dead, months)
    )


def answer(adam: Adam, params: Params) -> Output:
    """Cumulative incidence (%) of loss and of death without it, by group, at each event; `gray_p`
    of loss where params name a reference."""
    own = competing_records(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADPP", ["TRTA", "value", "event"], key_of(own, KEY)),
    )
    out = ResultList(NAME, POPULATION)
    for level in (*params.treatment.values, None):
        group = own if level is None else own[own["TRTA"] == level]
        size = subjects if level is None else subjects[subjects["TRTA"] == level]
        where: Groups = (("TRTA", level),)
        out.add(where, "N", len(size), method="subjects in the population")
        out.add(where, "losses", int((group["event"] == LOSS).sum()), method="loss")
        out.add(where, "deaths", int((group["event"] == DEATH).sum()), method="death without it")
        for stat, event in (("loss", LOSS), ("death", DEATH)):
            _add_curve(out, where, group, stat, event)
    add_gray_tests(out, own, subjects, params)
    return Output(rows, out.frame())


def _add_curve(out: ResultList, where: Groups, own: pd.DataFrame, stat: str, event: int) -> None:
    """One curve: the other event competes."""
    if own.empty:
        return
    swapped = own["event"].map({float(event): 1, float(LOSS + DEATH - event): 2}).fillna(0)
    curve = cumulative_incidence(own["value"], swapped.astype(int))
    for time, share in zip(curve.time, curve.incidence, strict=True):
        at: Groups = (*where, ("TIME", repr(float(time))))
        out.add(at, stat, 100 * float(share), unit="%", method=METHOD)


def needs(params: Params) -> Needs:
    """Losses, deaths, and who was infused again, whose death is none of the first profile."""
    return parameter_needs(params) + reads("adsl", "TRTSDT", "DTHDT", "NINF")


COMPETING = Analysis(NAME, answer, "METHODS §6", unasked=unasked, needs=needs)
