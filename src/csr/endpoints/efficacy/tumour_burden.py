"""How the sum of target lesion diameters went: by subject over time, and at its best."""

from __future__ import annotations

from functools import partial

import pandas as pd

from csr.derive.sources import seen_by
from csr.endpoints.efficacy.response import best_response_needs, best_responses
from csr.endpoints.efficacy.response_evaluators import population_of
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.results import (
    UNTRACED,
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)
from csr.stats.summary import describe

WATERFALL, SPIDER, BY_VISIT = "waterfall", "spider", "target-lesion-change"
MEASURES = {"AVAL": "mm", "PCHG": "%", "PCHGNAD": "%"}
KEY = "ASEQ"
UNSCHEDULED = "Unscheduled"
SUM = "SDIAM"


# What `assessed_sums` reads of ADTR.
SUMS = reads("adtr", "USUBJID", "PARAMCD", "ANL01FL", "TREVAL", "ADT", "AVISITN")


def sum_needs(params: Params) -> Needs:
    """What `assessed_sums` reads."""
    return best_response_needs(params, population_of(params)) + SUMS


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
    own = sums[complete & seen_by(sums, chosen.evaluator, "TREVAL")]
    own = own.assign(TRTSDT=own["USUBJID"].map(_by_subject(adam["adsl"], "TRTSDT")))
    best = best_responses(adam, params, subjects)[["USUBJID", "BOR"]]
    grouped = with_group(own, subjects).merge(best, on="USUBJID")
    return grouped.sort_values(["USUBJID", "ADT", "AVISITN"], kind="stable").reset_index(drop=True)


def counted_sums(adam: Adam, params: Params) -> pd.DataFrame:
    """The sums after baseline, until progression (that timepoint included) and before new therapy.

    Progression is the first PD of the evaluator in ADRS (PARAMCD PD); new therapy is ADSL's NACTDT.
    Timepoints are compared by their number (ASMTN), where ADRS and ADTR have it; else a sum of the
    visit of progression is of that timepoint, and other sums are compared by date.
    """
    after = _after_baseline(adam, params)
    return after[~_after_progression(after, _progressions(adam, params))]


def _after_baseline(adam: Adam, params: Params) -> pd.DataFrame:
    """The sums after baseline and before new therapy; one without a full date by its number."""
    sums = assessed_sums(adam, params)
    undated = sums["ADT"].isna() & _after_base(sums)
    after = sums[(sums["ABLFL"] != "Y") & ((sums["ADT"] > sums["TRTSDT"]) | undated)]
    therapy = after["USUBJID"].map(_by_subject(adam["adsl"], "NACTDT"))
    return after[~(_day(after, adam, params) > therapy)]


def _after_base(sums: pd.DataFrame) -> pd.Series:
    if "ASMTN" not in sums:
        return pd.Series(False, index=sums.index)
    base = sums[sums["ABLFL"] == "Y"].drop_duplicates("USUBJID").set_index("USUBJID")["ASMTN"]
    return sums["ASMTN"] > sums["USUBJID"].map(base)


def _day(sums: pd.DataFrame, adam: Adam, params: Params) -> pd.Series:
    """The day of each sum's timepoint: that of its overall response, where it has one."""
    own = _of_evaluator(adam, params, "OVR")
    if "ASMTN" not in sums or "ASMTN" not in own:
        return sums["ADT"]
    key = ["USUBJID", "ASMTN"]
    answered = own.dropna(subset=["ADT", "ASMTN"]).drop_duplicates(key).set_index(key)["ADT"]
    return sums[key].join(answered, on=key)["ADT"].fillna(sums["ADT"])


def _after_progression(sums: pd.DataFrame, seen: pd.DataFrame) -> pd.Series:
    first = seen.drop_duplicates("USUBJID").set_index("USUBJID")
    by_date = sums["ADT"] > sums["USUBJID"].map(first["ADT"])
    if "ASMTN" in sums and "ASMTN" in seen:
        at = sums["USUBJID"].map(first["ASMTN"])
        return (sums["ASMTN"] > at).where(at.notna() & sums["ASMTN"].notna(), by_date)
    visit = next((c for c in ("AVISITN", "VISITNUM") if c in first), None)
    if visit is None or "AVISITN" not in sums:
        return by_date
    return by_date & ~(sums["AVISITN"] == sums["USUBJID"].map(first[visit]))


def _progressions(adam: Adam, params: Params) -> pd.DataFrame:
    rows = _of_evaluator(adam, params, "PD")
    return rows[rows["AVALC"] == "Y"]


