"""Values and changes from baseline by visit: what laboratory and vital signs share."""

from __future__ import annotations

import pandas as pd

from csr.params import Params
from csr.results import Groups, ResultList, counted_rows, make_rows, population_rows
from csr.stats.summary import describe

VALUE, CHANGE = "Value", "Change"
BOUND = "Known as a bound only"
ITEMS = ("PARAM", "AVISIT", "WHAT")
STATS = ("mean", "sd", "median", "min", "max")
# What a summary by visit reads of the records beside what says which of them count.
VISIT_COLUMNS = ("PARAM", "AVISIT", "AVISITN", "ADT", "AVAL")
CHANGES = {"CHG": "changes from baseline are left out"}


def visits_of(records: pd.DataFrame, subjects: int, percent: float) -> list[str]:
    """The planned visits with results of at least so many percent of the subjects, in order."""
    seen = records.groupby("AVISIT", sort=False).agg(
        n=("USUBJID", "nunique"), order=("AVISITN", "median")
    )
    seen = seen[(seen["n"] >= percent / 100 * max(subjects, 1)) & (seen.index != "")]
    return [str(v) for v in seen.sort_values("order", kind="stable").index]


def summarise_by_visit(
    out: ResultList,
    records: pd.DataFrame,
    subjects: pd.DataFrame,
    params: Params,
    percent: float,
    domain: str,
    key: str,
) -> pd.DataFrame:
    """Adds n, mean, SD, median, min and max of the value and of the change; returns the rows.

    `records` has one row per subject, PARAM and AVISIT (with AVISITN), AVAL, TRTA; without CHG
    there is nothing on changes. AQUAL where there is one: a value that is known to be below or
    above AVAL only counts as AVAL, and how many there are of such is a count of its own (BOUND).
    """
    kept = [
        own[own["AVISIT"].isin(visits_of(own, len(subjects), percent))]
        for _, own in records.groupby("PARAM", sort=False)
    ]
    every = pd.concat(kept or [records.iloc[:0]], ignore_index=True)
    if "AQUAL" not in every:
        every = every.assign(AQUAL="")
    parts = [every.assign(WHAT=VALUE, value=every["AVAL"])]
    if "CHG" in every:
        changes = every[every["CHG"].notna()]
        parts.append(changes.assign(WHAT=CHANGE, value=changes["CHG"]))
    bounds = parts[0][parts[0]["AQUAL"].fillna("") != ""].assign(WHAT=BOUND)
    columns = ["TRTA", *ITEMS, "AQUAL", "value"]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, domain, columns, key) for part in (*parts, bounds)),
    )
    counted = rows[rows["role"] == "counted"]
    places = {
        str(param): visits_of(own, len(subjects), percent)
        for param, own in records.groupby("PARAM", sort=False)
    }
    _sizes(out, subjects, params)
    grouped = dict(list(counted.groupby(list(ITEMS), sort=False)))
    for param, visits in places.items():
        for visit in visits:
            for what in (VALUE, CHANGE)[: len(parts)]:
                own = grouped.get((param, visit, what), counted.iloc[:0])
                _summarise(out, own, (param, visit, what), params)
            limited = grouped.get((param, visit, BOUND))
            if limited is not None:
                _count(out, limited, (param, visit, BOUND), params)
    return rows


def _count(out: ResultList, own: pd.DataFrame, items: tuple[str, str, str], params: Params) -> None:
    for level in (*params.treatment.values, None):
        here = own if level is None else own[own["TRTA"] == level]
        where: Groups = (("TRTA", level), *zip(ITEMS, items, strict=True))
        out.add(where, "n", len(here), method="subjects whose value is below or above it only")


def _sizes(out: ResultList, subjects: pd.DataFrame, params: Params) -> None:
    for level in (*params.treatment.values, None):
        own = subjects if level is None else subjects[subjects["TRTA"] == level]
        where: Groups = (("TRTA", level), *((item, None) for item in ITEMS))
        out.add(where, "N", len(own), method="subjects in the population")


def _summarise(
    out: ResultList, own: pd.DataFrame, items: tuple[str, str, str], params: Params
) -> None:
    for level in (*params.treatment.values, None):
        here = own if level is None else own[own["TRTA"] == level]
        values = here["value"]
        where: Groups = (("TRTA", level), *zip(ITEMS, items, strict=True))
        found = describe(values.to_numpy(), kind=params.conventions.quantile_type)
        out.add(where, "n", found.n, method="subjects with a value")
        for stat in STATS:
            number = getattr(found, stat)
            lacks = "no value" if not found.n else "one value has no SD"
            sign = _sign(here, stat, number)
            out.add(where, stat, number, method=sign, reason=lacks if pd.isna(number) else "")


def _sign(own: pd.DataFrame, stat: str, number: float) -> str:
    """What an extreme is known as: `known as < 0.1`, "" where it is a number."""
    if stat not in ("min", "max") or "AQUAL" not in own:
        return ""
    signs = set(own.loc[own["value"] == number, "AQUAL"].fillna(""))
    wanted = "<" if stat == "min" else ">"
    found = sorted(sign for sign in signs if sign.startswith(wanted))
    return f"known as {found[0]} {number:g}" if found else ""


def one_a_visit(records: pd.DataFrame) -> pd.DataFrame:
    """The last result of each subject, test and visit."""
    order = ["USUBJID", "PARAM", "AVISITN", "ADT"]
    ordered = records.sort_values(order, kind="stable")
    return ordered.drop_duplicates(["USUBJID", "PARAM", "AVISIT"], keep="last")
