"""The start of the first new anticancer therapy after treatment (METHODS §0b)."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.infusions import first_infusion, infusions
from csr.derive.moments import AFTER, BEFORE
from csr.derive.periods import Period, impute_period
from csr.derive.sources import Sdtm, done, number, select_records
from csr.errors import Finding
from csr.params.parts import Records
from csr.params.protocol import Protocol


def new_anticancer_therapy(sdtm: Sdtm, t0: pd.Series, protocol: Protocol) -> pd.DataFrame:
    """Per subject the first therapy the protocol names that started on or after T0.

    USUBJID, NACTDT, NACTDTF (what was imputed), NACTDOM, NACTSEQ (the record). `t0` is TRTSDT by
    USUBJID. Partial dates take the earliest possible day; what began or ended before T0 is prior
    therapy. A re-infusion counts only where the protocol says so. Source: METHODS §0b, §10.9.
    """
    reference = first_infusion(sdtm, t0, protocol)
    found = [_starts(sdtm, records, reference) for records in protocol.new_therapy]
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


def find_undated_therapy(sdtm: Sdtm, t0: pd.Series, protocol: Protocol) -> list[Finding]:
    """Therapies of treated subjects without a start date that nothing places before T0, and those
    that end before they start."""
    reference = first_infusion(sdtm, t0, protocol)
    findings: list[Finding] = []
    for records in protocol.new_therapy:
        prefix = records.domain.upper()
        frame = _done(sdtm, records)
        period = _period(sdtm, frame, prefix, reference)
        treated = frame["USUBJID"].map(t0).notna()
        wrong = frame[treated & period.start.date.isna() & (period.begun != BEFORE)]
        finding = Finding(
            "warning",
            prefix,
            f"{prefix}STDTC",
            "new-therapy-date",
            "a new anticancer therapy without a start date: no endpoint knows of it",
            f"complete the date, or say in {prefix}STRTPT that it began before the study",
        )
        ends = replace(
            finding,
            column=f"{prefix}ENDTC",
            check="ends-before-start",
            message="a new anticancer therapy ends before it starts; its start stands",
            action="correct the source",
        )
        reversed_ = frame[period.end.date < period.start.date]
        for rows, what in ((wrong, finding), (reversed_, ends)):
            keyed = rows.assign(**{f"{prefix}SEQ": number(rows, f"{prefix}SEQ")})
            findings += find_rows(keyed, what, ("USUBJID", f"{prefix}SEQ"))
    return findings


def _done(sdtm: Sdtm, records: Records) -> pd.DataFrame:
    frame = select_records(sdtm, records)
    return frame[done(frame, records.domain.upper())]


def _period(sdtm: Sdtm, frame: pd.DataFrame, prefix: str, reference: pd.DataFrame) -> Period:
    no_limit = pd.Series(pd.NaT, index=frame.index, dtype="datetime64[ns]")
    return impute_period(sdtm, frame, prefix, reference, no_limit)


def _starts(sdtm: Sdtm, records: Records, reference: pd.DataFrame) -> pd.DataFrame:
    prefix = records.domain.upper()
    frame = _done(sdtm, records)
    period = _period(sdtm, frame, prefix, reference)
    new = period.begun == AFTER
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "NACTDT": period.start.date.where(new),
            "NACTDTF": period.start.flag.where(new, ""),
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
