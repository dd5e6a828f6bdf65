"""Each subject's course since the first dose: what happened, and when."""

from __future__ import annotations

import pandas as pd

from csr.derive.sources import seen_by
from csr.endpoints.populations import subject_needs, subjects_in
from csr.params import Params
from csr.params.time_to_event import OS
from csr.results import (
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
    reads_if_there,
)

NAME = "swimmer"
FOLLOWED, INFUSION, THERAPY, DEATH, ONGOING = (
    "Follow-up",
    "Infusion",
    "New therapy",
    "Death",
    "Ongoing",
)
RESPONSES = ("CR", "PR", "PD")
STUDY_TREATMENT = "STUDY TREATMENT"


def answer(adam: Adam, params: Params) -> Output:
    """The months from the first dose to the end of follow-up and to each event of a subject.

    KIND: follow-up (overall survival's time), the first CR, PR and PD of the main evaluator,
    infusions after the first, new therapy, death, and ongoing (alive and still on study).
    """
    subjects = subjects_in(adam, params, "safety")
    events = _events(adam, params, subjects)
    counted = counted_rows(events, "", ["TRTA", "KIND", "value"])
    counted[["SUBJECT", "SRCDOM"]] = events[["USUBJID", "SRCDOM"]]
    counted["MONTH"] = events["value"].map(repr)
    rows = make_rows(population_rows(subjects, ["TRTA"]), counted)
    out = ResultList(NAME, "safety")
    for level in (*params.treatment.values, None):
        own = subjects if level is None else subjects[subjects["TRTA"] == level]
        out.add((("TRTA", level),), "N", len(own), method="subjects in the population")
    keys = ["TRTA", "SUBJECT", "KIND", "MONTH"]
    for levels, group in rows[rows["role"] == "counted"].groupby(keys, sort=False):
        where = tuple(zip(keys, levels, strict=True))
        out.add(where, "mean", group["value"].iloc[0], unit="months", method="from first dose")
    return Output(rows, out.frame())


def _events(adam: Adam, params: Params, subjects: pd.DataFrame) -> pd.DataFrame:
    survival = _survival(adam, params, subjects)
    dated = [
        *_responses(adam, params),
        _dated(adam["adsl"], "NACTDT", THERAPY, "ADSL"),
        *_infusions(adam),
    ]
    started = subjects.set_index("USUBJID")["TRTSDT"]
    happened = pd.concat(dated, ignore_index=True)
    days = (happened["when"] - happened["USUBJID"].map(started)).dt.days
    happened["value"] = days / params.conventions.days_per_month
    known = happened[happened["value"] >= 0]
    both = pd.concat([survival, known], ignore_index=True)
    return both.merge(subjects[["USUBJID", "TRTA"]], on="USUBJID").drop_duplicates(
        ["USUBJID", "KIND", "value"]
    )


def _survival(adam: Adam, params: Params, subjects: pd.DataFrame) -> pd.DataFrame:
    chosen = params.endpoints.of(OS.name)
    adtte = adam["adtte"]
    os = adtte[adtte["PARAMCD"] == (chosen.paramcd if chosen else "")].copy()
    months = chosen is not None and chosen.unit == "months"
    os["value"] = os["AVAL"] if months else os["AVAL"] / params.conventions.days_per_month
    os["SRCDOM"] = "ADTTE"
    dead = os["CNSR"] < 0.5
    ongoing = subjects.iloc[:0]["USUBJID"]
    if "EOSSTT" in subjects:
        ongoing = subjects.loc[subjects["EOSSTT"] == "ONGOING", "USUBJID"]
    parts = [
        os.assign(KIND=FOLLOWED),
        os[dead].assign(KIND=DEATH),
        os[~dead & os["USUBJID"].isin(ongoing)].assign(KIND=ONGOING),
    ]
    return pd.concat(parts, ignore_index=True)[["USUBJID", "KIND", "value", "SRCDOM"]]


def _responses(adam: Adam, params: Params) -> list[pd.DataFrame]:
    adrs = adam["adrs"]
    seen = adrs[adrs["PARAMCD"] == "OVR"]
    if params.endpoints.bor is not None:
        seen = seen[seen_by(seen, params.endpoints.bor.evaluator)]
    started = seen["USUBJID"].map(adam["adsl"].set_index("USUBJID")["TRTSDT"])
    after = seen[seen["ADT"] > started].sort_values("ADT", kind="stable")
    return [
        _dated(after[after["AVALC"] == r].drop_duplicates("USUBJID"), "ADT", r, "ADRS")
        for r in RESPONSES
    ]


def _infusions(adam: Adam) -> list[pd.DataFrame]:
    if "adex" not in adam:
        return []
    adex = adam["adex"]
    given = adex[(adex["PARAMCD"] == "DOSE") & (adex["AINFN"] > 1)]
    return [_dated(given.drop_duplicates(["USUBJID", "AINFN"]), "ASTDT", INFUSION, "ADEX")]


def _dated(frame: pd.DataFrame, column: str, kind: str, domain: str) -> pd.DataFrame:
    when = frame[column] if column in frame else pd.Series(pd.NaT, index=frame.index)
    rows = pd.DataFrame({"USUBJID": frame["USUBJID"], "when": when})
    return rows.dropna(subset=["when"]).assign(KIND=kind, SRCDOM=domain)


def needs(params: Params) -> Needs:
    """Times and responses; what else is marked can be done without."""
    marks = {"EOSSTT": "who is ongoing", "NACTDT": "new anticancer therapy"}
    without = {column: f"{what} is not marked" for column, what in marks.items()}
    again = "further infusions are not marked"
    return (
        subject_needs(params, "safety")
        + reads("adsl", "TRTSDT", **without)
        + reads("adrs", "USUBJID", "PARAMCD", "AVALC", "RSEVAL", "ADT")
        + reads("adtte", "USUBJID", "PARAMCD", "AVAL", "CNSR")
        + reads_if_there("adex", again, "USUBJID", "PARAMCD", "AINFN", "ASTDT")
    )


SWIMMER = Analysis(NAME, answer, "METHODS §3", ("os",), needs=needs)
