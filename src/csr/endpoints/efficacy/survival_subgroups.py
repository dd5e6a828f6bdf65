"""A time-to-event endpoint in subgroups: the rate at one landmark (METHODS §4)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.efficacy.response_subgroups import subgroup_needs, subgroups
from csr.endpoints.efficacy.time_to_event import NOBODY, analysis_of, record_needs, records_of
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.params.time_to_event import TimeToEvent
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
)
from csr.stats import survival

AT_MONTHS = 6.0
BY = ("SUBGROUP", "LEVEL")


def landmark_of(params: Params) -> float:
    """Six months where that is one of the landmarks, else the first of them."""
    months = params.conventions.landmark_months
    return AT_MONTHS if AT_MONTHS in months else months[0]


def answer(adam: Adam, params: Params, endpoint: TimeToEvent) -> Output:
    """Subjects, events and the Kaplan-Meier rate with its interval, at each level of a subgroup."""
    subjects = subjects_in(adam, params, endpoint.population)
    records = records_of(adam, params, endpoint)
    key = "ASEQ" if "ASEQ" in records else ""
    parts: list[pd.DataFrame] = []
    out = ResultList(f"{endpoint.name}-subgroups", endpoint.population)
    for variable, levels in subgroups(subjects, params).items():
        own = subjects.assign(SUBGROUP=variable, LEVEL=levels)
        seen = records.merge(own[["USUBJID", *BY]], on="USUBJID")
        parts.append(population_rows(own, BY))
        parts.append(counted_rows(seen, "ADTTE", [*BY, "value", "event"], key))
        for level in sorted(set(levels)) if variable != "Treatment" else levels.drop_duplicates():
            where: Groups = ((BY[0], variable), (BY[1], str(level)))
            _add(out, where, seen[seen["LEVEL"] == level], params)
    return Output(make_rows(*parts), out.frame())


def _add(out: ResultList, where: Groups, own: pd.DataFrame, params: Params) -> None:
    out.add(where, "n", own["USUBJID"].nunique(), method="subjects with a record")
    out.add(where, "events", float(own["event"].sum()), method="CNSR = 0")
    months, kind = landmark_of(params), params.conventions.km_interval
    at: Groups = (*where, ("LANDMARK", f"{months:g}"))
    curve = survival.kaplan_meier(own["value"], own["event"])
    found = survival.survival_at(curve, (months,), params.conventions.conf_level, kind)[0]
    beyond = found.reason in (survival.BEYOND_LAST, survival.NO_SUBJECTS)
    for stat, value in (("surv", found.surv), ("lcl", found.low), ("ucl", found.high)):
        known = not (beyond or np.isnan(value))
        why = "" if known else found.reason or survival.NO_EVENT_YET or NOBODY
        out.add(at, stat, 100 * value if known else None, unit="%", method=kind, reason=why)


def needs(params: Params, endpoint: TimeToEvent) -> Needs:
    """The records, and the subgroups."""
    return record_needs(params, endpoint) + subgroup_needs(params)


def subgroups_of(endpoint: TimeToEvent) -> Analysis:
    """An endpoint in subgroups."""
    return analysis_of(endpoint, "-subgroups", answer, needs)
