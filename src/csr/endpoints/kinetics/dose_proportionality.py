"""Exposure by dose: the power model of the first infusion's Cmax and AUC (METHODS §6)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from csr.derive.sources import number
from csr.endpoints.kinetics.kinetics_summary import (
    KEY,
    POPULATION,
    found_parameters,
    key_of,
    parameter_needs,
    rules_of,
    unasked,
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
from csr.stats.regression import straight_line

NAME = "dose-proportionality"
EXPOSURES = ("CMAX", "AUC28")
# The range of the ratio of dose-normalised means that is called proportional (Smith 2000).
RATIOS = (0.8, 1.25)
ONE_DOSE = "all have one dose"
METHOD = "ln(parameter) = a + b·ln(dose), least squares"
LEVEL = 0.9


def dosed(adam: Adam, params: Params) -> pd.DataFrame:
    """Cmax and AUC of days 0 to 28 of the first infusion with DOSE, cells given; both above 0."""
    own = found_parameters(adam, params)
    own = own[(own["AINFN"] == 1) & own["PARAMCD"].isin(EXPOSURES)]
    column = str(rules_of(params).dose)
    adsl = adam["adsl"].drop_duplicates("USUBJID").set_index("USUBJID")
    own = own.assign(DOSE=own["USUBJID"].map(number(adsl, column)))
    own = own[(own["value"] > 0) & (own["DOSE"] > 0)]
    return own.sort_values(["PARAMN", "USUBJID"], kind="stable").reset_index(drop=True)


def answer(adam: Adam, params: Params) -> Output:
    """The exponent b of each parameter with its 90% interval, all groups together.

    1 is proportional. Concluded (`proportional` 1) where the interval lies within 1 + ln 0.8/ln r
    to 1 + ln 1.25/ln r, r the highest over the lowest dose. Source: METHODS §6; Smith et al., Pharm
    Res 2000;17:1278.
    """
    own = dosed(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    said = own.assign(DOSE=own["DOSE"].map(repr))
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(said, "ADPP", ["TRTA", "PARAMCD", "DOSE", "value"], key_of(own, KEY)),
    )
    out = ResultList(NAME, POPULATION)
    for code in EXPOSURES:
        here = own[own["PARAMCD"] == code]
        out.add((("PARAMCD", code),), "n", len(here), method="values above 0 with a dose")
        _add_model(out, (("PARAMCD", code),), here)
    return Output(rows, out.frame())


def _add_model(out: ResultList, where: Groups, own: pd.DataFrame) -> None:
    fit = straight_line(np.log(own["DOSE"]), np.log(own["value"]), LEVEL)
    values = {"slope": fit.slope, "slope_lcl": fit.low, "slope_ucl": fit.high}
    for stat, value in (values | {"intercept": fit.intercept}).items():
        out.add(where, stat, value, method=METHOD, reason=fit.reason)
    ratio = own["DOSE"].max() / own["DOSE"].min() if len(own) else float("nan")
    apart = ratio > 1
    why = "" if apart else ONE_DOSE
    out.add(where, "dose_ratio", ratio, method="highest over lowest dose", reason=why)
    limits = [1 + math.log(r) / math.log(ratio) if apart else float("nan") for r in RATIOS]
    for stat, limit in zip(("limit_low", "limit_high"), limits, strict=True):
        out.add(where, stat, limit, method="1 + ln(0.8 or 1.25)/ln(dose ratio)", reason=why)
    within = bool(limits[0] <= fit.low and fit.high <= limits[1])
    known = apart and not fit.reason
    out.add(where, "proportional", float(within) if known else None, reason=fit.reason or why)


def unasked_dose(params: Params) -> str:
    """Needs kinetics and the column of the dose."""
    if why := unasked(params):
        return why
    return "" if rules_of(params).dose else "params declare no kinetics.dose"


def needs(params: Params) -> Needs:
    """Parameters, and the dose that params name."""
    return parameter_needs(params) + reads("adsl", str(rules_of(params).dose))


DOSE_PROPORTIONALITY = Analysis(NAME, answer, "METHODS §6", unasked=unasked_dose, needs=needs)
