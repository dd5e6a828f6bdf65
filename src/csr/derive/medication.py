"""Medication that derivations look for: its records, and whether it was given in some time."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day, latest_day
from csr.derive.sources import Sdtm, done, select_records, text
from csr.params.parts import Records

# Corticosteroids by name, where the data do not have the class of a medication.
STEROIDS = ("DEXAMETHASONE", "METHYLPREDNISOLONE", "PREDNISOLONE", "PREDNISONE", "HYDROCORTISONE")


def select_medication(sdtm: Sdtm, records: Records | None) -> pd.DataFrame:
    """The records params name. Medication that was not coded is found by its reported name.

    A name is looked for in CMDECOD, where that is blank in CMTRT; without CMCLAS in the data the
    class of corticosteroids is told by their names.
    """
    if records is None or records.domain not in sdtm:
        return select_records(sdtm, records)
    prefix = records.domain[:2].upper()
    frame = sdtm[records.domain]
    if records.domain == "cm":
        reported = text(frame, "CMTRT").astype(str).str.upper()
        decoded = text(frame, "CMDECOD").astype(str).str.upper().str.strip()
        name = decoded.where(decoded != "", reported)
        frame = frame.assign(CMDECOD=name.map(lambda n: _known(n, records)))
        if "CMCLAS" not in frame:
            steroid = name.map(lambda n: any(s in n for s in STEROIDS))
            asked = next(iter(records.where.get("CMCLAS", ("",))))
            frame = frame.assign(CMCLAS=steroid.map({True: asked, False: ""}))
    own = select_records({records.domain: frame}, records)
    return own[done(own, prefix)]


def _known(name: str, records: Records) -> str:
    """The name asked for that is part of a name as recorded (`Paracetamol 500 mg`), else it."""
    asked = (value.upper() for value in records.where.get("CMDECOD", ()))
    return next((value for value in asked if value in name), name)


def given_during(
    frame: pd.DataFrame, records: pd.DataFrame, since: pd.Series, until: pd.Series
) -> pd.Series:
    """Per row of `frame` whether medication was given from `since` to `until`, both included.

    One without an end was given on its first day. A partial date counts with what it can mean.
    """
    prefix = "CM" if "CMSTDTC" in records else ""
    if records.empty or not prefix:
        return pd.Series(False, index=frame.index)
    start = earliest_day(text(records, "CMSTDTC"))
    end = latest_day(text(records, "CMENDTC"))
    last = end.where(end.notna(), latest_day(text(records, "CMSTDTC")))
    given = pd.DataFrame({"USUBJID": records["USUBJID"], "start": start, "last": last})
    asked = pd.DataFrame({"USUBJID": frame["USUBJID"], "since": since, "until": until})
    pairs = asked.assign(row=range(len(frame))).merge(given, on="USUBJID")
    inside = (pairs["start"] <= pairs["until"]) & (pairs["last"] >= pairs["since"])
    hit = set(pairs.loc[inside, "row"])
    return pd.Series([row in hit for row in range(len(frame))], index=frame.index, dtype=bool)
