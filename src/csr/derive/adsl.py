"""ADSL: one row per subject: treatment, dates, death, end of study, baseline, analysis sets."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.analysis_sets import flag_sets, screen_failed
from csr.derive.dates import earliest_day, find_impossible_dates, study_day
from csr.derive.delivered_units import age_in_years
from csr.derive.dose_units import find_dose_units
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import (
    find_near_infusions,
    find_partial_exposure,
    first_infusion,
    given,
    treatment_dates,
)
from csr.derive.measured_results import measured_results
from csr.derive.moments import AFTER, BEFORE, moments, said_of, side_for
from csr.derive.new_therapy import find_undated_therapy, new_anticancer_therapy
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.derive.tumour_baseline import tumour_baseline
from csr.derive.vital_status import (
    death_causes,
    death_texts,
    derive_death,
    find_records_after_death,
    last_known_alive,
    last_observed,
)
from csr.errors import Finding
from csr.params.parts import Records
from csr.params.protocol import Characteristic, DoseLevel, Protocol

# The ADSL columns every other ADaM dataset carries.
CORE = (
    "STUDYID",
    "USUBJID",
    "SUBJID",
    "SITEID",
    "AGE",
    "AGEU",
    "SEX",
    "RACE",
    "TRT01P",
    "TRT01A",
    "TRTSDT",
    "TRTEDT",
    "ENRLFL",
    "APHERFL",
    "SAFFL",
    "EFFFL",
    "LTFUFL",
)


def derive_adsl(sdtm: Sdtm, protocol: Protocol, cutoff: pd.Timestamp) -> Derived:
    """Who is in the study, what they received and when, whether they live, and in which sets.

    One row per subject of DM, screen failures included; every column of DM (with SUPPDM) stays.
    Dates are --DT (datetime64), flags Y or N, DTHFL Y or blank. TRTSDT is time zero: the first
    infusion or dose of the protocol's study treatment. TRT01A is the dose level received, where
    the protocol has dose levels, else ACTARM; blank for the untreated. LSTALVDT is the last date
    known alive up to the cut-off, LALVDOM and LALVVAR where it was found; LSTOBSDT the last day the
    subject was watched for adverse events, LTFUSDT the entry into long-term follow-up. Source:
    METHODS §0b, §1, §10.19.
    """
    account = open_account("ADSL", "DM", sdtm["dm"])
    adsl = sdtm["dm"].drop(columns=["DOMAIN", "DTHDTC", "DTHFL"], errors="ignore")
    ages = age_in_years(adsl.reset_index(drop=True))
    adsl = ages.frame
    adsl = _with_treatment(adsl, sdtm, protocol)
    adsl = _with_vital_status(adsl, sdtm, cutoff)
    adsl = _merge(adsl, _end_of_study(adsl, sdtm, protocol))
    t0 = adsl.set_index("USUBJID")["TRTSDT"]
    adsl = _merge(adsl, new_anticancer_therapy(sdtm, t0, protocol))
    adsl = _merge(adsl, _clinical_progression(sdtm, protocol))
    adsl = _merge(adsl, _first_start(sdtm, protocol.disposition.long_term, "LTFUSDT"))
    adsl = _merge(adsl, tumour_baseline(sdtm, adsl, protocol))
    for column, characteristic in protocol.characteristics.items():
        # A SUPPDM that was joined to DM is no domain of its own any more: its columns are here.
        if characteristic.records.domain in sdtm or column not in adsl:
            adsl[column] = _characteristic(adsl, sdtm, characteristic, protocol)
    adsl = flag_sets(adsl, sdtm, protocol)
    account.settle_by(sdtm["dm"], ("USUBJID",), adsl)
    return Derived(_text_blank(adsl), [*ages.findings, *_findings(sdtm, protocol, adsl)])


def merge_core(
    frame: pd.DataFrame, adsl: pd.DataFrame, extra: tuple[str, ...] = ()
) -> pd.DataFrame:
    """`frame` with the core columns of ADSL (and `extra`) put first; one row per row of `frame`."""
    wanted = [c for c in (*CORE, *extra) if c in adsl]
    own = frame.drop(columns=[c for c in wanted if c in frame and c != "USUBJID"])
    return adsl[wanted].merge(own, on="USUBJID", how="right", validate="1:m")


def _with_treatment(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    adsl = _merge(adsl, treatment_dates(sdtm, protocol))
    adsl = _merge(adsl, _apheresis_dates(sdtm, protocol))
    adsl["TRTDURD"] = study_day(adsl["TRTEDT"], adsl["TRTSDT"])
    treated = adsl["TRTSDT"].notna()
    levels = protocol.exposure.dose_levels
    actual = _dose_level(adsl["DOSE1"], levels) if levels else text(adsl, "ACTARM")
    failed = screen_failed(adsl, sdtm, protocol)
    return adsl.assign(TRT01P=text(adsl, "ARM").mask(failed, ""), TRT01A=actual.where(treated, ""))


def _dose_level(dose: pd.Series, levels: tuple[DoseLevel, ...]) -> pd.Series:
    label = pd.Series("", index=dose.index, dtype=object)
    for level in levels:
        label = label.mask((dose >= level.low) & (dose < level.high), level.label)
    return label


def _apheresis_dates(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    return _first_start(sdtm, protocol.exposure.apheresis, "APHDT")


def _clinical_progression(sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    return _first_start(sdtm, protocol.clinical_progression, "CLPDDT")


def _first_start(sdtm: Sdtm, wanted: Records | None, column: str) -> pd.DataFrame:
    """Per subject the earliest --STDTC of the records a protocol names."""
    records = select_records(sdtm, wanted)
    prefix = wanted.domain.upper() if wanted else ""
    begun = records[done(records, prefix)]
    dates = begun.assign(**{column: earliest_day(text(begun, f"{prefix}STDTC"))})
    return dates.groupby("USUBJID")[column].min().reset_index()


def _with_vital_status(adsl: pd.DataFrame, sdtm: Sdtm, cutoff: pd.Timestamp) -> pd.DataFrame:
    deaths = death_texts(sdtm)
    adsl = _merge(adsl, deaths)
    adsl = _merge(adsl, last_known_alive(sdtm, deaths, cutoff))
    adsl = _merge(adsl, last_observed(sdtm, deaths, cutoff, adsl.set_index("USUBJID")["TRTSDT"]))
    adsl["DTHDTC"] = adsl["DTHDTC"].fillna("")
    adsl = adsl.join(derive_death(adsl, cutoff))
    flagged = adsl["USUBJID"].map(text(sdtm["dm"], "DTHFL").set_axis(sdtm["dm"]["USUBJID"]))
    died = (adsl["DTHDTC"] != "") | (flagged == "Y")
    adsl["DTHFL"] = died.map({True: "Y", False: ""})
    adsl["DTHADY"] = study_day(adsl["DTHDT"], adsl["TRTSDT"])
    causes = death_causes(sdtm)
    return _merge(adsl, causes[causes["USUBJID"].isin(adsl.loc[died, "USUBJID"])])


def _end_of_study(adsl: pd.DataFrame, sdtm: Sdtm, protocol: Protocol) -> pd.DataFrame:
    """EOSSTT, EOSDT, DCSREAS, DCSREASP by subject: the last record the protocol calls the end."""
    ends = select_records(sdtm, protocol.disposition.end_of_study)
    ends = ends.assign(EOSDT=earliest_day(text(ends, "DSSTDTC")), DSSEQ=number(ends, "DSSEQ"))
    last = ends.sort_values(["USUBJID", "EOSDT", "DSSEQ"], na_position="first")
    last = last.groupby("USUBJID").tail(1).set_index("USUBJID")
    decod = adsl["USUBJID"].map(text(last, "DSDECOD").str.upper()).fillna("")
    failed = screen_failed(adsl, sdtm, protocol)
    status = decod.map({"": "ONGOING", "COMPLETED": "COMPLETED"}).fillna("DISCONTINUED")
    left = (status == "DISCONTINUED") & ~failed
    return pd.DataFrame(
        {
            "USUBJID": adsl["USUBJID"],
            "EOSSTT": status.mask(failed, ""),
            "EOSDT": adsl["USUBJID"].map(last["EOSDT"]),
            "DCSREAS": decod.where(left, ""),
            "DCSREASP": adsl["USUBJID"].map(text(last, "DSTERM")).where(left, ""),
        }
    )


def _characteristic(
    adsl: pd.DataFrame, sdtm: Sdtm, wanted: Characteristic, protocol: Protocol
) -> pd.Series:
    records = select_records(sdtm, wanted.records)
    numeric = wanted.value.endswith("N")
    value = _numbers(records, wanted) if numeric else text(records, wanted.value)
    usable = value.notna() if numeric else value != ""
    first = None
    if wanted.date is not None:
        first = moments(text(records, wanted.date))["first"]
        usable &= _before_treatment(adsl, sdtm, records, wanted, protocol)
    kept = records.assign(value=value, first=first)[usable]
    last = kept.sort_values("first", kind="stable").groupby("USUBJID")["value"].last()
    found = adsl["USUBJID"].map(last)
    return found if numeric else found.fillna("")


def _numbers(records: pd.DataFrame, wanted: Characteristic) -> pd.Series:
    """Numbers of the records in the unit of their test; missing where the unit can't be told."""
    prefix = wanted.records.domain[:2].upper()
    if wanted.value != f"{prefix}STRESN" or f"{prefix}STRESU" not in records:
        return number(records, wanted.value)
    read = measured_results(records, prefix).frame
    return read["AVAL"].where((read["doubt"] == "") & (read["AQUAL"] == ""))


