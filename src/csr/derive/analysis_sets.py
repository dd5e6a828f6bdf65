"""Analysis sets: who is in, and for everyone who is not, why (METHODS §1).

Each set is a flag (Y or N) with its reason (--XREAS, blank for Y). The conditions of a set are
tried in order; the first one a subject fails is the reason.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.sources import Sdtm, select_records, text
from csr.derive.timepoint_responses import timepoint_responses
from csr.params.parts import Records
from csr.params.protocol import Protocol

Conditions = tuple[tuple[pd.Series, str], ...]
NOT_ENROLLED_ARMS = ("SCRNFAIL", "SCRNFL", "NOTASSGN")


def flag_sets(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """Adds ENRLFL, APHERFL, SAFFL, EFFFL and LTFUFL with their reasons of exclusion."""
    enrolled = _flag(adsl, "ENRLFL", "ENRXREAS", _enrolled(adsl, sdtm, protocol))
    apheresed = _flag(enrolled, "APHERFL", "APHXREAS", _apheresed(enrolled, protocol))
    treated = _flag(apheresed, "SAFFL", "SAFXREAS", _treated(apheresed))
    evaluable = _flag(treated, "EFFFL", "EFFXREAS", _evaluable(treated, sdtm, protocol))
    return _flag(evaluable, "LTFUFL", "LTFXREAS", _long_term(evaluable, sdtm, protocol))


def screen_failed(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> pd.Series:
    """Who failed screening: by disposition, or by an arm code that says so."""
    by_disposition = _subjects(sdtm, protocol.disposition.screen_failure)
    arm = text(adsl, "ARMCD").str.upper()
    return adsl["USUBJID"].isin(by_disposition) | arm.isin(NOT_ENROLLED_ARMS)


def _enrolled(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> Conditions:
    failed = (~screen_failed(adsl, sdtm, protocol), "screen failure")
    if protocol.disposition.enrolled is None:
        return (failed,)
    found = adsl["USUBJID"].isin(_subjects(sdtm, protocol.disposition.enrolled))
    return (failed, (found, "no enrolment recorded"))


def _apheresed(adsl: pd.DataFrame, protocol: Protocol) -> Conditions:
    planned = pd.Series(protocol.exposure.apheresis is not None, index=adsl.index)
    return (
        (planned, "no apheresis in this protocol"),
        (adsl["ENRLFL"] == "Y", "not enrolled"),
        (adsl["APHDT"].notna(), "no apheresis recorded"),
    )


def _treated(adsl: pd.DataFrame) -> Conditions:
    return (
        (adsl["TRTSDT"].notna() | (adsl["ENRLFL"] == "Y"), "not enrolled"),
        (adsl["TRTSDT"].notna(), "not treated"),
    )


def _evaluable(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> Conditions:
    return (
        (adsl["SAFFL"] == "Y", "not treated"),
        (adsl["MEASFL"] != "N", "no measurable disease at baseline"),
        (_assessed_or_early_event(adsl, sdtm, protocol), "no post-baseline assessment"),
    )


def _long_term(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> Conditions:
    planned = pd.Series(protocol.disposition.long_term is not None, index=adsl.index)
    entered = adsl["USUBJID"].isin(_subjects(sdtm, protocol.disposition.long_term))
    return (
        (planned, "no long-term follow-up in this protocol"),
        (adsl["SAFFL"] == "Y", "not treated"),
        (entered, "not entered into long-term follow-up"),
    )


def _assessed_or_early_event(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> pd.Series:
    """Someone with a scan after T0; or, by protocol, who died or progressed clinically before."""
    t0 = adsl.set_index("USUBJID")["TRTSDT"]
    scans = timepoint_responses(sdtm, adsl, protocol).frame
    scans = scans[scans["RSEVAL"] == protocol.response.evaluator]
    after = scans[scans["LASTDT"] > scans["USUBJID"].map(t0)]
    assessed = adsl["USUBJID"].isin(after["USUBJID"])
    if not protocol.baseline.early_event_is_evaluable:
        return assessed
    progressed = adsl["USUBJID"].isin(_subjects(sdtm, protocol.clinical_progression))
    return assessed | (adsl["DTHFL"] == "Y") | progressed


def _subjects(sdtm: Sdtm, records: Records | None) -> pd.Series:
    return select_records(sdtm, records)["USUBJID"]


def _flag(adsl: pd.DataFrame, flag: str, reason: str, conditions: Conditions) -> pd.DataFrame:
    why = pd.Series("", index=adsl.index, dtype=object)
    for holds, otherwise in conditions:
        why = why.mask((why == "") & ~holds, otherwise)
    return adsl.assign(**{flag: why.eq("").map({True: "Y", False: "N"}), reason: why})
