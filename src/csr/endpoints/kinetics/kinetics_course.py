"""The course of the copies: of each subject, and by best overall response (METHODS §6)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.sources import number
from csr.endpoints.efficacy.response import best_response_needs, best_responses
from csr.endpoints.kinetics.kinetics_summary import (
    NONE_ABOVE,
    POPULATION,
    key_of,
    rules_of,
    sample_needs,
    unasked,
    used_samples,
    visit_needs,
    visit_samples,
)
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
from csr.stats.summary import describe_geometric, quantile

INDIVIDUAL, BY_RESPONSE = "kinetics-individual", "kinetics-by-response"
FOUND, BELOW = "Quantifiable", "BLQ"
NO_RESPONSE = "NE"
ORDER = ("CR or PR", "SD", "PD", NO_RESPONSE)
RESPONSES = {"CR": ORDER[0], "PR": ORDER[0], "SD": "SD", "NON-CR/NON-PD": "SD", "PD": "PD"}
KEY = "ASEQ"


def individual_samples(adam: Adam, params: Params) -> pd.DataFrame:
    """The samples in the analysis with DAY, days since the first infusion, and STATE.

    Samples of a further infusion are placed by AFRLT, else their date (ADT − TRTSDT); one that
    can't be placed is left out. START: days from the first to the sample's own infusion.
    """
    own = used_samples(adam, params)
    day = own["ARELTM"].where(own["AINFN"] == 1, _since_first(own, adam["adsl"]))
    state = np.where(own["BLQFL"] == "Y", BELOW, FOUND)
    own = own.assign(DAY=day.astype(float), STATE=state)
    own = own[own["DAY"].notna()].sort_values(["USUBJID", "DAY"], kind="stable")
    return own.assign(START=(own["DAY"] - own["ARELTM"]).where(own["AINFN"] > 1, 0.0))


def _since_first(samples: pd.DataFrame, adsl: pd.DataFrame) -> pd.Series:
    """Days since the first infusion; NaN where the data do not tell."""
    if "AFRLT" in samples:
        return number(samples, "AFRLT")
    if "ADT" not in samples or "TRTSDT" not in adsl:
        return pd.Series(np.nan, index=samples.index)
    first = adsl.drop_duplicates("USUBJID").set_index("USUBJID")["TRTSDT"]
    return (samples["ADT"] - samples["USUBJID"].map(first)).dt.days.astype(float)


def answer_individual(adam: Adam, params: Params) -> Output:
    """How many samples each subject has, quantifiable and below the LLOQ, and the highest."""
    own = individual_samples(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    columns = ["TRTA", "USUBJID", "STATE"]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADPC", ["TRTA", "STATE", "value"], key_of(own, KEY)),
    )
    out = ResultList(INDIVIDUAL, POPULATION)
    for levels, here in own.groupby(columns, sort=False):
        where: Groups = tuple(zip(columns, map(str, levels), strict=True))
        out.add(where, "events", len(here), method="samples")
        out.add(where, "max", here["value"].max(), unit=rules_of(params).units)
    return Output(rows, out.frame())


def response_samples(adam: Adam, params: Params) -> pd.DataFrame:
    """The samples of planned visits of the first infusion with RESPONSE, the best overall one."""
    own = visit_samples(adam, params)
    best = best_responses(adam, params, subjects_in(adam, params, POPULATION))
    named = best.set_index("USUBJID")["BOR"].map(RESPONSES).fillna(NO_RESPONSE)
    own = own[own["AINFN"] == 1]
    return own.assign(RESPONSE=own["USUBJID"].map(named).fillna(NO_RESPONSE))


def answer_by_response(adam: Adam, params: Params) -> Output:
    """Geometric mean (values above 0) and median (BLQ as 0) at each visit, by best response."""
    own = response_samples(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    columns = ["RESPONSE", "AVISIT"]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADPC", [*columns, "value"], key_of(own, KEY)),
    )
    out = ResultList(BY_RESPONSE, POPULATION)
    unit = rules_of(params).units
    for levels, here in own.groupby(columns, sort=False):
        where: Groups = tuple(zip(columns, map(str, levels), strict=True))
        values = here["value"].to_numpy()
        centre = describe_geometric(values, params.conventions.conf_level)
        out.add(where, "n", here["USUBJID"].nunique(), method="subjects with a value")
        out.add(where, "n_pos", centre.n, method="values above 0")
        why = NONE_ABOVE if np.isnan(centre.mean) else ""
        out.add(where, "geomean", centre.mean, unit=unit, method="values above 0", reason=why)
        out.add(where, "median", quantile(values, 0.5, params.conventions.quantile_type), unit=unit)
    return Output(rows, out.frame())


def unasked_by_response(params: Params) -> str:
    """Needs kinetics and a best overall response."""
    if why := unasked(params):
        return why
    return "" if params.endpoints.bor else "params declare no endpoints.bor"


def individual_needs(params: Params) -> Needs:
    """What `individual_samples` reads."""
    dates = "samples of a further infusion are left out where AFRLT does not place them"
    own = reads("adpc", "ARELTM", AFRLT="", ADT=dates)
    return sample_needs(params) + own + reads("adsl", "USUBJID", TRTSDT=dates)


def response_needs(params: Params) -> Needs:
    """What `response_samples` reads."""
    return visit_needs(params) + best_response_needs(params, POPULATION)


SOURCE = "METHODS §6"
KINETICS_INDIVIDUAL = Analysis(
    INDIVIDUAL,
    answer_individual,
    SOURCE,
    unasked=unasked,
    needs=individual_needs,
)
KINETICS_BY_RESPONSE = Analysis(
    BY_RESPONSE,
    answer_by_response,
    SOURCE,
    unasked=unasked_by_response,
    needs=response_needs,
)