def _of_evaluator(adam: Adam, params: Params, paramcd: str) -> pd.DataFrame:
    adrs = adam["adrs"]
    rows = adrs[adrs["PARAMCD"] == paramcd]
    evaluator = params.endpoints.bor.evaluator if params.endpoints.bor else ""
    return rows[seen_by(rows, evaluator)]


def _by_subject(frame: pd.DataFrame, column: str) -> pd.Series:
    if column not in frame:
        return pd.Series(dtype="datetime64[ns]")
    return frame.drop_duplicates("USUBJID").set_index("USUBJID")[column]


def answer(adam: Adam, params: Params, name: str) -> Output:
    """Waterfall: each subject's best percent change. Spider: each percent change, by day."""
    sums = counted_sums(adam, params) if name == WATERFALL else _after_baseline(adam, params)
    sums = sums[sums["PCHG"].notna() & (sums["ADY"].notna() | (name == WATERFALL))]
    sums = sums.assign(DAY=sums["ADY"].map("{:g}".format).replace("nan", ""))
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


def _sizes(out: ResultList, rows: pd.DataFrame, params: Params) -> None:
    for level in (*params.treatment.values, None):
        own = rows if level is None else rows[rows["TRTA"] == level]
        for stat, role in (("N", "population"), ("n", "counted")):
            n = own.loc[own["role"] == role, "USUBJID"].nunique()
            out.add((("TRTA", level),), stat, n, method="subjects")


def answer_by_visit(adam: Adam, params: Params) -> Output:
    """The sum, its change from baseline and from its nadir, described at each visit.

    Of several sums of one subject at a visit (unscheduled scans share one) the last.
    """
    sums = assessed_sums(adam, params)
    later = (sums["ADT"] > sums["TRTSDT"]) | (sums["ADT"].isna() & _after_base(sums))
    sums = sums[(sums["ABLFL"] == "Y") | later]
    sums = sums.assign(AVISIT=sums["AVISIT"].replace("", UNSCHEDULED))
    sums = sums.drop_duplicates(["USUBJID", "ABLFL", "AVISIT"], keep="last")
    subjects = subjects_in(adam, params, population_of(params))
    sums = sums.sort_values(["AVISITN", "USUBJID"], kind="stable")
    visit = sums["AVISIT"].where(sums["ABLFL"] != "Y", "Baseline")
    visits = dict.fromkeys(["Baseline", *visit])
    parts = [
        counted_rows(sums, "ADTR", ["TRTA"], KEY).assign(
            AVISIT=visit, MEASURE=measure, value=sums[measure]
        )
        for measure in MEASURES
        if measure in sums
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


# What the figures say where they don't know of new therapy; its consequence is the analysis's.
THERAPY_KNOWN = reads("adsl", "USUBJID", NACTDT="")


def therapy_notes(adam: Adam) -> tuple[str, ...]:
    """That new anticancer therapy is not known, where it is not."""
    if "NACTDT" in adam["adsl"]:
        return ()
    return (
        "The data do not say when new anticancer therapy began (ADSL.NACTDT): sums after it are "
        "not told from those before.",
    )


def needs(params: Params) -> Needs:
    """The sums after baseline and the timepoints of progression and response."""
    numbered = "sums without a full date are left out, and timepoints are compared by their dates"
    therapy = "no new anticancer therapy is known: sums after it are not told from those before"
    visit = "a sum of the visit of progression but after its date counts as after it"
    return (
        sum_needs(params)
        + reads("adsl", "TRTSDT", NACTDT=therapy)
        + reads("adtr", "ABLFL", "PCHG", "ADY", ASMTN=numbered, ASEQ=UNTRACED)
        + reads("adrs", "ADT", ASMTN=numbered, VISITNUM=visit, AVISITN="")
    )


def by_visit_needs(params: Params) -> Needs:
    """The sums of each visit and their changes."""
    changes = {"PCHG": "changes from baseline are", "PCHGNAD": "changes from nadir are"}
    without = {column: f"{what} left out" for column, what in changes.items()}
    own = reads("adtr", "AVAL", "ABLFL", "AVISIT", **without, ASEQ=UNTRACED)
    return sum_needs(params) + reads("adsl", "TRTSDT") + own


WATERFALL_ANALYSIS, SPIDER_ANALYSIS = (
    Analysis(name, partial(answer, name=name), "METHODS §3", ("bor",), needs=needs)
    for name in (WATERFALL, SPIDER)
)
TARGET_LESION_CHANGE = Analysis(
    BY_VISIT, answer_by_visit, "METHODS §3", ("bor",), needs=by_visit_needs
)
