"""Who is analysed: the subjects of an analysis set with the group they are shown in."""

from __future__ import annotations

import pandas as pd

from csr.errors import DataError
from csr.params import Params
from csr.results import Adam, Needs, reads

EVERYONE = "ALL"


def subject_needs(params: Params, *populations: str) -> Needs:
    """What `subjects_in` reads for these analysis sets; further columns of ADSL are joined to it.

    Raises ParamsError where params do not declare one of them.
    """
    flags = {params.population(name).flag for name in (*populations, "safety")} - {EVERYONE}
    return reads("adsl", "USUBJID", params.treatment.actual, params.treatment.planned, *flags)


def subjects_in(adam: Adam, params: Params, population: str) -> pd.DataFrame:
    """The ADSL records of an analysis set, with the group as column TRTA.

    One row per subject. TRTA is the treatment received; for a subject who was never treated, the
    one planned. A subject whose group is not a column of the tables counts in the total only.

    Raises DataError where ADSL lacks the flag or a treatment variable.
    """
    adsl = adam["adsl"]
    flag, safety = (params.population(name).flag for name in (population, "safety"))
    actual, planned = params.treatment.actual, params.treatment.planned
    for needed in {flag, safety, actual, planned} - {EVERYONE}:
        if needed not in adsl:
            raise DataError(
                f"ADSL: column {needed} is missing; the analysis set '{population}' needs it. "
                "Map it under data.datasets.adsl.columns in params."
            )
    chosen = adsl if flag == EVERYONE else adsl[adsl[flag] == "Y"]
    treated = (chosen[safety] == "Y") if safety != EVERYONE else chosen["USUBJID"].notna()
    return chosen.assign(TRTA=chosen[actual].where(treated, chosen[planned])).reset_index(drop=True)


def with_group(records: pd.DataFrame, subjects: pd.DataFrame) -> pd.DataFrame:
    """The records of the given subjects only, with their group as TRTA."""
    own = records.drop(columns="TRTA", errors="ignore")
    return own.merge(subjects[["USUBJID", "TRTA"]], on="USUBJID", how="inner")
