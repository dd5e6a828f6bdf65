"""The facts time-to-event endpoints are answered from, taken out of ADSL and ADRS."""

from __future__ import annotations

from typing import Any

import pandas as pd

from csr.derive.dates import earliest_day, latest_day
from csr.derive.sources import text
from csr.derive.time_to_event import Dated, Facts, Scan
from csr.params.protocol import Protocol

LEFT = ("LOST TO FOLLOW-UP", "WITHDRAWAL BY SUBJECT")


def facts_by_subject(
    adsl: pd.DataFrame, adrs: pd.DataFrame, protocol: Protocol, evaluator: str
) -> dict[str, Facts]:
    """The facts of every treated or apheresed subject, as one evaluator saw them."""
    seen = adrs[(adrs["RSEVAL"] == evaluator) & adrs["ADT"].notna()]
    scans = _scans(seen)
    confirmed = protocol.time_to_event.responders == "confirmed"
    response = "CRSP" if confirmed else "RSP"
    responses = _first(seen[(seen["PARAMCD"] == response) & (seen["AVALC"] == "Y")])
    benefits = _first(seen[(seen["PARAMCD"] == "CB") & (seen["AVALC"] == "Y")])
    undated = _undated_progressions(adrs[adrs["RSEVAL"] == evaluator], adsl)
    baseline = _baselines(adrs, adsl, evaluator)
    begun = adsl[adsl["TRTSDT"].notna() | adsl["APHDT"].notna()]
    return {
        row["USUBJID"]: Facts(
            t0=_dated(row, "TRTSDT"),
            apheresis=_dated(row, "APHDT"),
            has_baseline=baseline.get(row["USUBJID"], "") != "N",
            scans=tuple(scans.get(row["USUBJID"], ())),
            undated_progression=undated.get(row["USUBJID"]),
            response=responses.get(row["USUBJID"]),
            benefit=benefits.get(row["USUBJID"]),
            new_therapy=_dated(row, "NACTDT"),
            clinical_progression=_dated(row, "CLPDDT"),
            death=_dated(row, "DTHDT"),
            last_alive=_dated(row, "LSTALVDT"),
            left_study=row["DCSREAS"] in LEFT,
            schedule=protocol.time_to_event.schedule,
            same_day_therapy_censors=protocol.response.same_day_new_therapy == "dropped",
        )
        for row in begun.to_dict("records")
    }


def _baselines(adrs: pd.DataFrame, adsl: pd.DataFrame, evaluator: str) -> dict[str, str]:
    """By subject whether this evaluator had a baseline: TUBL of ADRS, else TUBLFL of ADSL."""
    known = adrs[adrs["PARAMCD"] == "TUBL"]
    if known.empty:
        return dict(zip(adsl["USUBJID"], adsl["TUBLFL"], strict=True))
    own = known[known["RSEVAL"] == evaluator]
    return dict(zip(own["USUBJID"], own["AVALC"], strict=True))


def _undated_progressions(adrs: pd.DataFrame, adsl: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """By subject the first day that a PD after time zero without a full date can have been."""
    rows = adrs[(adrs["PARAMCD"] == "OVR") & (adrs["AVALC"] == "PD") & adrs["ADT"].isna()]
    if rows.empty:
        return {}
    first, last = earliest_day(text(rows, "RSDTC")), latest_day(text(rows, "RSDTC"))
    t0 = rows["USUBJID"].map(adsl.set_index("USUBJID")["TRTSDT"])
    after = last.isna() | (last > t0)
    known = first.fillna(pd.Timestamp.max)[after]
    return known.groupby(rows.loc[after, "USUBJID"]).min().to_dict()


def _scans(seen: pd.DataFrame) -> dict[str, list[Scan]]:
    found: dict[str, list[Scan]] = {}
    order = ["ASMTN", "ADT", "ASEQ"] if "ASMTN" in seen else ["ADT", "ASEQ"]
    timepoints = seen[seen["PARAMCD"] == "OVR"].sort_values(order, kind="stable")
    for row in timepoints.to_dict("records"):
        scan = Scan(row["ADT"], "ADRS", "ADT", row["ASEQ"], row["AVALC"])
        found.setdefault(row["USUBJID"], []).append(scan)
    return found


def _first(rows: pd.DataFrame) -> dict[str, Dated]:
    return {
        row["USUBJID"]: Dated(row["ADT"], "ADRS", "ADT", row["ASEQ"])
        for row in rows.to_dict("records")
    }


def _dated(row: dict[Any, Any], column: str) -> Dated | None:
    return None if pd.isna(row[column]) else Dated(row[column], "ADSL", column)
