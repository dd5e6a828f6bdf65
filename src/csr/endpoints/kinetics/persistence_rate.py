"""Persistence of the transgene at a day: of those tested near it, who still have it.

METHODS §10.15. The one answer to persistence at 26 weeks: the usable sample nearest to day 182 (the
later of two as near) within ± 28 days, of the first infusion and before any further one. Who was
infused again before such a sample is told apart.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.kinetics.kinetics_course import individual_needs, individual_samples
from csr.endpoints.kinetics.kinetics_summary import POPULATION, key_of, rules_of, unasked
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

NAME = "persistence-at-day"
STATE, RESULT = "STATE", "RESULT"
FIRST, AGAIN = "Not infused again before", "Infused again before"
EVERYONE = "Kinetics set"
FOUND, BELOW = "Quantifiable", "BLQ"
NOBODY = "nobody was tested in the window"


def samples_at(adam: Adam, params: Params) -> pd.DataFrame:
    """The sample of each subject tested in the window: STATE and RESULT, one row per subject."""
    rules = rules_of(params)
    own = individual_samples(adam, params)
    away = (own["DAY"] - rules.persistence_day).abs()
    own = own.assign(away=away, RESULT=np.where(own["BLQFL"] == "Y", BELOW, FOUND))
    own = own[(own["away"] <= rules.persistence_window) & (own["DAY"] > 0)]
    before = (own["AINFN"] == 1) & (own["PREDOSFL"] != "Y")
    before |= (own["AINFN"] == 2) & (own["PREDOSFL"] == "Y")
    own = own.assign(STATE=np.where(before, FIRST, AGAIN), later=~before)
    order = ["USUBJID", "later", "away", "DAY"]
    own = own.sort_values(order, ascending=[True, True, True, False], kind="stable")
    return own.drop_duplicates("USUBJID").reset_index(drop=True)


def answer(adam: Adam, params: Params) -> Output:
    """Quantifiable of those tested, with the exact interval; apart, those infused again before.

    N under STATE EVERYONE is the whole set; under another, those tested. Nothing without ADPC.
    """
    subjects = subjects_in(adam, params, POPULATION)
    if "adpc" not in adam:
        return Output(make_rows(population_rows(subjects, ["TRTA"])), ResultList(NAME, "").frame())
    own = samples_at(adam, params)
    rows = make_rows(
        population_rows(subjects.assign(**{STATE: EVERYONE}), ["TRTA", STATE]),
        population_rows(own, ["TRTA", STATE]),
        counted_rows(own, "ADPC", ["TRTA", STATE, RESULT], key_of(own, "ASEQ")),
    )
    out = ResultList(NAME, POPULATION)
    for level in (*params.treatment.values, None):
        size = len(subjects if level is None else subjects[subjects["TRTA"] == level])
        everyone: Groups = (("TRTA", level), (STATE, EVERYONE), (RESULT, None))
        out.add(everyone, "N", size, method="subjects in the population")
        for state in (FIRST, AGAIN):
            here = own[own[STATE] == state]
            here = here if level is None else here[here["TRTA"] == level]
            where: Groups = (("TRTA", level), (STATE, state), (RESULT, FOUND))
            _add(out, where, here, params.conventions.conf_level)
    return Output(rows, out.frame())


def _add(out: ResultList, where: Groups, own: pd.DataFrame, conf_level: float) -> None:
    found, tested = int((own[RESULT] == FOUND).sum()), len(own)
    why = "" if tested else NOBODY
    out.add(where, "n", found, method="subjects with a quantifiable sample")
    out.add(where, "N", tested, method="subjects tested in the window")
    share = 100 * found / tested if tested else None
    out.add(where, "pct", share, unit="%", method="100·n/N", reason=why)
    limits = proportion_interval(found, tested, conf_level, "clopper-pearson")
    for stat, limit in zip(("lcl", "ucl"), limits, strict=True):
        value = 100 * limit if tested else None
        out.add(where, stat, value, unit="%", method="Clopper-Pearson", reason=why)


def needs(params: Params) -> Needs:
    """The samples with their days, and which of them were before a further infusion."""
    own = individual_needs(params) + reads("adpc", "PREDOSFL")
    without = {"adpc": "the share with the transgene at the day is left out"}
    return Needs(own.needed, own.optional, without, own.either)


PERSISTENCE_AT = Analysis(NAME, answer, "METHODS §10.15", unasked=unasked, needs=needs)
