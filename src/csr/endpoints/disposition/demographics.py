"""Who the subjects are: age, sex, race and the like at baseline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from csr.endpoints.populations import subject_needs, subjects_in
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
    reads_either,
)
from csr.stats.summary import describe

NAME = "demographics"
ITEMS = ("VARIABLE", "LEVEL")
CONTINUOUS = ("n", "mean", "sd", "median", "q1", "q3", "min", "max")


@dataclass(frozen=True)
class Characteristic:
    """One baseline characteristic: the ADSL variable, its kind, label and unit."""

    variable: str
    label: str
    continuous: bool = False
    unit: str = ""


CHARACTERISTICS = (
    Characteristic("AGE", "Age (years)", continuous=True, unit="years"),
    Characteristic("AGEGR1", "Age group"),
    Characteristic("SEX", "Sex"),
    Characteristic("RACE", "Race"),
    Characteristic("ETHNIC", "Ethnicity"),
    Characteristic("ECOGBL", "ECOG performance status"),
    Characteristic("HEIGHTBL", "Height (cm)", continuous=True, unit="cm"),
    Characteristic("WEIGHTBL", "Weight (kg)", continuous=True, unit="kg"),
    Characteristic("BMIBL", "Body mass index (kg/m²)", continuous=True, unit="kg/m2"),
)


def _observed(subjects: pd.DataFrame, item: Characteristic) -> pd.DataFrame:
    values = subjects[item.variable]
    if item.continuous:
        seen = subjects[values.notna()]
        return seen.assign(VARIABLE=item.variable, LEVEL="", value=seen[item.variable])
    text = values.map(lambda v: f"{v:g}" if isinstance(v, float) else str(v))
    seen = subjects[(text != "") & (text != "nan")]
    return seen.assign(VARIABLE=item.variable, LEVEL=text, value=float("nan"))


def answer(adam: Adam, params: Params) -> Output:
    """Summarises the characteristics ADSL holds; percentages are of the non-missing subjects."""
    subjects = subjects_in(adam, params, "safety")
    items = [c for c in CHARACTERISTICS if c.variable in subjects]
    observed = pd.concat([_observed(subjects, c) for c in items], ignore_index=True)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(observed, "ADSL", ["TRTA", *ITEMS, "value"]),
    )
    out = ResultList(NAME, "safety")
    _add_population(out, subjects, params)
    for item in items:
        own = observed[observed["VARIABLE"] == item.variable]
        for level in (*params.treatment.values, None):
            group = own if level is None else own[own["TRTA"] == level]
            _summarise(out, item, level, group, sorted(own["LEVEL"].unique()), params)
    return Output(rows, out.frame())


def _add_population(out: ResultList, subjects: pd.DataFrame, params: Params) -> None:
    for level in (*params.treatment.values, None):
        n = len(subjects) if level is None else int((subjects["TRTA"] == level).sum())
        groups: Groups = (("TRTA", level), ("VARIABLE", None), ("LEVEL", None))
        out.add(groups, "N", n, method="subjects in the population")


def _summarise(
    out: ResultList,
    item: Characteristic,
    level: str | None,
    group: pd.DataFrame,
    categories: list[str],
    params: Params,
) -> None:
    where: Groups = (("TRTA", level), ("VARIABLE", item.variable), ("LEVEL", None))
    if item.continuous:
        stats = describe(group["value"].to_numpy(), kind=params.conventions.quantile_type)
        for stat in CONTINUOUS:
            value, unit = getattr(stats, stat), "" if stat == "n" else item.unit
            why = "too few observations" if pd.isna(value) else ""
            out.add(where, stat, value, unit=unit, reason=why)
        return
    out.add(where, "n", len(group), method="subjects with a value")
    for category in categories:
        n = int((group["LEVEL"] == category).sum())
        here: Groups = (("TRTA", level), ("VARIABLE", item.variable), ("LEVEL", category))
        out.add(here, "n", n, method="distinct subjects")
        share = 100 * n / len(group) if len(group) else None
        why = "" if len(group) else "no subject with a value"
        out.add(here, "pct", share, unit="%", method="100·n/subjects with a value", reason=why)


def characteristic_needs(items: Iterable[Characteristic]) -> Needs:
    """Each characteristic is there where ADSL holds it."""
    return reads("adsl", **{c.variable: f"the block '{c.label}' is left out" for c in items})


def needs(params: Params) -> Needs:
    """At least one characteristic."""
    return (
        subject_needs(params, "safety")
        + characteristic_needs(CHARACTERISTICS)
        + reads_either("adsl", *([c.variable] for c in CHARACTERISTICS))
    )


DEMOGRAPHICS = Analysis(NAME, answer, source="METHODS §7", needs=needs)