def _before_treatment(
    adsl: pd.DataFrame,
    sdtm: Sdtm,
    records: pd.DataFrame,
    wanted: Characteristic,
    protocol: Protocol,
) -> pd.Series:
    """Which dated records are from before the first infusion; history only need not be after it."""
    prefix, column = wanted.records.domain[:2].upper(), str(wanted.date)
    at = moments(text(records, column)).assign(said=said_of(records, prefix))
    reference = first_infusion(sdtm, adsl.set_index("USUBJID")["TRTSDT"], protocol)
    begins = column.endswith("STDTC")
    side = side_for(records["USUBJID"], at, reference, "event" if begins else "result")
    treated = records["USUBJID"].map(adsl.set_index("USUBJID")["TRTSDT"]).notna()
    return treated & at["first"].notna() & ((side == BEFORE) | (begins & (side != AFTER)))


def _merge(adsl: pd.DataFrame, more: pd.DataFrame) -> pd.DataFrame:
    return adsl.merge(more, on="USUBJID", how="left", validate="1:1")


def _text_blank(adsl: pd.DataFrame) -> pd.DataFrame:
    texts = adsl.select_dtypes(object).columns
    return adsl.assign(**{c: adsl[c].fillna("") for c in texts})


def _findings(sdtm: Sdtm, protocol: Protocol, adsl: pd.DataFrame) -> list[Finding]:
    deaths = death_texts(sdtm)
    undated = adsl[(adsl["DTHFL"] == "Y") & adsl["DTHDT"].isna()]
    elsewhere = adsl[(adsl["DTHDTC"] != "") & (adsl["DTHDOM"] != "DM")]
    no_level = adsl[(adsl["SAFFL"] == "Y") & (adsl["TRT01A"] == "")]
    key = ("USUBJID",)
    return [
        *find_partial_exposure(sdtm, protocol),
        *find_near_infusions(sdtm, protocol),
        *find_dose_units(given(sdtm, protocol.exposure.study_treatment), protocol),
        *find_undated_therapy(sdtm, adsl.set_index("USUBJID")["TRTSDT"], protocol),
        *find_records_after_death(sdtm, deaths),
        *find_impossible_dates(adsl, "DM", "DTHDTC", key),
        *find_rows(undated, UNDATED_DEATH, key, "DTHDTC"),
        *find_rows(elsewhere, DEATH_NOT_IN_DM, key, "DTHDOM"),
        *find_rows(no_level, NO_DOSE_LEVEL, key, "DOSE1"),
        *([] if any(d in sdtm for d in ("tu", "tr")) else [NO_LESIONS]),
        *(
            _no_domain(column, wanted.records.domain)
            for column, wanted in protocol.characteristics.items()
            if wanted.records.domain not in sdtm and column not in sdtm["dm"]
        ),
    ]


def _no_domain(column: str, domain: str) -> Finding:
    return Finding(
        "warning",
        "ADSL",
        column,
        "no-domain",
        f"the protocol takes it from {domain.upper()}, which was not transferred; left missing",
        "transfer the domain, or leave the characteristic out of the protocol",
    )


UNDATED_DEATH = Finding(
    "error",
    "DM",
    "DTHDTC",
    "death-date",
    "dead without a usable date of death: survival is censored at the last date known alive",
    "find the date, or at least its year",
)
DEATH_NOT_IN_DM = Finding(
    "warning",
    "DM",
    "DTHDTC",
    "death-not-in-dm",
    "a death recorded elsewhere that DM does not have; taken from there (values: the domain)",
    "complete DM",
)
NO_DOSE_LEVEL = Finding(
    "error",
    "EX",
    "EXDOSE",
    "dose-level",
    "treated with a dose of no dose level of the protocol, or without an actual arm",
    "correct the dose, or the bounds of dose_levels in the protocol",
)
NO_LESIONS = Finding(
    "warning",
    "TU",
    "",
    "no-lesions",
    "neither TU nor TR was transferred: baseline assessment and measurable disease can't be "
    "checked, and nobody is excluded for want of them",
    "transfer TU and TR",
)
