"""Who is analysed: the subjects of an analysis set with the group they are shown in."""

from __future__ import annotations

import pandas as pd

from csr.errors import DataError
from csr.params import Params
from csr.results import Adam

EVERYONE = "ALL"


def subjects_in(
    adam: Adam, params: Params, population: str, *, planned: bool = False
) -> pd.DataFrame:
    """The ADSL records of an analysis set, with the group as column TRTA.

    One row per subject. TRTA is the actual treatment (`planned`: the planned one, for sets that
    hold subjects who were never treated); a subject whose group is not a column of the tables
    counts in the total only.

    Raises DataError where ADSL lacks the flag or the treatment variable.
    """
    adsl = adam["adsl"]
    flag = params.population(population).flag
    column = params.treatment.planned if planned else params.treatment.actual
    for needed in {flag, column} - {EVERYONE}:
        if needed not in adsl:
            raise DataError(
                f"ADSL: column {needed} is missing; the analysis set '{population}' needs it. "
                "Map it under data.datasets.adsl.columns in params."
            )
    chosen = adsl if flag == EVERYONE else adsl[adsl[flag] == "Y"]
    return chosen.assign(TRTA=chosen[column]).reset_index(drop=True)


def with_group(records: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """The records of the given subjects only, with their group as TRTA."""
    own = records.drop(columns="TRTA", errors="ignore")
    return own.merge(subjects[["USUBJID", "TRTA"]], on="USUBJID", how="inner")
