"""ADMH, ADCM, ADDV: medical history, medication and deviations with their dates and periods."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day, study_day
from csr.derive.infusions import first_infusion
from csr.derive.moments import BEFORE
from csr.derive.periods import impute_period
from csr.derive.sources import Sdtm, select_records, text
from csr.params.protocol import Protocol


def derive_admh(sdtm: Sdtm, adsl: pd.DataFrame) -> pd.DataFrame:
    """What each subject had before: one row per record of MH, every column of it kept."""
    frame = merge_core(sdtm["mh"].reset_index(drop=True), adsl)
    open_account("ADMH", "MH", sdtm["mh"]).settle_by(sdtm["mh"], ("USUBJID", "MHSEQ"), frame)
    return _blank(frame)


def derive_adcm(
    sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol, cutoff: pd.Timestamp
) -> pd.DataFrame:
    """What else each subject took: one row per record of CM, every column of it kept.

    ASTDT, AENDT with ASTDTF, AENDTF, imputed as adverse events are. PREFL Y: begun before the
    first infusion. SUBSFL Y: the protocol calls it new anticancer therapy. ONTRTFL Y:
    taken at or after the first infusion (a missing end is ongoing) and not SUBSFL. Source:
    METHODS §10.9.
    """
    source = sdtm["cm"].reset_index(drop=True)
    later = set().union(
        *(
            select_records({"cm": source}, records).index
            for records in protocol.new_therapy
            if records.domain == "cm"
        )
    )
    frame = merge_core(source, adsl, ("DTHDT",))
    open_account("ADCM", "CM", source).settle_by(source, ("USUBJID", "CMSEQ"), frame)
    t0 = frame["TRTSDT"]
    limit = frame[["DTHDT"]].assign(cutoff=cutoff).min(axis=1)
    reference = first_infusion(sdtm, adsl.set_index("USUBJID")["TRTSDT"], protocol)
    start, end, begun, ended = impute_period(sdtm, frame, "CM", reference, limit)
    subsequent = pd.Series(frame.index.isin(list(later)), index=frame.index)
    # A prior therapy without an end has none that is known: only its start tells.
    over = ended == BEFORE
    prior = (begun == BEFORE) & (over | _is_prior(frame))
    taken = t0.notna() & ~prior & ~over & ~subsequent
    dated = frame.assign(
        ASTDT=start.date,
        ASTDTF=start.flag,
        ASTDY=study_day(start.date, t0),
        AENDT=end.date,
        AENDTF=end.flag,
        AENDY=study_day(end.date, t0),
        PREFL=_flag(begun == BEFORE),
        SUBSFL=_flag(subsequent),
        ONTRTFL=_flag(taken),
    )
    return _blank(dated.drop(columns="DTHDT"))


def derive_addv(sdtm: Sdtm, adsl: pd.DataFrame) -> pd.DataFrame:
    """How the protocol was not kept: one row per record of DV, all its columns kept; ADT, ADY."""
    frame = merge_core(sdtm["dv"].reset_index(drop=True), adsl)
    open_account("ADDV", "DV", sdtm["dv"]).settle_by(sdtm["dv"], ("USUBJID", "DVSEQ"), frame)
    date = earliest_day(text(frame, "DVSTDTC"))
    return _blank(frame.assign(ADT=date, ADY=study_day(date, frame["TRTSDT"])))


def _is_prior(frame: pd.DataFrame) -> pd.Series:
    return text(frame, "CMCAT").str.upper().str.startswith("PRIOR")


def _flag(which: pd.Series) -> pd.Series:
    return which.map({True: "Y", False: ""})


def _blank(frame: pd.DataFrame) -> pd.DataFrame:
    texts = frame.select_dtypes(object).columns
    return frame.assign(**{c: frame[c].fillna("") for c in texts})
