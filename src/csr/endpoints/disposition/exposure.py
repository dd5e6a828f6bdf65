"""What subjects received: the infusions of the study treatment, and every other component."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import (
    POPULATION,
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)
from csr.stats.summary import describe

STUDY_TREATMENT = "STUDY TREATMENT"
ITEMS = ("PART", "MEASURE")
PERCENT_OF_PLAN = "First infusion, percent of plan"
RECEIVED, INFUSIONS = "Received", "Infusions "
STATS = ("n", "mean", "sd", "median", "min", "max")
TOO_FEW = "too few observations"


def answer_study_treatment(adam: Adam, params: Params) -> Output:
    """Doses of the study treatment: number of infusions, cells of the first and of all, % of plan.

    PART the measure with its unit; MEASURE `Infusions 1`, … counts subjects by how many they had.
    """
    subjects = subjects_in(adam, params, "safety")
    given = with_group(adam["adex"], subjects)
    given = given[given["PARCAT1"] == STUDY_TREATMENT]
    first = given[(given["PARAMCD"] == "DOSE") & (given["AINFN"] == 1)]
    parts = first.groupby(["USUBJID", "TRTA"])
    doses = parts.agg(AVAL=("AVAL", lambda d: d.sum(skipna=False)), AVALU=("AVALU", "first"))
    doses = doses[parts["AVALU"].nunique().eq(1)].reset_index()
    numbers = given[given["PARAMCD"] == "NDOSE"]
    known = numbers[numbers["AVAL"].notna()]
    counted = known.assign(MEASURE=INFUSIONS + known["AVAL"].map("{:g}".format).astype(object))
    measures = [
        doses.assign(PART="First infusion", MEASURE=doses["AVALU"]),
        _measured(given[given["PARAMCD"] == "PCTDOSE"], PERCENT_OF_PLAN),
        _measured(given[given["PARAMCD"] == "TDOSE"], "All infusions together"),
    ]
    counts = [numbers.assign(MEASURE=RECEIVED), counted]
    parts = [c.assign(PART="") for c in counts]
    return answer_measures("exposure-cart", subjects, parts, measures, params)


def answer_other(adam: Adam, params: Params) -> Output:
    """Every other component: who received it, administrations and total dose of each drug.

    PART is the component and the drug, MEASURE the unit; a total is per subject and drug.
    """
    subjects = subjects_in(adam, params, "safety")
    given = with_group(adam["adex"], subjects)
    other = given[(given["PARCAT1"] != STUDY_TREATMENT) & (given["PARAMCD"] == "DOSE")]
    drugs = other.assign(PART=other["PARCAT1"] + ": " + other["EXTRT"])
    counts = [other.assign(PART=other["PARCAT1"], MEASURE=RECEIVED), drugs.assign(MEASURE=RECEIVED)]
    by = ["USUBJID", "TRTA", "PART"]
    numbers, totals = _given(drugs, by)
    measures = [numbers.assign(MEASURE="administrations"), totals.assign(MEASURE=totals["AVALU"])]
    return answer_measures("exposure-other", subjects, counts, measures, params)


def _given(drugs: pd.DataFrame, by: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Administrations and amounts of each subject and drug; missing where a part is not estimable.

    Records without ADMINS and AMOUNT (of a delivered ADEX) are one administration each. A total is
    of one unit.
    """
    told = {"ADMINS", "AMOUNT"} <= set(drugs)
    own = drugs if told else drugs.assign(ADMINS=1.0, AMOUNT=drugs["AVAL"])
    grouped = own.groupby(by)
    whole = {
        name: grouped[name].agg(lambda part: part.sum(skipna=False))
        for name in ("ADMINS", "AMOUNT")
    }
    one_unit = grouped["AVALU"].nunique().eq(1)
    totals = pd.DataFrame(
        {"AVAL": whole["AMOUNT"].where(one_unit), "AVALU": grouped["AVALU"].first()}
    )
    return whole["ADMINS"].rename("AVAL").reset_index(), totals.reset_index()


def _measured(records: pd.DataFrame, part: str) -> pd.DataFrame:
    return records.assign(PART=part, MEASURE=records["AVALU"])


def answer_measures(
    name: str,
    subjects: pd.DataFrame,
    counts: Sequence[pd.DataFrame],
    measures: Sequence[pd.DataFrame],
    params: Params,
    population: str = "safety",
    domain: str = "ADEX",
) -> Output:
    """Subjects counted by PART and MEASURE, and moments of AVAL of each measure, by group.

    `counts` and `measures` hold USUBJID, TRTA, PART, MEASURE, the latter AVAL, one row per subject.
    """
    seen = pd.concat([m for m in measures if len(m)] or [measures[0]], ignore_index=True)
    seen = seen[seen["AVAL"].notna()].assign(value=lambda frame: frame["AVAL"].astype(float))
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, domain, ["TRTA", *ITEMS]) for part in counts),
        counted_rows(seen, domain, ["TRTA", *ITEMS, "value"]),
    )
    out = ResultList(name, population)
    pairs = {pair for c in counts for pair in zip(c["PART"], c["MEASURE"], strict=True)}
    asked = sorted(pairs, key=lambda pair: (pair[0], pair[1] != RECEIVED, pair[1]))
    groups = params.treatment.values
    if asked:
        count_subjects(out, rows, "TRTA", groups, [ITEMS], ITEMS, asked)
    else:
        _add_sizes(out, rows, params)
    for (part, measure), own in seen.groupby(list(ITEMS), sort=False):
        for level in (*groups, None):
            group = own if level is None else own[own["TRTA"] == level]
            where: Groups = (("TRTA", level), ("PART", str(part)), ("MEASURE", str(measure)))
            _describe(out, where, group["value"], str(measure), params)
    return Output(rows, out.frame())


def _describe(out: ResultList, where: Groups, values: pd.Series, unit: str, params: Params) -> None:
    found = describe(values.to_numpy(), kind=params.conventions.quantile_type)
    for stat in STATS:
        value = getattr(found, stat)
        why = TOO_FEW if pd.isna(value) else ""
        out.add(where, stat, value, unit="" if stat == "n" else unit, reason=why)


def _add_sizes(out: ResultList, rows: pd.DataFrame, params: Params) -> None:
    population = rows[rows["role"] == POPULATION]
    for level in (*params.treatment.values, None):
        n = len(population) if level is None else int((population["TRTA"] == level).sum())
        where: Groups = (("TRTA", level), ("PART", None), ("MEASURE", None))
        out.add(where, "N", n, method="subjects in the population")


ONE_EACH = "every record counts as one administration of its dose"
DOSES = reads("adex", "USUBJID", "PARAMCD", "PARCAT1", "AVAL", "AVALU")


def needs_study_treatment(params: Params) -> Needs:
    """Doses in their units, and of which infusion they are."""
    return subject_needs(params, "safety") + DOSES + reads("adex", "AINFN")


def needs_other(params: Params) -> Needs:
    """Doses in their units, and of which drug they are."""
    return (
        subject_needs(params, "safety")
        + DOSES
        + reads("adex", "EXTRT", ADMINS=ONE_EACH, AMOUNT=ONE_EACH)
    )


EXPOSURE_CART = Analysis(
    "exposure-cart",
    answer_study_treatment,
    source="METHODS §7",
    needs=needs_study_treatment,
)
EXPOSURE_OTHER = Analysis("exposure-other", answer_other, source="METHODS §7", needs=needs_other)
