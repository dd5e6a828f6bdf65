"""How the cells were made: outcome, the times from apheresis to infusion, and the quality."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.disposition.exposure import answer_measures
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Analysis, Needs, Output, reads

NAME, POPULATION = "manufacturing-times", "apheresed"
OUTCOME = "OUTCOME"


def answer(adam: Adam, params: Params) -> Output:
    """Apheresed subjects by outcome; moments of each time and of the first infusion's quality.

    PART the parameter, MEASURE the outcome or the unit. A subject without the end of an interval
    does not count in it.
    """
    subjects = subjects_in(adam, params, POPULATION)
    made = with_group(adam["admfg"], subjects)
    outcomes = made[made["PARAMCD"] == OUTCOME]
    known = "AVALC" in made
    counts = [outcomes.assign(PART="", MEASURE=outcomes["AVALC"])] if known else []
    timed = first_values(made)
    measures = [
        own.assign(PART=name, MEASURE=own["AVALU"].str.lower())
        for name, own in timed.groupby("PARAM", sort=False)
    ]
    empty = timed.assign(PART="", MEASURE="").iloc[:0]
    return answer_measures(NAME, subjects, counts, [*measures, empty], params, POPULATION, "ADMFG")


def first_values(made: pd.DataFrame) -> pd.DataFrame:
    """The times, and the quality of the first infusion: one row per subject and parameter."""
    first = made["AINFN"].isna() | (made["AINFN"] == 1)
    return made[first & (made["PARAMCD"] != OUTCOME)]


def unasked(params: Params) -> str:
    """Times of manufacturing count the apheresed, who must be declared."""
    return "" if POPULATION in params.populations else "params declare no population 'apheresed'"


TIMES = reads("admfg", "USUBJID", "PARAMCD", "PARAM", "AVAL", "AVALU", "AINFN")


def needs(params: Params) -> Needs:
    """The times in their units, and the infusion a record is of."""
    outcomes = reads("admfg", AVALC="the outcomes of manufacturing are left out")
    return subject_needs(params, POPULATION) + TIMES + outcomes


MANUFACTURING_TIMES = Analysis(NAME, answer, source="METHODS §7", unasked=unasked, needs=needs)
