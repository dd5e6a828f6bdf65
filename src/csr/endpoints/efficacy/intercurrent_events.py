"""What came between the first dose and progression or death: the intercurrent events of PFS."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.efficacy.time_to_event import records_of
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.params.time_to_event import PFS
from csr.results import (
    Adam,
    Analysis,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

NAME = "intercurrent-events"
THERAPY = "New anticancer therapy before progression"
REINFUSION = "Re-infusion before progression"
MISSED = "Event after two or more missed visits"
DIED = "Death without progression"
ITEMS = (THERAPY, REINFUSION, MISSED, DIED)
EVENT_TEXT = {"Two or more missed visits": MISSED, "Death": DIED}


def answer(adam: Adam, params: Params) -> Output:
    """Subjects with each intercurrent event; one subject may have several.

    New therapy (ADSL NACTDT) and re-infusion (ADEX, the second infusion) count when they started on
    or before the end of PFS under the primary strategy, or, where PFS is censored, at any time.
    Missed visits and death are what ADTTE says of PFS (EVNTDESC). New therapy or re-infusion is
    not counted, rather than counted as 0, where the data do not hold its column.
    """
    subjects = subjects_in(adam, params, "safety")
    pfs = records_of(adam, params, PFS)
    end = pfs.drop_duplicates("USUBJID").set_index("USUBJID")
    limit = end["ADT"].where(end["event"] > 0.5, pd.Timestamp.max.normalize())
    parts = [
        _before(adam["adsl"], "NACTDT", limit).assign(ITEM=THERAPY, SRCDOM="ADSL"),
        _before(_second_infusions(adam), "ASTDT", limit).assign(ITEM=REINFUSION, SRCDOM="ADEX"),
        pfs.assign(ITEM=pfs["EVNTDESC"].map(EVENT_TEXT), SRCDOM="ADTTE").dropna(subset=["ITEM"]),
    ]
    found = pd.concat([p[["USUBJID", "ITEM", "SRCDOM"]] for p in parts], ignore_index=True)
    found = found.merge(subjects[["USUBJID", "TRTA"]], on="USUBJID")
    counted = counted_rows(found, "", ["TRTA", "ITEM"]).assign(SRCDOM=found["SRCDOM"])
    rows = make_rows(population_rows(subjects, ["TRTA"]), counted)
    out = ResultList(NAME, "safety")
    known = {THERAPY: "NACTDT" in adam["adsl"], REINFUSION: "AINFN" in adam["adex"]}
    levels = [(item,) for item in ITEMS if known.get(item, True)]
    count_subjects(out, rows, "TRTA", params.treatment.values, (("ITEM",),), ("ITEM",), levels)
    return Output(rows, out.frame())


def _second_infusions(adam: Adam) -> pd.DataFrame:
    adex = adam["adex"]
    if "AINFN" not in adex:
        return adex.iloc[0:0]
    given = adex[(adex["PARAMCD"] == "DOSE") & (adex["AINFN"] > 1)]
    return given.sort_values("ASTDT", kind="stable").drop_duplicates("USUBJID")


def _before(records: pd.DataFrame, column: str, limit: pd.Series) -> pd.DataFrame:
    if column not in records:
        return records.iloc[0:0]
    dated = records[records[column].notna()]
    return dated[dated[column] <= dated["USUBJID"].map(limit)]


INTERCURRENT_EVENTS = Analysis(
    NAME, ("adsl", "adtte", "adex"), answer, "METHODS §4; ICH E9(R1)", (PFS.name,)
)
