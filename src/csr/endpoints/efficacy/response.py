"""Best overall response, objective response rate and disease control rate."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd

from csr.derive.responders import disease_control
from csr.derive.sources import seen_by
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.errors import DataError
from csr.params import Params
from csr.params.endpoints import ResponseEndpoint
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
from csr.stats.binomial import proportion_interval
from csr.stats.two_proportions import fisher_p, odds_ratio, risk_difference

NAME = "response-summary"
ITEMS = ("SET", "ITEM")
NO_ASSESSMENT = "No assessment"
CATEGORIES = ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", NO_ASSESSMENT)
ORR, DCR = "ORR", "DCR"
SETS = ("efficacy", "safety")
NO_WIDTH = "nobody or everybody in each group: the interval has no width"
EMPTY_CELL = "nobody or everybody in a group: no finite odds ratio"
NO_OTHER_TABLE = "nobody or everybody in both groups"


# Whose a response is must be told: a blank RSEVAL is the evaluator of params.
BEST = reads("adrs", "USUBJID", "PARAMCD", "AVALC", "RSEVAL", ASEQ=UNTRACED)


def best_response_needs(params: Params, *populations: str) -> Needs:
    """What `best_responses` reads for the subjects of these analysis sets."""
    return subject_needs(params, *populations) + BEST


def best_responses(
    adam: Adam, params: Params, subjects: pd.DataFrame, which: str = "bor"
) -> pd.DataFrame:
    """One row per subject with the best overall response as BOR; `which`: a key of endpoints.

    A subject without a record, or whose record says MISSING, has "No assessment" and stays in
    the denominator. Rows keep ASEQ where ADRS has it.
    """
    endpoint: ResponseEndpoint | None = getattr(params.endpoints, which)
    if endpoint is None:
        raise ValueError(f"endpoints.{which} is not in params")
    records = adam["adrs"]
    records = records[records["PARAMCD"] == endpoint.paramcd]
    records = records[seen_by(records, endpoint.evaluator)]
    if records["USUBJID"].duplicated().any():
        raise DataError(
            f"ADRS, PARAMCD {endpoint.paramcd}: a subject has more than one record of evaluator "
            f"'{endpoint.evaluator}'; a best overall response is one a subject. Correct ADRS, or "
            f"name another parameter under endpoints.{which} in params."
        )
    own = with_group(records, subjects)
    wanted = ["USUBJID", "TRTA", "AVALC", *(["ASEQ"] if "ASEQ" in own else [])]
    absent = subjects[~subjects["USUBJID"].isin(own["USUBJID"])][["USUBJID", "TRTA"]]
    best = pd.concat([own[wanted], absent.assign(AVALC="MISSING")], ignore_index=True)
    best["BOR"] = best["AVALC"].replace({"MISSING": NO_ASSESSMENT, "": NO_ASSESSMENT})
    return best.sort_values("USUBJID", kind="stable").reset_index(drop=True)


def answer(adam: Adam, params: Params, name: str = NAME, which: str = "bor") -> Output:
    """Counts each best response, and gives ORR and DCR with their exact interval."""
    parts: list[pd.DataFrame] = []
    out = ResultList(name, "/".join(s for s in SETS if s in params.populations))
    for of in SETS:
        if of not in params.populations:
            continue
        subjects = subjects_in(adam, params, of).assign(SET=of)
        items = _items(best_responses(adam, params, subjects, which).assign(SET=of), params)
        parts += [
            population_rows(subjects, ["TRTA", "SET"]),
            counted_rows(items, "ADRS", ["TRTA", *ITEMS], "ASEQ" if "ASEQ" in items else ""),
        ]
        for level in (*params.treatment.values, None):
            _rates(out, of, level, subjects, items, params)
        _compare(out, of, subjects, items, params)
    return Output(make_rows(*parts), out.frame())


def _items(best: pd.DataFrame, params: Params) -> pd.DataFrame:
    responders = best[best["BOR"].isin(["CR", "PR"])].assign(ITEM=ORR)
    controlled = best[best["BOR"].isin(disease_control(params.conventions))].assign(ITEM=DCR)
    return pd.concat([best.assign(ITEM=best["BOR"]), responders, controlled], ignore_index=True)


def _rates(
    out: ResultList,
    name: str,
    level: str | None,
    subjects: pd.DataFrame,
    items: pd.DataFrame,
    params: Params,
) -> None:
    total = len(subjects) if level is None else int((subjects["TRTA"] == level).sum())
    own = items if level is None else items[items["TRTA"] == level]
    for item in (*CATEGORIES, ORR, DCR):
        n = int((own["ITEM"] == item).sum())
        where: Groups = (("TRTA", level), ("SET", name), ("ITEM", item))
        empty = "" if total else "no subject in the group"
        out.add(where, "n", n, method="subjects")
        out.add(where, "N", total, method="subjects in the population")
        share = 100 * n / total if total else None
        out.add(where, "pct", share, unit="%", method="100·n/N", reason=empty)
        if item in (ORR, DCR):
            method = params.conventions.proportion_interval
            low, high = proportion_interval(n, total, params.conventions.conf_level, method)
            out.add(where, "lcl", 100 * low, unit="%", method=method, reason=empty)
            out.add(where, "ucl", 100 * high, unit="%", method=method, reason=empty)


def _compare(
    out: ResultList, name: str, subjects: pd.DataFrame, items: pd.DataFrame, params: Params
) -> None:
    """ORR and DCR of each arm against the reference, where params name one: their difference with
    Newcombe's and Wald's limits (`difference`, `wald`), the odds ratio and Fisher's p."""
    reference = params.treatment.reference
    if reference is None:
        return
    arms = [level for level in params.treatment.values if level != reference]
    size = subjects["TRTA"].value_counts()
    for item in (ORR, DCR):
        counts = items.loc[items["ITEM"] == item, "TRTA"].value_counts()
        for arm in arms:
            pair = [int(n.get(of, 0)) for of in (arm, reference) for n in (counts, size)]
            where: Groups = (("TRTA", arm), ("SET", name), ("ITEM", item))
            _compare_pair(out, where, (pair[0], pair[1], pair[2], pair[3]), params)


