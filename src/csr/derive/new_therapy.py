"""The start of the first new anticancer therapy after treatment (METHODS §0b)."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import impute_new_therapy
from csr.derive.infusions import infusions
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.params.parts import Records
from csr.params.protocol import Protocol


def new_anticancer_therapy(sdtm: Sdtm, t0: pd.Series, protocol: Protocol) -> pd.DataFrame:
    """Per subject the first therapy the protocol names that started on or after T0.

    USUBJID, NACTDT, NACTDTF (what was imputed), NACTDOM, NACTSEQ (the record). `t0` is TRTSDT by
    USUBJID. Partial dates take the earliest possible day; what can only have started before T0 is
    prior therapy. A re-infusion counts only where the protocol says so.
    """
    found = [_starts(sdtm, records, t0) for records in protocol.new_therapy]
    if protocol.reinfusion_is_new_therapy:
        found.append(_reinfusions(sdtm, protocol))
    columns = ["USUBJID", "NACTDT", "NACTDTF", "NACTDOM", "NACTSEQ"]
    if not found:
        return pd.DataFrame({c: pd.Series(dtype=object) for c in columns}).astype(
            {"NACTDT": "datetime64[ns]", "NACTSEQ": float}
        )
    starts = pd.concat(found).dropna(subset=["NACTDT"])
    first = starts.sort_values(["USUBJID", "NACTDT", "NACTDOM", "NACTSEQ"]).groupby("USUBJID")
    return first.head(1)[columns].reset_index(drop=True)


def _starts(sdtm: Sdtm, records: Records, t0: pd.Series) -> pd.DataFrame:
    prefix = records.domain.upper()
    frame = select_records(sdtm, records)
    frame = frame[done(frame, prefix)]
    start = impute_new_therapy(text(frame, f"{prefix}STDTC"), frame["USUBJID"].map(t0))
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "NACTDT": start.date,
            "NACTDTF": start.flag,
            "NACTDOM": prefix,
            "NACTSEQ": number(frame, f"{prefix}SEQ"),
        }
    )


def _reinfusions(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    again = infusions(sdtm, protocol).query("AINFN > 1")
    return pd.DataFrame(
        {
            "USUBJID": again["USUBJID"],
            "NACTDT": again["ASTDT"],
            "NACTDTF": again["ADTF"],
            "NACTDOM": "EX",
            "NACTSEQ": again["EXSEQ"],
        }
    )
