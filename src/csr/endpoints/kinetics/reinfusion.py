"""Further infusions against the first: ratios of Cmax and AUC within subjects (METHODS §6)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.kinetics.kinetics_summary import (
    KEY,
    POPULATION,
    found_parameters,
    key_of,
    parameter_needs,
    unasked,
)
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
)
from csr.stats.summary import describe_geometric, quantile

NAME = "reinfusion-ratio"
EXPOSURES = ("CMAX", "AUC28")
NONE, ONE = "no subject has both above 0", "fewer than two subjects have both above 0"
METHOD = "ratio to the first infusion, both above 0"


def ratios(adam: Adam, params: Params) -> pd.DataFrame:
    """One row per subject, parameter and further infusion: `value`, its ratio to the first.

    NaN where either is missing or 0 (all below the LLOQ).
    """
    own = found_parameters(adam, params)
    own = own[own["PARAMCD"].isin(EXPOSURES)]
    first = own[own["AINFN"] == 1][["USUBJID", "PARAMCD", "value"]]
    later = own[own["AINFN"] > 1].drop(columns="value").assign(again=own["value"])
    both = later.merge(first, on=["USUBJID", "PARAMCD"], how="inner")
    usable = (both["again"] > 0) & (both["value"] > 0)
    both = both.assign(value=(both["again"] / both["value"]).where(usable))
    return both.sort_values(["AINFN", "PARAMN", "USUBJID"], kind="stable").reset_index(drop=True)


def answer(adam: Adam, params: Params) -> Output:
    """Subjects infused again, and the geometric mean, interval and range of their ratios."""
    own = ratios(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    columns = ["INFUSION", "PARAMCD"]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADPP", ["TRTA", *columns, "value"], key_of(own, KEY)),
    )
    out = ResultList(NAME, POPULATION)
    for (infusion, code), both in own.groupby(columns, sort=False):
        for level in (*params.treatment.values, None):
            here = both if level is None else both[both["TRTA"] == level]
            where: Groups = (("TRTA", level), ("INFUSION", infusion), ("PARAMCD", code))
            _describe(out, where, here, params)
    return Output(rows, out.frame())


def _describe(out: ResultList, where: Groups, own: pd.DataFrame, params: Params) -> None:
    values = own["value"].dropna().to_numpy()
    out.add(where, "n", own["USUBJID"].nunique(), method="subjects infused again")
    out.add(where, "n_pos", values.size, method=METHOD)
    found = describe_geometric(values, params.conventions.conf_level)
    limits = {"geomean_lcl": found.low, "geomean_ucl": found.high}
    for stat, value in ({"geomean": found.mean} | limits).items():
        why = (ONE if values.size else NONE) if np.isnan(value) else ""
        out.add(where, stat, value, method=METHOD, reason=why)
    middle = quantile(values, 0.5, params.conventions.quantile_type)
    least, most = (values.min(), values.max()) if values.size else (None, None)
    for stat, number in {"median": middle, "min": least, "max": most}.items():
        out.add(where, stat, number, method=METHOD, reason="" if values.size else NONE)


REINFUSION = Analysis(NAME, answer, "METHODS §6", unasked=unasked, needs=parameter_needs)