def _compare_pair(
    out: ResultList, where: Groups, table: tuple[int, int, int, int], params: Params
) -> None:
    level, against = params.conventions.conf_level, f"against {params.treatment.reference}"
    empty = "no subject in a group" if 0 in (table[1], table[3]) else ""
    newcombe = risk_difference(*table, level)
    wald = risk_difference(*table, level, method="wald")
    limits = {
        "difference": ("percentage points", newcombe[0]),
        "difference_lcl": ("Newcombe 1998, method 10", newcombe[1]),
        "difference_ucl": ("Newcombe 1998, method 10", newcombe[2]),
        "wald_lcl": ("Wald", wald[1]),
        "wald_ucl": ("Wald", wald[2]),
    }
    for stat, (method, value) in limits.items():
        why = (empty or NO_WIDTH) if np.isnan(value) else ""
        out.add(where, stat, 100 * value, unit="%", method=f"{method}, {against}", reason=why)
    ratio = odds_ratio(*table, level)
    for stat, value in zip(("or", "or_lcl", "or_ucl"), ratio, strict=True):
        why = (empty or EMPTY_CELL) if np.isnan(value) else ""
        out.add(where, stat, value, method=f"odds ratio, Woolf, {against}", reason=why)
    p = fisher_p(*table)
    why = (empty or NO_OTHER_TABLE) if np.isnan(p) else ""
    out.add(where, "fisher_p", p, method=f"Fisher's exact test, {against}", reason=why)


UNCONFIRMED = "response-unconfirmed"


def needs(params: Params) -> Needs:
    """Best responses of each analysis set there is."""
    return best_response_needs(params, *(s for s in SETS if s in params.populations))


RESPONSE_SUMMARY = Analysis(NAME, answer, "METHODS §3", ("bor",), needs=needs)
RESPONSE_UNCONFIRMED = Analysis(
    UNCONFIRMED,
    partial(answer, name=UNCONFIRMED, which="bor_unconfirmed"),
    "METHODS §3",
    ("bor_unconfirmed",),
    needs=needs,
)
