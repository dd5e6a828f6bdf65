"""Which SDTM records count: those a protocol names, done, and accepted for their evaluator."""

from __future__ import annotations

import pandas as pd

from csr.errors import DataError
from csr.params.parts import Records
from csr.terms import is_one_of

Sdtm = dict[str, pd.DataFrame]
INVESTIGATOR = "INVESTIGATOR"
NOTHING = pd.DataFrame({"USUBJID": pd.Series(dtype=object)})


def select_records(sdtm: Sdtm, records: Records | None) -> pd.DataFrame:
    """The records a protocol names; none where it names none or the domain was not transferred.

    Raises DataError where the domain is there but a column the protocol names is not.
    """
    if records is None or records.domain not in sdtm:
        return pd.DataFrame({"USUBJID": pd.Series(dtype=object)})
    frame = sdtm[records.domain]
    keep = pd.Series(True, index=frame.index)
    for name, values in records.where.items():
        if name not in frame:
            raise DataError(
                f"{records.domain.upper()}.{name}: the protocol selects records by it, but the "
                "data do not have it; correct the protocol's params or map the column"
            )
        keep &= is_one_of(frame[name], values)
    return frame[keep]


def text(frame: pd.DataFrame, column: str) -> pd.Series:
    """A text column, blank throughout where the data do not have it."""
    if column not in frame:
        return pd.Series("", index=frame.index, dtype=object)
    return frame[column].fillna("")


def number(frame: pd.DataFrame, column: str) -> pd.Series:
    """A numeric column, missing throughout where the data do not have it."""
    if column not in frame:
        return pd.Series(float("nan"), index=frame.index)
    return pd.to_numeric(frame[column], errors="coerce").astype(float)


def done(frame: pd.DataFrame, prefix: str) -> pd.Series:
    """Which records report something that happened: not NOT DONE, and did occur."""
    not_done = text(frame, f"{prefix}STAT").str.upper() == "NOT DONE"
    return ~not_done & (text(frame, f"{prefix}OCCUR").str.upper() != "N")


def evaluator(frame: pd.DataFrame, prefix: str) -> pd.Series:
    """Who evaluated (--EVAL), in upper case; blank means the investigator."""
    return _named(text(frame, f"{prefix}EVAL")).replace("", INVESTIGATOR)


def seen_by(records: pd.DataFrame, who: str, column: str = "RSEVAL") -> pd.Series:
    """Which records of one parameter of ADaM are an evaluator's; case does not matter.

    Blank is the investigator, or whoever is asked for where no record names anyone.
    """
    said = _named(text(records, column))
    wanted = who.strip().upper()
    if wanted == INVESTIGATOR or not (said != "").any():
        return said.isin([wanted, ""])
    return said == wanted


def _named(who: pd.Series) -> pd.Series:
    return who.astype(object).str.strip().str.upper().fillna("")


def accepted(frame: pd.DataFrame, prefix: str) -> pd.Series:
    """Which records stand for their evaluator: with several readers, those with --ACPTFL = Y.

    Readers are those of one evaluator and subject. Where one read and nothing is flagged, the
    records stand as recorded; where several did and nothing is flagged, none does.
    """
    reader, flag = text(frame, f"{prefix}EVALID"), text(frame, f"{prefix}ACPTFL")
    own = [frame["USUBJID"], evaluator(frame, prefix)]
    several = reader.groupby(own).transform("nunique") > 1
    flagged = flag.eq("Y").groupby(own).transform("any").astype(bool)
    return (flag == "Y") | ~(several | flagged | (flag == "N"))
