"""Exposure and response: Cmax and AUC by best response, antibodies, burden; PFS by exposure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.efficacy.response import best_response_needs, best_responses
from csr.endpoints.efficacy.response_evaluators import population_of
from csr.endpoints.efficacy.time_to_event import records_of, summarise
from csr.endpoints.efficacy.tumour_burden import SUMS, assessed_sums
from csr.endpoints.kinetics.immunogenicity import POSITIVE
from csr.endpoints.kinetics.kinetics_summary import (
    KEY,
    POPULATION,
    found_parameters,
    key_of,
    parameter_needs,
    unasked,
)
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.params.time_to_event import PFS
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
    reads_if_there,
)
from csr.stats.association import rank_correlation, rank_sum
from csr.stats.compare import compare_groups
from csr.stats.cox import cox
from csr.stats.regression import logistic
from csr.stats.summary import describe_geometric, quantile

NAME, PFS_NAME = "exposure-response", "exposure-response-pfs"
EXPOSURES = ("CMAX", "AUC28")
RESPONSE, ANTIBODIES = "Best overall response", "Anti-drug antibodies after the infusion"
BURDEN = "Baseline sum of target lesions"
LEVELS = {RESPONSE: ("CR or PR", "Other or none"), ANTIBODIES: ("Positive", "Negative")}
KNOWN = "With a baseline sum"
ABOVE, BELOW = "Above the median", "At or below the median"
NONE_ABOVE, TOO_FEW = "no value above 0", "fewer than two values, or all alike"
LANDMARK_DAY = 28
ITEMS = ("PARAMCD", "EFFECT", "LEVEL")


def exposures(adam: Adam, params: Params) -> pd.DataFrame:
    """One row per subject, exposure and effect that can be told: value (0 for all BLQ), LEVEL.

    Response: every subject, without an assessment as no response. Antibodies: those with a result
    after the first infusion. Burden: those with a baseline sum, in BURDEN (mm, text).
    """
    own = first_exposures(adam, params)
    best = best_responses(adam, params, subjects_in(adam, params, POPULATION))
    responders = set(best.loc[best["BOR"].isin(["CR", "PR"]), "USUBJID"])
    yes, no = LEVELS[RESPONSE]
    level = own["USUBJID"].isin(responders).map({True: yes, False: no})
    parts = [own.assign(EFFECT=RESPONSE, LEVEL=level, BURDEN="")]
    if "adis" in adam:
        level = own["USUBJID"].map(_antibodies(adam["adis"]))
        parts.append(own.assign(EFFECT=ANTIBODIES, LEVEL=level, BURDEN="")[level.notna()])
    if "adtr" in adam:
        sums = assessed_sums(adam, params)
        sums = sums[(sums["ABLFL"] == "Y") & sums["AVAL"].notna()].drop_duplicates("USUBJID")
        burden = own["USUBJID"].map(sums.set_index("USUBJID")["AVAL"].astype(float))
        known = own.assign(EFFECT=BURDEN, LEVEL=KNOWN, BURDEN=burden.map(repr))
        parts.append(known[burden.notna()])
    return pd.concat(parts, ignore_index=True)


def first_exposures(adam: Adam, params: Params) -> pd.DataFrame:
    """Cmax and AUC of days 0 to 28 of the first infusion that are known."""
    own = found_parameters(adam, params)
    own = own[(own["AINFN"] == 1) & own["PARAMCD"].isin(EXPOSURES) & own["value"].notna()]
    return own.sort_values(["PARAMN", "USUBJID"], kind="stable").reset_index(drop=True)


def _antibodies(adis: pd.DataFrame) -> pd.Series:
    """Positive where any result after the first infusion is, of those with such a result."""
    after = adis[(adis["ANL01FL"] == "Y") & (adis["AVALC"] != "") & (adis["ONTRTFL"] == "Y")]
    positive = after["AVALC"].str.upper().isin(POSITIVE).groupby(after["USUBJID"]).any()
    yes, no = LEVELS[ANTIBODIES]
    return positive.map({True: yes, False: no})


def answer(adam: Adam, params: Params) -> Output:
    """n, geometric mean and median of each exposure by effect, with its test.

    Response: Wilcoxon rank-sum, and the odds ratio of a response per tenfold exposure (logistic,
    values above 0). Antibodies: Wilcoxon. Burden: Spearman. Source: METHODS §6.
    """
    own = exposures(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    columns = ["TRTA", *ITEMS, "BURDEN", "value"]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]), counted_rows(own, "ADPP", columns, key_of(own, KEY))
    )
    out = ResultList(NAME, POPULATION)
    for (code, effect), both in own.groupby(["PARAMCD", "EFFECT"], sort=False):
        for level in LEVELS.get(effect, (KNOWN,)):
            _describe(out, both[both["LEVEL"] == level], (code, effect, level), params)
        where: Groups = (*zip(ITEMS, (code, effect), strict=False), (ITEMS[2], None))
        if effect == BURDEN:
            _correlate(out, where, both)
        else:
            _compare(out, where, both, LEVELS[effect][0])
        if effect == RESPONSE:
            _regress(out, where, both, params)
    return Output(rows, out.frame())


def _describe(
    out: ResultList, own: pd.DataFrame, levels: tuple[str, str, str], params: Params
) -> None:
    where: Groups = tuple(zip(ITEMS, levels, strict=True))
    values = own["value"].to_numpy()
    out.add(where, "n", own["USUBJID"].nunique(), method="subjects with a value")
    centre = describe_geometric(values, params.conventions.conf_level)
    why = NONE_ABOVE if np.isnan(centre.mean) else ""
    out.add(where, "geomean", centre.mean, method="values above 0", reason=why)
    middle = quantile(values, 0.5, params.conventions.quantile_type)
    out.add(where, "median", middle, reason="" if values.size else TOO_FEW)


def _compare(out: ResultList, where: Groups, both: pd.DataFrame, first: str) -> None:
    values, chosen = both["value"].to_numpy(), (both["LEVEL"] == first).to_numpy()
    p = rank_sum(values[chosen], values[~chosen])
    method = "Wilcoxon rank-sum, normal approximation, ties and continuity corrected"
    out.add(where, "wilcoxon_p", p, method=method, reason=TOO_FEW if np.isnan(p) else "")


def _correlate(out: ResultList, where: Groups, both: pd.DataFrame) -> None:
    rho, p = rank_correlation(both["value"].to_numpy(), both["BURDEN"].astype(float).to_numpy())
    why = TOO_FEW if np.isnan(rho) else ""
    out.add(where, "spearman", rho, method="Spearman's rho, ties averaged", reason=why)
    out.add(where, "spearman_p", p, method="t approximation", reason=why)


def _regress(out: ResultList, where: Groups, both: pd.DataFrame, params: Params) -> None:
    above = both[both["value"] > 0]
    responded = (above["LEVEL"] == LEVELS[RESPONSE][0]).astype(float)
    fit = logistic(np.log10(above["value"]), responded, params.conventions.conf_level)
    method = "logistic regression on log10, values above 0, Wald"
    for stat, value in (("or", fit.slope), ("or_lcl", fit.low), ("or_ucl", fit.high)):
        out.add(where, stat, float(np.exp(value)), method=method, reason=fit.reason)
    out.add(where, "or_p", fit.p, method=method, reason=fit.reason)


def landmark_records(adam: Adam, params: Params) -> pd.DataFrame:
    """PFS from day 28 of those event-free and followed then, by exposure: value in months, LEVEL.

    Only what was known by day 28: a Cmax with a later Tmax is left out. The median is of those at
    the landmark.
    """
    own = first_exposures(adam, params).rename(columns={"value": "exposure"})
    peaks = found_parameters(adam, params)
    peaks = peaks[(peaks["PARAMCD"] == "TMAX") & (peaks["AINFN"] == 1)]
    late = set(peaks.loc[peaks["value"] > LANDMARK_DAY, "USUBJID"])
    own = own[~((own["PARAMCD"] == "CMAX") & own["USUBJID"].isin(late))]
    months = LANDMARK_DAY / params.conventions.days_per_month
    times = records_of(adam, params, PFS)
    times = times.assign(value=times["value"] - months)
    times = times[times["value"] > 0]
    wanted = ["USUBJID", "TRTA", "value", "event", *(["ASEQ"] if "ASEQ" in times else [])]
    both = times[wanted].merge(own[["USUBJID", "PARAMCD", "exposure"]], on="USUBJID")
    middle = both.groupby("PARAMCD")["exposure"].transform("median")
    return both.assign(LEVEL=(both["exposure"] > middle).map({True: ABOVE, False: BELOW}))


def answer_pfs(adam: Adam, params: Params) -> Output:
    """Kaplan-Meier of PFS from day 28 above and below the median exposure; log-rank, Cox."""
    own = landmark_records(adam, params)
    people = own[["USUBJID", "PARAMCD", "LEVEL"]]
    key = "ASEQ" if "ASEQ" in own else ""
    rows = make_rows(
        population_rows(people, ["PARAMCD", "LEVEL"]),
        counted_rows(own, "ADTTE", ["PARAMCD", "LEVEL", "value", "event"], key),
    )
    out = ResultList(PFS_NAME, POPULATION)
    for code in EXPOSURES:
        both = own[own["PARAMCD"] == code]
        for level in (ABOVE, BELOW):
            here = both[both["LEVEL"] == level]
            where: Groups = (("LEVEL", level), ("PARAMCD", code))
            out.add(where, "N", len(here), method="event-free and followed at day 28")
            summarise(out, where, here["value"].to_numpy(), here["event"].to_numpy(), params)
        _test(out, (("LEVEL", None), ("PARAMCD", code)), both, params)
    return Output(rows, out.frame())


def _test(out: ResultList, where: Groups, both: pd.DataFrame, params: Params) -> None:
    found = compare_groups(both["value"], both["event"], both["LEVEL"])
    out.add(where, "logrank_p", found.p, method="log-rank", reason=found.reason)
    above, ties = (both["LEVEL"] == ABOVE).astype(float).to_numpy(), params.conventions.cox_ties
    if not 0 < above.sum() < above.size:
        for stat in ("hr", "hr_lcl", "hr_ucl"):
            out.add(where, stat, None, reason=TOO_FEW)
        return
    fit = cox(both["value"], both["event"], above, ties, params.conventions.conf_level)
    for stat, value in (("hr", fit.hr), ("hr_lcl", fit.low), ("hr_ucl", fit.high)):
        number = float(value[0])
        why = (fit.reason or "not finite") if np.isnan(number) else ""
        out.add(where, stat, number, method=f"Cox, above against below, ties {ties}", reason=why)


def unasked_response(params: Params) -> str:
    """Needs kinetics and a best overall response."""
    if why := unasked(params):
        return why
    return "" if params.endpoints.bor else "params declare no endpoints.bor"


SOURCE = "METHODS §6"


def response_needs(params: Params) -> Needs:
    """Exposures and responses; antibodies and burden where there are any."""
    antibodies = ("USUBJID", "ANL01FL", "AVALC", "ONTRTFL")
    burden = [c for d, c in SUMS.needed if d == "adtr"]
    return (
        parameter_needs(params)
        + best_response_needs(params, POPULATION, population_of(params))
        + reads_if_there("adis", "there is nothing on antibodies", *antibodies)
        + reads_if_there("adtr", "there is nothing on tumour burden", "ABLFL", "AVAL", *burden)
    )


def pfs_needs(params: Params) -> Needs:
    """Exposures, and the times of progression-free survival."""
    times = reads("adtte", "USUBJID", "PARAMCD", "AVAL", "CNSR", ASEQ=UNTRACED)
    return parameter_needs(params) + subject_needs(params, PFS.population) + times


EXPOSURE_RESPONSE = Analysis(
    NAME,
    answer,
    SOURCE,
    unasked=unasked_response,
    needs=response_needs,
)
EXPOSURE_PFS = Analysis(PFS_NAME, answer_pfs, SOURCE, (PFS.name,), unasked, needs=pfs_needs)
