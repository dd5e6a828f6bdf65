"""What came between the first dose and progression or death: the intercurrent events of PFS."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.efficacy.time_to_event import record_needs, records_of
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.params.time_to_event import PFS
from csr.results import (
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
)

NAME = "intercurrent-events"
THERAPY = "New anticancer therapy before progression"
REINFUSION = "Re-infusion before progression"
MISSED = "Event after two or more missed visits"
DIED = "Death without progression"
ITEMS = (THERAPY, REINFUSION, MISSED, DIED)
INFUSED = {"AINFN", "ASTDT"}
EVENT_TEXT = {"two or more missed visits": MISSED, "death": DIED}


def answer(adam: Adam, params: Params) -> Output:
    """Subjects with each intercurrent event; one subject may have several.

    New therapy (ADSL NACTDT) and re-infusion (ADEX, the second infusion) count when they started on
    or before the end of PFS under the primary strategy, or, where PFS is censored, at any time.
    Missed visits and death are what ADTTE says of PFS (EVNTDESC). What the data can't tell is not
    counted, rather than counted as 0.
    """
    subjects = subjects_in(adam, params, "safety")
    pfs = records_of(adam, params, PFS)
    said = pfs.get("EVNTDESC", pd.Series("", index=pfs.index)).str.strip().str.lower()
    parts = [
        _before(adam["adsl"], "NACTDT", pfs).assign(ITEM=THERAPY, SRCDOM="ADSL"),
        _before(_second_infusions(adam), "ASTDT", pfs).assign(ITEM=REINFUSION, SRCDOM="ADEX"),
        pfs.assign(ITEM=said.map(EVENT_TEXT), SRCDOM="ADTTE").dropna(subset=["ITEM"]),
    ]
    found = pd.concat([p[["USUBJID", "ITEM", "SRCDOM"]] for p in parts], ignore_index=True)
    found = found.merge(subjects[["USUBJID", "TRTA"]], on="USUBJID")
    counted = counted_rows(found, "", ["TRTA", "ITEM"]).assign(SRCDOM=found["SRCDOM"])
    rows = make_rows(population_rows(subjects, ["TRTA"]), counted)
    out = ResultList(NAME, "safety")
    levels = [(item,) for item in ITEMS if _is_known(item, adam, params, pfs, said)]
    if levels:
        count_subjects(out, rows, "TRTA", params.treatment.values, (("ITEM",),), ("ITEM",), levels)
    return Output(rows, out.frame())


def _is_known(item: str, adam: Adam, params: Params, pfs: pd.DataFrame, said: pd.Series) -> bool:
    """Whether the data can tell of an event: its columns are there, and ADTTE says it so.

    A delivered ADTTE has words of its own; one that never says an event is not read as none.
    """
    if item == THERAPY:
        return "NACTDT" in adam["adsl"] and "ADT" in pfs
    if item == REINFUSION:
        return set(adam["adex"]) >= INFUSED and "ADT" in pfs
    derived = params.protocol is not None and "EVNTDESC" in pfs
    return derived or bool((said.map(EVENT_TEXT) == item).any())


def _second_infusions(adam: Adam) -> pd.DataFrame:
    adex = adam["adex"]
    if not set(adex) >= INFUSED:
        return adex.iloc[0:0]
    given = adex[(adex["PARAMCD"] == "DOSE") & (adex["AINFN"] > 1)]
    return given.sort_values("ASTDT", kind="stable").drop_duplicates("USUBJID")


def _before(records: pd.DataFrame, column: str, pfs: pd.DataFrame) -> pd.DataFrame:
    """The records dated on or before the end of PFS, at any time where that is censored."""
    if column not in records or "ADT" not in pfs:
        return records.iloc[0:0]
    end = pfs.drop_duplicates("USUBJID").set_index("USUBJID")
    limit = end["ADT"].where(end["event"] > 0.5, pd.Timestamp.max.normalize())
    dated = records[records[column].notna()]
    return dated[dated[column] <= dated["USUBJID"].map(limit)]


def needs(params: Params) -> Needs:
    """The records of PFS, new therapy and infusions."""
    therapy, again = f"the line '{THERAPY}' is left out", f"the line '{REINFUSION}' is left out"
    said = reads(
        "adtte",
        "USUBJID",
        ADT=f"the lines '{THERAPY}' and '{REINFUSION}' are left out",
        EVNTDESC=f"the lines '{MISSED}' and '{DIED}' are left out",
    )
    infusions = reads("adex", "USUBJID", "PARAMCD", AINFN=again, ASTDT=again)
    return record_needs(params, PFS) + said + reads("adsl", "USUBJID", NACTDT=therapy) + infusions


INTERCURRENT_EVENTS = Analysis(NAME, answer, "METHODS §4; ICH E9(R1)", (PFS.name,), needs=needs)
