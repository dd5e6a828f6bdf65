"""How the sum of target lesion diameters went: by subject over time, and at its best."""

from __future__ import annotations

from functools import partial

import pandas as pd

from csr.endpoints.efficacy.response import best_responses
from csr.endpoints.efficacy.response_evaluators import population_of
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
)
from csr.stats.summary import describe

WATERFALL, SPIDER, BY_VISIT = "waterfall", "spider", "target-lesion-change"
MEASURES = {"AVAL": "mm", "PCHG": "%", "PCHGNAD": "%"}
KEY = "ASEQ"
SUM = "SDIAM"
NEEDS = ("adsl", "adrs", "adtr")


def assessed_sums(adam: Adam, params: Params) -> pd.DataFrame:
    """One row per complete sum of the main evaluator in the efficacy set: ADTR with TRTA and BOR.

    The baseline is in it (ABLFL Y); sums of a visit at which a lesion was not measured are not.
    """
    chosen = params.endpoints.bor
    if chosen is None:
        raise ValueError("endpoints.bor is not in params")
    subjects = subjects_in(adam, params, population_of(params))
    sums = adam["adtr"]
    complete = (sums["PARAMCD"] == SUM) & (sums["ANL01FL"] == "Y")
    own = sums[complete & (sums["TREVAL"] == chosen.evaluator)]
    own = own.assign(TRTSDT=own["USUBJID"].map(_by_subject(adam["adsl"], "TRTSDT")))
    best = best_responses(adam, params, subjects)[["USUBJID", "BOR"]]
    grouped = with_group(own, subjects).merge(best, on="USUBJID")
    return grouped.sort_values(["USUBJID", "ADT", "AVISITN"], kind="stable").reset_index(drop=True)


def counted_sums(adam: Adam, params: Params) -> pd.DataFrame:
    """The sums after baseline, until progression (that visit included) and before new therapy.

    Progression is the first PD of the evaluator in ADRS (PARAMCD PD); new therapy is ADSL's NACTDT.
    """
    sums = assessed_sums(adam, params)
    after = sums[(sums["ABLFL"] != "Y") & (sums["ADT"] > sums["TRTSDT"])]
    progressed = _first_progression(adam, params)
    therapy = _by_subject(adam["adsl"], "NACTDT")
    late = after["ADT"] > after["USUBJID"].map(progressed)
    return after[~late & ~(after["ADT"] > after["USUBJID"].map(therapy))]


def _first_progression(adam: Adam, params: Params) -> pd.Series:
    adrs = adam["adrs"]
    evaluator = params.endpoints.bor.evaluator if params.endpoints.bor else ""
    rows = adrs[(adrs["PARAMCD"] == "PD") & (adrs["AVALC"] == "Y")]
    return _by_subject(rows[rows["RSEVAL"] == evaluator], "ADT")


def _by_subject(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series(dtype="datetime64[ns]")
    return frame.drop_duplicates("USUBJID").set_index("USUBJID")[column]


def answer(adam: Adam, params: Params, name: str) -> Output:
    """Waterfall: each subject's best percent change. Spider: each percent change, by day."""
    sums = counted_sums(adam, params) if name == WATERFALL else _over_time(adam, params)
    sums = sums[sums["PCHG"].notna()].assign(DAY=lambda f: f["ADY"].map("{:g}".format))
    subjects = subjects_in(adam, params, population_of(params))
    columns = ["TRTA", "BOR", "DAY"]
    counted = counted_rows(sums, "ADTR", columns, KEY).assign(value=sums["PCHG"])
    counted["SUBJECT"] = sums["USUBJID"]
    rows = make_rows(population_rows(subjects, ["TRTA"]), counted)
    out = ResultList(name, population_of(params))
    _sizes(out, rows, params)
    keys = ["TRTA", "BOR", "SUBJECT", *(["DAY"] if name == SPIDER else [])]
    stat = "min" if name == WATERFALL else "mean"
    method = "smallest of the assessments" if name == WATERFALL else "the assessment of the day"
    for levels, group in rows[rows["role"] == "counted"].groupby(keys, sort=False):
        value = group["value"].agg(stat)
        out.add(tuple(zip(keys, levels, strict=True)), stat, value, unit="%", method=method)
    return Output(rows, out.frame())


def _over_time(adam: Adam, params: Params) -> pd.DataFrame:
    sums = assessed_sums(adam, params)
    after = sums[(sums["ABLFL"] != "Y") & (sums["ADT"] > sums["TRTSDT"])]
    return after[~(after["ADT"] > after["USUBJID"].map(_by_subject(adam["adsl"], "NACTDT")))]


def _sizes(out: ResultList, rows: pd.DataFrame, params: Params) -> None:
    for level in (*params.treatment.values, None):
        own = rows if level is None else rows[rows["TRTA"] == level]
        for stat, role in (("N", "population"), ("n", "counted")):
            n = own.loc[own["role"] == role, "USUBJID"].nunique()
            out.add((("TRTA", level),), stat, n, method="subjects")


def answer_by_visit(adam: Adam, params: Params) -> Output:
    """The sum, its change from baseline and from its nadir, described at each visit."""
    sums = assessed_sums(adam, params)
    sums = sums[(sums["ABLFL"] == "Y") | (sums["ADT"] > sums["TRTSDT"])]
    subjects = subjects_in(adam, params, population_of(params))
    sums = sums.sort_values(["AVISITN", "USUBJID"], kind="stable")
    visit = sums["AVISIT"].where(sums["ABLFL"] != "Y", "Baseline")
    visits = dict.fromkeys(["Baseline", *visit])
    parts = [
        counted_rows(sums, "ADTR", ["TRTA"], KEY).assign(
            AVISIT=visit, MEASURE=measure, value=sums[measure]
        )
        for measure in MEASURES
    ]
    counted = pd.concat(parts, ignore_index=True).dropna(subset=["value"])
    rows = make_rows(population_rows(subjects, ["TRTA"]), counted)
    out = ResultList(BY_VISIT, population_of(params))
    _sizes(out, rows, params)
    for measure, unit in MEASURES.items():
        for at in visits:
            _describe(out, rows, params, (measure, at, unit))
    return Output(rows, out.frame())


def _describe(
    out: ResultList, rows: pd.DataFrame, params: Params, of: tuple[str, str, str]
) -> None:
    measure, visit, unit = of
    here = rows[(rows.get("MEASURE") == measure) & (rows["AVISIT"] == visit)]
    if here.empty:
        return
    for level in (*params.treatment.values, None):
        own = here if level is None else here[here["TRTA"] == level]
        found = describe(own["value"], params.conventions.quantile_type)
        where = (("TRTA", level), ("MEASURE", measure), ("AVISIT", visit))
        out.add(where, "n", own["USUBJID"].nunique(), method="subjects")
        for stat in ("mean", "sd", "median", "min", "max"):
            value = getattr(found, stat)
            why = "too few subjects" if value != value else ""
            out.add(where, stat, value, unit=unit, reason=why)


WATERFALL_ANALYSIS = Analysis(
    WATERFALL, NEEDS, partial(answer, name=WATERFALL), "METHODS §3", ("bor",)
)
SPIDER_ANALYSIS = Analysis(SPIDER, NEEDS, partial(answer, name=SPIDER), "METHODS §3", ("bor",))
TARGET_LESION_CHANGE = Analysis(BY_VISIT, NEEDS, answer_by_visit, "METHODS §3", ("bor",))
