"""A time-to-event endpoint under each handling of new therapy and gaps, and by evaluator.

The ICH E9(R1) strategies and sensitivity analyses are parameters of ADTTE, each derived from its
own declaration (csr.params.time_to_event); here they stand beside each other.
"""

from __future__ import annotations

import pandas as pd

from csr.endpoints.efficacy.time_to_event import NOBODY, QUANTILE_RULE, analysis_of
from csr.endpoints.populations import subjects_in, with_group
from csr.params import Params
from csr.params.time_to_event import SUFFIX, TimeToEvent
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

PRIMARY = "primary"
# The end of PARAMCD: what it answers, in the order of the table.
HANDLINGS = {
    "TP": "Treatment policy: events count whatever therapy came between",
    "CNS": "Censored at new anticancer therapy (FDA)",
    "GAP": "Treatment policy, gaps of missed visits ignored (EMA)",
    "NT": "New anticancer therapy is an event",
    "CLN": "Clinical progression is an event",
    "IA": "Primary strategy, independent assessor",
}


def handlings_of(endpoint: TimeToEvent) -> dict[str, str]:
    """PARAMCD of each further handling of an endpoint, and what it answers."""
    asked = {SUFFIX[handling] for handling in endpoint.strategies}
    if endpoint.evaluators:
        asked.add("IA")
    return {endpoint.paramcd + end: text for end, text in HANDLINGS.items() if end in asked}


def _records(
    adam: Adam, params: Params, endpoint: TimeToEvent, subjects: pd.DataFrame
) -> pd.DataFrame:
    chosen = params.endpoints.of(endpoint.name)
    if chosen is None:
        raise ValueError(f"endpoints.{endpoint.name} is not in params")
    adtte = adam["adtte"]
    primary = adtte[adtte["PARAMCD"] == chosen.paramcd].assign(STRATEGY=PRIMARY)
    others = adtte[adtte["PARAMCD"].isin(handlings_of(endpoint))]
    own = pd.concat([primary, others.assign(STRATEGY=others["PARAMCD"])], ignore_index=True)
    months = own["AVAL"] if chosen.unit == "months" else own["AVAL"] / _month(params)
    own = own.assign(value=months, event=(own["CNSR"] < 0.5).astype(float))
    return with_group(own, subjects)


def _month(params: Params) -> float:
    return params.conventions.days_per_month


def answer(adam: Adam, params: Params, endpoint: TimeToEvent) -> Output:
    """Events and median with its interval, for each handling that ADTTE holds."""
    subjects = subjects_in(adam, params, endpoint.population)
    own = _records(adam, params, endpoint, subjects)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]).assign(STRATEGY=None),
        counted_rows(
            own, "ADTTE", ["TRTA", "STRATEGY", "value", "event"], "ASEQ" if "ASEQ" in own else ""
        ),
    )
    out = ResultList(f"{endpoint.name}-strategies", endpoint.population)
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


def strategies_of(endpoint: TimeToEvent) -> Analysis:
    """An endpoint under each of its handlings."""
    return analysis_of(endpoint, "-strategies", answer)
