"""Cellular kinetics described: copies at each visit, the parameters, and why some are missing."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.sources import number, text
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.errors import DataError
from csr.params import Params
from csr.params.kinetics import Kinetics
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
from csr.stats.summary import describe, describe_geometric

BY_VISIT, PARAMETERS, MISSING = "kinetics-by-visit", "kinetics-parameters", "kinetics-missing"
POPULATION = "kinetics"
TOO_FEW, NONE_ABOVE = "too few values", "too few values above 0"
NO_CV = "fewer than two values, or a mean of 0"
# Times are described by their median and range; the figures of the terminal fit are not shown.
TIMES = frozenset({"TMAX", "TLST", "FBLQ", "LAMZHL"})
OF_THE_FIT = frozenset({"LAMZ", "LAMZNPT", "R2ADJ", "SPAN", "LSTSMP"})
PRE_DOSE = "Pre-dose"
NOT_STATED = "not stated"
KEY = "PPSEQ"


def unasked(params: Params) -> str:
    """Why params ask for no kinetics, "" where they do."""
    if params.kinetics is None:
        return "params declare no kinetics"
    return "" if POPULATION in params.populations else "params declare no populations.kinetics"


def rules_of(params: Params) -> Kinetics:
    """The rules of the kinetics; only called where `unasked` is ""."""
    if params.kinetics is None:
        raise ValueError("kinetics is not in params")
    return params.kinetics


def sample_needs(params: Params) -> Needs:
    """What `used_samples` reads, and by what a sample is found again."""
    own = ("USUBJID", "ANL01FL", "PCSPEC", "AINFN", "BLQFL", "AVAL")
    return subject_needs(params, POPULATION) + reads("adpc", *own, ASEQ=UNTRACED)


def used_samples(adam: Adam, params: Params) -> pd.DataFrame:
    """The samples of the main specimen in the analysis, of the kinetics set, with TRTA.

    `value` is the copies, 0 where BLQ; `INFUSION` the number of the infusion as text.
    """
    adpc = adam["adpc"]
    keep = (adpc["ANL01FL"] == "Y") & (adpc["PCSPEC"] == rules_of(params).main_specimen)
    own = with_group(adpc[keep & adpc["AINFN"].notna()], subjects_in(adam, params, POPULATION))
    blq = own["BLQFL"] == "Y"
    own = own.assign(value=own["AVAL"].mask(blq, 0.0), INFUSION=own["AINFN"].map("{:g}".format))
    return own[own["value"].notna()].reset_index(drop=True)


def parameter_needs(params: Params) -> Needs:
    """What `found_parameters` reads, and by what a parameter is found again."""
    own = reads("adpp", *("USUBJID", "PARAMCD", "AVAL", "PCSPEC", "AINFN"), PPSEQ=UNTRACED)
    looks = {"PARAMN": "parameters stand in the order of the data", "AVALU": "units are not said"}
    return subject_needs(params, POPULATION) + own + reads("adpp", "USUBJID", **looks)


# What `parameter_names` reads.
NAMED = reads("adpp", "PARAMCD", PARAM="parameters go by their PARAMCD")


def found_parameters(adam: Adam, params: Params) -> pd.DataFrame:
    """The parameters of the main specimen in the kinetics set, with TRTA, INFUSION and value.

    A blank specimen is the main one, a missing infusion the first. A missing value without a reason
    has "not stated". Raises DataError where a subject has a
    parameter of an infusion twice.
    """
    adpp = adam["adpp"]
    main = rules_of(params).main_specimen
    codes = {code: float(place) for place, code in enumerate(adpp["PARAMCD"].unique())}
    adpp = adpp.assign(
        PCSPEC=text(adpp, "PCSPEC").replace("", main),
        AINFN=number(adpp, "AINFN").fillna(1.0),
        PARAMN=number(adpp, "PARAMN").fillna(adpp["PARAMCD"].map(codes)),
        AVALU=text(adpp, "AVALU"),
        PPREASND=text(adpp, "PPREASND").replace("", NOT_STATED),
    )
    own = with_group(adpp[adpp["PCSPEC"] == main], subjects_in(adam, params, POPULATION))
    if own.duplicated(["USUBJID", "AINFN", "PARAMCD"]).any():
        raise DataError(
            "ADPP: a subject has a parameter of one specimen and infusion more than once; "
            "keep one record of each."
        )
    return own.assign(value=own["AVAL"], INFUSION=own["AINFN"].map("{:g}".format))


def key_of(records: pd.DataFrame, key: str) -> str:
    """The sequence variable, "" where the data have none."""
    return key if key in records else ""


def parameter_names(adam: Adam) -> dict[str, str]:
    """PARAMCD to the name tables print; the code where ADPP has no name."""
    adpp = adam["adpp"]
    named = text(adpp, "PARAM")
    return dict(zip(adpp["PARAMCD"], named.where(named != "", adpp["PARAMCD"]), strict=True))


def visit_samples(adam: Adam, params: Params) -> pd.DataFrame:
    """The samples of planned visits: one per subject, infusion and visit, the nearest to the plan
    (the later of two as near).

    A visit counted from another infusion is not one of the profile and is left out. In the order of
    the planned days.
    """
    own = used_samples(adam, params)
    planned = (own["AVISIT"] == PRE_DOSE) | (own["AVISITN"] == own["NRELTM"])
    own = own[planned].assign(away=lambda f: (f["ARELTM"] - f["NRELTM"]).abs())
    order = ["USUBJID", "away", "ARELTM"]
    own = own.sort_values(order, ascending=[True, True, False], kind="stable")
    own = own.drop_duplicates(["USUBJID", "AINFN", "AVISIT"])
    return own.sort_values(["AINFN", "AVISITN", "USUBJID"], kind="stable").reset_index(drop=True)


def visit_needs(params: Params) -> Needs:
    """What `visit_samples` reads."""
    return sample_needs(params) + reads("adpc", "AVISIT", "AVISITN", "ARELTM", "NRELTM")


def missing_needs(params: Params) -> Needs:
    """Parameters with the reasons of those that are missing."""
    reasons = "the reasons of missing parameters are not told"
    return parameter_needs(params) + reads("adpp", "USUBJID", PPREASND=reasons)


def answer_by_visit(adam: Adam, params: Params) -> Output:
    """Copies at each planned visit of each infusion, by group. Source: METHODS §6."""
    own = visit_samples(adam, params)
    out, rows = _begin(BY_VISIT, adam, params, own, ("ADPC", "ASEQ", "AVISIT"))
    for (infusion, visit), here in own.groupby(["INFUSION", "AVISIT"], sort=False):
        for level in (*params.treatment.values, None):
            group = here if level is None else here[here["TRTA"] == level]
            where = (("TRTA", level), ("INFUSION", infusion), ("AVISIT", visit))
            _describe(out, where, group["value"].to_numpy(), rules_of(params).units, params)
    return Output(rows, out.frame())


def answer_parameters(adam: Adam, params: Params) -> Output:
    """The kinetic parameters of each infusion, by group. Source: METHODS §6."""
    own = found_parameters(adam, params)
    own = own[own["value"].notna() & ~own["PARAMCD"].isin(OF_THE_FIT)]
    own = own.sort_values(["AINFN", "PARAMN", "USUBJID"], kind="stable").reset_index(drop=True)
    out, rows = _begin(PARAMETERS, adam, params, own, ("ADPP", KEY, "PARAMCD"))
    for (infusion, code), here in own.groupby(["INFUSION", "PARAMCD"], sort=False):
        for level in (*params.treatment.values, None):
            group = here if level is None else here[here["TRTA"] == level]
            where = (("TRTA", level), ("INFUSION", infusion), ("PARAMCD", code))
            values = group["value"].to_numpy()
            _describe(out, where, values, str(here["AVALU"].iloc[0]), params, code in TIMES)
    return Output(rows, out.frame())


def answer_missing(adam: Adam, params: Params) -> Output:
    """How many profiles have each parameter, and for what reasons the others have not."""
    own, told = found_parameters(adam, params), "PPREASND" in adam["adpp"]
    own = own[~own["PARAMCD"].isin(OF_THE_FIT)]
    own = own.assign(REASON=own["PPREASND"].where(own["AVAL"].isna(), ""), value=np.nan)
    own = own.sort_values(["AINFN", "PARAMN", "REASON"], kind="stable").reset_index(drop=True)
    subjects = subjects_in(adam, params, POPULATION)
    columns = ["TRTA", "INFUSION", "PARAMCD", "REASON"]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]), counted_rows(own, "ADPP", columns, key_of(own, KEY))
    )
    out = ResultList(MISSING, POPULATION)
    _sizes(out, subjects, params, columns[1:])
    for (infusion, code), here in own.groupby(["INFUSION", "PARAMCD"], sort=False):
        for reason in (None, *(r for r in dict.fromkeys(here["REASON"]) if told or not r)):
            chosen = here if reason is None else here[here["REASON"] == reason]
            for level in (*params.treatment.values, None):
                group = chosen if level is None else chosen[chosen["TRTA"] == level]
                levels = (level, infusion, code, reason)
                where: Groups = tuple(zip(columns, levels, strict=True))
                out.add(where, "n", group["USUBJID"].nunique(), method="distinct subjects")
    return Output(rows, out.frame())


def _begin(
    name: str, adam: Adam, params: Params, own: pd.DataFrame, source: tuple[str, str, str]
) -> tuple[ResultList, pd.DataFrame]:
    domain, key, item = source
    subjects = subjects_in(adam, params, POPULATION)
    counted = counted_rows(own, domain, ["TRTA", "INFUSION", item, "value"], key_of(own, key))
    rows = make_rows(population_rows(subjects, ["TRTA"]), counted)
    out = ResultList(name, POPULATION)
    _sizes(out, subjects, params, ["INFUSION", item])
    return out, rows


def _sizes(out: ResultList, subjects: pd.DataFrame, params: Params, items: list[str]) -> None:
    for level in (*params.treatment.values, None):
        n = len(subjects) if level is None else int((subjects["TRTA"] == level).sum())
        where: Groups = (("TRTA", level), *((item, None) for item in items))
        out.add(where, "N", n, method="subjects in the population")


def _describe(
    out: ResultList, where: Groups, values: np.ndarray, unit: str, params: Params,
    only_range: bool = False,
) -> None:  # fmt: skip
    """All moments, or (times) n, median and range only."""
    found = describe(values, params.conventions.quantile_type)
    out.add(where, "n", found.n, method="subjects with a value")
    stats = {"median": found.median, "min": found.min, "max": found.max}
    if not only_range:
        stats = {"mean": found.mean, "sd": found.sd, **stats}
    for stat, value in stats.items():
        out.add(where, stat, value, unit=unit, reason=TOO_FEW if np.isnan(value) else "")
    if only_range:
        return
    why = NO_CV if np.isnan(found.cv_pct) else ""
    out.add(where, "cv", found.cv_pct, unit="%", method="100·SD/mean", reason=why)
    centre = describe_geometric(values, params.conventions.conf_level)
    out.add(where, "n_pos", centre.n, method="values above 0")
    out.add(where, "n_zero", found.n - centre.n, method="values of 0 (below the LLOQ)")
    for stat, value, of in (("geomean", centre.mean, unit), ("geocv", centre.cv_pct, "%")):
        why = NONE_ABOVE if np.isnan(value) else ""
        out.add(where, stat, value, unit=of, method="values above 0", reason=why)


SOURCE = "METHODS §6"
KINETICS_BY_VISIT, KINETICS_PARAMETERS, KINETICS_MISSING = (
    Analysis(name, how, SOURCE, (), unasked, needs=needs)
    for name, how, needs in (
        (BY_VISIT, answer_by_visit, visit_needs),
        (PARAMETERS, answer_parameters, parameter_needs),
        (MISSING, answer_missing, missing_needs),
    )
)
