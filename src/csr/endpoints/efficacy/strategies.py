"""Progression-free survival under each strategy for new therapy and gaps, and by evaluator.

The ICH E9(R1) strategies and sensitivity analyses are parameters of ADTTE, each derived from its
own declaration (csr.derive.adtte); here they stand beside each other.
"""

from __future__ import annotations

import pandas as pd

from csr.endpoints.efficacy.time_to_event import (
    NEEDS,
    NOBODY,
    PFS,
    QUANTILE_RULE,
    endpoint_params,
)
from csr.endpoints.populations import subjects_in, with_group
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
from csr.stats import survival

NAME = "pfs-strategies"
PRIMARY = "primary"
# PARAMCD of ADTTE: what it answers, in the order of the table.
STRATEGIES = {
    "PFSTP": "Treatment policy: events count whatever therapy came between",
    "PFSCNS": "Censored at new anticancer therapy (FDA)",
    "PFSGAP": "Treatment policy, gaps of missed visits ignored (EMA)",
    "PFSNT": "New anticancer therapy is an event",
    "PFSCLN": "Clinical progression is an event",
    "PFSIA": "Primary strategy, independent assessor",
}


def _records(adam: Adam, params: Params, subjects: pd.DataFrame) -> pd.DataFrame:
    chosen = endpoint_params(PFS, params)
    if chosen is None:
        raise ValueError("endpoints.pfs is not in params")
    adtte = adam["adtte"]
    primary = adtte[adtte["PARAMCD"] == chosen.paramcd].assign(STRATEGY=PRIMARY)
    others = adtte[adtte["PARAMCD"].isin(STRATEGIES)]
    own = pd.concat([primary, others.assign(STRATEGY=others["PARAMCD"])], ignore_index=True)
    months = own["AVAL"] if chosen.unit == "months" else own["AVAL"] / _month(params)
    own = own.assign(value=months, event=(own["CNSR"] < 0.5).astype(float))
    return with_group(own, subjects)


def _month(params: Params) -> float:
    return params.conventions.days_per_month


def answer(adam: Adam, params: Params) -> Output:
    """Events and median with its interval, for each strategy that ADTTE holds."""
    subjects = subjects_in(adam, params, "safety")
    own = _records(adam, params, subjects)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]).assign(STRATEGY=None),
        counted_rows(
            own, "ADTTE", ["TRTA", "STRATEGY", "value", "event"], "ASEQ" if "ASEQ" in own else ""
        ),
    )
    out = ResultList(NAME, "safety")
    for level in (*params.treatment.values, None):
        size = subjects if level is None else subjects[subjects["TRTA"] == level]
        for strategy in own["STRATEGY"].drop_duplicates():
            here = own["STRATEGY"] == strategy
            group = own[here if level is None else here & (own["TRTA"] == level)]
            where: Groups = (("TRTA", level), ("STRATEGY", strategy))
            out.add(where, "N", len(size), method="subjects in the population")
            _summarise(out, where, group, params)
    return Output(rows, out.frame())


def _summarise(out: ResultList, where: Groups, group: pd.DataFrame, params: Params) -> None:
    nobody = "" if len(group) else NOBODY
    out.add(where, "n", len(group), method="subjects with a record")
    out.add(where, "events", group["event"].sum(), method="CNSR = 0")
    share = 100 * group["event"].mean() if len(group) else None
    out.add(where, "events_pct", share, unit="%", method="100·n/records", reason=nobody)
    curve = survival.kaplan_meier(group["value"], group["event"])
    level, kind = params.conventions.conf_level, params.conventions.km_interval
    found = survival.quantile_time(curve, 0.5, level, kind)
    method = f"Kaplan-Meier, {kind} interval; {QUANTILE_RULE}"
    for stat, value in (
        ("median", found.time),
        ("median_lcl", found.low),
        ("median_ucl", found.high),
    ):
        why = (nobody or found.reason or survival.NOT_REACHED) if value != value else ""
        out.add(where, stat, value, unit="months", method=method, reason=why)


PFS_STRATEGIES = Analysis(NAME, NEEDS, answer, "METHODS §4", (PFS.name,))
