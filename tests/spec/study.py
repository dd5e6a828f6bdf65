"""A small CAR-T study: the protocol and the patients the derivation specs share."""

from __future__ import annotations

import pandas as pd
from ascii_table import table

from csr.params.parts import Records
from csr.params.protocol import DoseLevel, Exposure, Protocol, TimeToEventRules

CUTOFF = pd.Timestamp("2024-12-31")


def by(domain: str, column: str, value: str) -> Records:
    return Records(domain=domain, where={column: (value,)})


EXPOSURE = Exposure(
    study_treatment=by("ex", "EXCAT", "CAR-T"),
    lymphodepletion=by("ex", "EXCAT", "LYMPHODEPLETION"),
    other={"PD-1": by("ex", "EXCAT", "PD-1")},
    apheresis=by("pr", "PRCAT", "APHERESIS"),
    dose_levels=(
        DoseLevel(label="DL1", planned=100, low=0, high=150),
        DoseLevel(label="DL2", planned=250, low=150, high=400),
    ),
)
PROTOCOL = Protocol(
    exposure=EXPOSURE,
    time_to_event=TimeToEventRules(new_therapy="censor"),
    new_therapy=(by("cm", "CMCAT", "ANTICANCER"),),
)


def with_parts(**parts: object) -> Protocol:
    """The protocol with some of its parts changed, checked again."""
    return Protocol.model_validate(PROTOCOL.model_dump() | parts)


def subjects(text: str) -> pd.DataFrame:
    """The ADSL that other derivations read; what a test does not say is missing."""
    given = table(text)
    dates = (
        "TRTSDT",
        "TRTEDT",
        "DTHDT",
        "LDSTDT",
        "APHDT",
        "NACTDT",
        "LSTALVDT",
        "TUBLDT",
        "CLPDDT",
    )
    for column in dates:
        if column not in given:
            given[column] = pd.Series(pd.NaT, index=given.index, dtype="datetime64[ns]")
    for column, value in (("TRT01P", "DL1"), ("TRT01A", "DL1"), ("TUBLFL", "Y"), ("DCSREAS", "")):
        if column not in given:
            given[column] = value
    return given


def rs(rows: str, evaluator: str = "INVESTIGATOR") -> pd.DataFrame:
    """Rows of USUBJID, RSSEQ, RSSTRESC, RSDTC; the visit is the sequence number."""
    frame = table(rows)
    return frame.assign(
        RSTESTCD="OVRLRESP", RSEVAL=evaluator, VISITNUM=frame["RSSEQ"], VISIT="", RSEVALID=""
    )
