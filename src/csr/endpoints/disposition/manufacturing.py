"""How the cells were made: outcome, the times from apheresis to infusion, and the quality."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.disposition.exposure import answer_measures
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import Adam, Analysis, Output

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
    counts = [outcomes.assign(PART="", MEASURE=outcomes["AVALC"])]
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


MANUFACTURING_TIMES = Analysis(
    NAME, ("adsl", "admfg"), answer, source="METHODS §7", unasked=unasked
)
