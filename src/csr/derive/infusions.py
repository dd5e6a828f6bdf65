"""Exposure records by component, and the infusions (or doses) of the study treatment in order."""

from __future__ import annotations

import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.dose_units import in_dose_unit
from csr.derive.findings import find_rows
from csr.derive.moments import first_moments, reference_moments
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.errors import Finding
from csr.params.parts import Records
from csr.params.protocol import Protocol

STUDY_TREATMENT = "STUDY TREATMENT"
LYMPHODEPLETION = "LYMPHODEPLETION"
NEAR_DAYS = 7
TEXTS = ("EXTRT", "EXCAT", "EXDOSU", "EXDOSFRQ", "EXSTDTC", "EXENDTC")


def given(sdtm: Sdtm, records: Records | None) -> pd.DataFrame:
    """Exposures of one component that were given: not marked undone, dose not 0 unless placebo.

    One row per record with EXSEQ, EXTRT, EXCAT, EXDOSE, EXDOSU, EXDOSTOT, EXDOSFRQ, the texts
    EXSTDTC and EXENDTC, ASTDT, AENDT (a blank end is the day of the start) and ADTF, in order of
    time. Its index is that of the source.
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
            **{c: text(frame, c) for c in TEXTS},
            "EXDOSE": number(frame, "EXDOSE"),
            "EXDOSTOT": number(frame, "EXDOSTOT"),
            "ASTDT": start,
            "AENDT": end.where(end.notna(), start),
            "ADTF": imputation_flag(text(frame, "EXSTDTC")),
        }
    )
    return exposure.sort_values(["USUBJID", "EXSTDTC", "EXSEQ"], kind="stable")


def infusions(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """The doses of the study treatment, each with the number AINFN 1, 2 … of its infusion.

    A dose within `infusion_days` days of the former one belongs to the same infusion: 0, those of
    one day. EXDOSE in the unit of the planned doses, missing where it can't be told. Source:
    METHODS §10.11.
    """
    exposure = in_dose_unit(given(sdtm, protocol.exposure.study_treatment), protocol)
    dated = exposure[exposure["ASTDT"].notna()]
    dated = dated.sort_values(["USUBJID", "ASTDT", "EXSTDTC", "EXSEQ"], kind="stable")
    gap = dated.groupby("USUBJID")["ASTDT"].diff()
    begins = gap.isna() | (gap > pd.Timedelta(days=protocol.exposure.infusion_days))
    return dated.assign(AINFN=begins.groupby(dated["USUBJID"]).cumsum().astype(float))


def infusion_table(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """One row per infusion: USUBJID, AINFN, ASTDT of its first and LASTDT of its last fraction,
    DOSE, the sum of its fractions (missing where one is), and the moment of its first fraction."""
    doses = infusions(sdtm, protocol)
    by = ["USUBJID", "AINFN"]
    grouped = doses.groupby(by)
    table = pd.DataFrame(
        {
            "ASTDT": grouped["ASTDT"].min(),
            "LASTDT": grouped["ASTDT"].max(),
            "DOSE": grouped["EXDOSE"].agg(lambda doses: doses.sum(skipna=False)),
        }
    )
    return table.join(first_moments(doses.reset_index(drop=True), by)).reset_index()


def first_infusion(sdtm: Sdtm, t0: pd.Series, protocol: Protocol) -> pd.DataFrame:
    """The moment of T0 by subject: `t0` (TRTSDT), with its time of day where EX has one."""
    return reference_moments(t0, given(sdtm, protocol.exposure.study_treatment))


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


def find_near_infusions(sdtm: Sdtm, protocol: Protocol) -> list[Finding]:
    """Infusions so soon after the former one that they may be fractions of one dose."""
    doses = infusions(sdtm, protocol)
    former = doses.groupby("USUBJID")[["ASTDT", "AINFN"]].shift()
    soon = (doses["ASTDT"] - former["ASTDT"]).dt.days <= NEAR_DAYS
    finding = Finding(
        "warning",
        "EX",
        "EXSTDTC",
        "infusions-near",
        f"within {NEAR_DAYS} days of the former dose, yet an infusion of its own",
        "where it is a fraction of one dose, set protocol.exposure.infusion_days",
    )
    return find_rows(
        doses[soon & (doses["AINFN"] != former["AINFN"])],
        finding,
        ("USUBJID", "EXSEQ"),
        "EXSTDTC",
    )


def treatment_dates(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """Per treated subject: TRTSDT (T0), TRTEDT, NINF infusions, LDSTDT; of the first infusion
    DOSE1, the sum of its fractions, and INF1EDT, the day of the last; of the second INF2DT."""
    doses, table = infusions(sdtm, protocol), infusion_table(sdtm, protocol)
    by_subject = doses.groupby("USUBJID")
    first = table[table["AINFN"] == 1].set_index("USUBJID")
    dates = pd.DataFrame(
        {
            "TRTSDT": by_subject["ASTDT"].min(),
            "TRTEDT": by_subject[["ASTDT", "AENDT"]].max().max(axis=1),
            "NINF": by_subject["AINFN"].max(),
            "DOSE1": first["DOSE"],
            "INF1EDT": first["LASTDT"],
            "INF2DT": table[table["AINFN"] == 2].set_index("USUBJID")["ASTDT"],
        }
    )
    depletion = given(sdtm, protocol.exposure.lymphodepletion)
    first = depletion.groupby("USUBJID")["ASTDT"].min().rename("LDSTDT")
    return dates.join(first, how="outer").rename_axis("USUBJID").reset_index()
