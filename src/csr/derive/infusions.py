"""Exposure records by component, and the infusions (or doses) of the study treatment in order."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.findings import find_rows
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.errors import Finding
from csr.params.parts import Records
from csr.params.protocol import Protocol

STUDY_TREATMENT = "STUDY TREATMENT"
LYMPHODEPLETION = "LYMPHODEPLETION"


def given(sdtm: Sdtm, records: Records | None) -> pd.DataFrame:
    """Exposures of one component that were given: not marked undone, dose not 0 unless placebo.

    One row per record with EXSEQ, EXTRT, EXCAT, EXDOSE, EXDOSU, the texts EXSTDTC and EXENDTC,
    ASTDT, AENDT (a blank end is the day of the start) and ADTF, in order of time.
    """
    frame = select_records(sdtm, records)
    placebo = text(frame, "EXTRT").str.upper().str.contains("PLACEBO", regex=False)
    zero = number(frame, "EXDOSE") == 0
    frame = frame[done(frame, "EX") & (~zero | placebo)]
    start = earliest_day(text(frame, "EXSTDTC"))
    end = earliest_day(text(frame, "EXENDTC"))
    exposure = pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "EXSEQ": number(frame, "EXSEQ"),
            **{c: text(frame, c) for c in ("EXTRT", "EXCAT", "EXDOSU", "EXSTDTC", "EXENDTC")},
            "EXDOSE": number(frame, "EXDOSE"),
            "ASTDT": start,
            "AENDT": end.where(end.notna(), start),
            "ADTF": imputation_flag(text(frame, "EXSTDTC")),
        }
    )
    return exposure.sort_values(["USUBJID", "EXSTDTC", "EXSEQ"], kind="stable")


def infusions(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """The infusions (doses) of the study treatment, numbered AINFN 1, 2 … per subject by day.

    Bags given on one day are one infusion.
    """
    exposure = given(sdtm, protocol.exposure.study_treatment)
    dated = exposure[exposure["ASTDT"].notna()]
    number_of = dated.groupby("USUBJID")["ASTDT"].rank(method="dense")
    return dated.assign(AINFN=number_of.astype(float))


def find_partial_exposure(sdtm: Sdtm, protocol: Protocol) -> list[Finding]:
    """Exposures to the study treatment without a full start date."""
    exposure = given(sdtm, protocol.exposure.study_treatment)
    wrong = exposure[exposure["ASTDT"].isna() | (exposure["ADTF"] != "")]
    finding = Finding(
        "error",
        "EX",
        "EXSTDTC",
        "infusion-date",
        "study treatment without a full start date; the earliest possible day was taken, and a "
        "record without any was left out",
        "complete the date in the source: time zero of every endpoint depends on it",
    )
    return find_rows(wrong, finding, ("USUBJID", "EXSEQ"), "EXSTDTC")


def treatment_dates(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """Per treated subject: TRTSDT (T0), TRTEDT, NINF infusions, DOSE1 of the first, LDSTDT."""
    infused = infusions(sdtm, protocol)
    by_subject = infused.groupby("USUBJID")
    dates = pd.DataFrame(
        {
            "TRTSDT": by_subject["ASTDT"].min(),
            "TRTEDT": by_subject[["ASTDT", "AENDT"]].max().max(axis=1),
            "NINF": by_subject["AINFN"].max(),
            "DOSE1": infused[infused["AINFN"] == 1].groupby("USUBJID")["EXDOSE"].sum(min_count=1),
        }
    )
    depletion = given(sdtm, protocol.exposure.lymphodepletion)
    first = depletion.groupby("USUBJID")["ASTDT"].min().rename("LDSTDT")
    return dates.join(first, how="outer").rename_axis("USUBJID").reset_index()
