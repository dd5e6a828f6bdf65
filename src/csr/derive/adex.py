"""ADEX: exposures by component of the treatment, and their totals.

Parameters (PARAMCD): DOSE, one row per record; per subject and component NDOSE, the number of
administrations (of infusions, for the study treatment) and TDOSE, the amount given in all; for the
study treatment PCTDOSE, the first infusion in percent of the planned dose on record, else of the
level.
"""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.amounts import with_amounts
from csr.derive.dates import infusion_day, study_day
from csr.derive.dose_units import LEAST, MOST, dose_unit, in_dose_unit, units_of
from csr.derive.findings import find_rows
from csr.derive.infusions import LYMPHODEPLETION, STUDY_TREATMENT, given, infusions
from csr.derive.sources import NOTHING, Sdtm, done, number, select_records, text
from csr.derive.units import convert, fill_blank_units
from csr.errors import Finding
from csr.params.parts import Records
from csr.params.protocol import Protocol

PARAMS = {
    "DOSE": "Dose administered",
    "NDOSE": "Number of administrations",
    "TDOSE": "Total dose",
    "PCTDOSE": "First infusion, percent of the planned dose",
}


def derive_adex(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """What each subject received, when and how much.

    PARCAT1 the component: STUDY TREATMENT, LYMPHODEPLETION or the protocol's name; AVAL in AVALU
    (the unit of EX; administrations; %). On DOSE rows EXSEQ, EXTRT, EXCAT, ASTDT, AENDT, ASTDY,
    AENDY, ADURN (days), ADTF (what was imputed in the start), ADMINS, the administrations of the
    record, AMOUNT, what they amount to in AVALU, and, for the study treatment, AINFN, the number of
    the infusion. A drug is in one unit where its units can be converted; a total over several
    units or drugs, or of which a part is not estimable, is not formed (AVAL missing).
    """
    parts = {
        name: _administrations(sdtm, name, records, protocol)
        for name, records in components(protocol).items()
    }
    _settle(sdtm, protocol, parts)
    administered = pd.concat(parts.values(), ignore_index=True)
    infused = infusions(sdtm, protocol)
    administered["AINFN"] = _infusion_number(administered, infused)
    rows = [administered.assign(PARAMCD="DOSE", AVAL=administered["EXDOSE"])]
    rows += [_counts(administered), _totals(administered), _percent_of_plan(sdtm, adsl, protocol)]
    frame = merge_core(pd.concat([r for r in rows if len(r)] or rows[:1]), adsl)
    frame = frame.drop(columns=[*_WORKING, "why"], errors="ignore")
    return _finished(frame)


_WORKING = ("EXDOSE", "EXDOSU", "EXDOSTOT", "EXDOSFRQ", "EXSTDTC", "EXENDTC")


def find_amounts(sdtm: Sdtm, protocol: Protocol) -> list[Finding]:
    """Records of which the administrations or the amount can't be told, by reason."""
    found: list[Finding] = []
    for name, records in components(protocol).items():
        own = _administrations(sdtm, name, records, protocol)
        wrong = own[(own["why"] != "") & (own["AMOUNT"].isna() | own["ADMINS"].isna())]
        for reason, rows in wrong.groupby("why", sort=True):
            finding = Finding(
                "warning",
                "EX",
                "EXDOSFRQ",
                "amount",
                f"{reason}: administrations or total dose not estimable",
                "complete the dates and EXDOSFRQ, or give EXDOSTOT",
            )
            found += find_rows(rows, finding, ("USUBJID", "EXSEQ"), "EXDOSFRQ")
    return found


def components(protocol: Protocol) -> dict[str, Records]:
    """The components of the treatment by name, the study treatment first."""
    exposure = protocol.exposure
    named = {STUDY_TREATMENT: exposure.study_treatment}
    if exposure.lymphodepletion is not None:
        named[LYMPHODEPLETION] = exposure.lymphodepletion
    return named | exposure.other


def _administrations(
    sdtm: Sdtm, component: str, records: Records, protocol: Protocol
) -> pd.DataFrame:
    """The records of a component with what they amount to, on the index of the source."""
    exposure = given(sdtm, records)
    if component == STUDY_TREATMENT:
        exposure = in_dose_unit(exposure, protocol)
    else:
        exposure = _in_one_unit(exposure)
    return with_amounts(exposure).assign(PARCAT1=component, AVALU=lambda f: f["EXDOSU"])


def _in_one_unit(exposure: pd.DataFrame) -> pd.DataFrame:
    """Each drug in its most frequent unit, as far as its units can be converted."""
    unit = fill_blank_units(exposure["EXDOSU"], exposure["EXTRT"])
    out = exposure.assign(EXDOSU=unit)
    for _, own in out.groupby("EXTRT"):
        units = units_of(own)
        if not units:
            continue
        doses, totals = (convert(own[c], own["EXDOSU"], units[0]) for c in ("EXDOSE", "EXDOSTOT"))
        done = own.index[doses.notna() | totals.notna()]
        out.loc[done, "EXDOSE"] = doses[done]
        out.loc[done, "EXDOSTOT"] = totals[done]
        out.loc[done, "EXDOSU"] = units[0]
    return out


def _settle(sdtm: Sdtm, protocol: Protocol, parts: dict[str, pd.DataFrame]) -> None:
    """The account of EX: what is of no component, and what of one was not given."""
    frame = sdtm.get("ex", NOTHING)
    account = open_account("ADEX", "EX", frame)
    asked = [select_records(sdtm, records).index for records in components(protocol).values()]
    named = frame.index.isin([row for rows in asked for row in rows])
    account.leave_out(frame.index[~named], "of no component the protocol names")
    undone = frame.index[~done(frame, "EX")]
    given_ = pd.Index([row for part in parts.values() for row in part.index])
    account.leave_out(undone.difference(given_), "not done")
    account.leave_out(frame.index[named].difference(given_), "dose 0")
    account.settle(given_)


def _infusion_number(administered: pd.DataFrame, infused: pd.DataFrame) -> pd.Series:
    number_of = infused.set_index(["USUBJID", "EXSEQ"])["AINFN"]
    keys = pd.MultiIndex.from_frame(administered[["USUBJID", "EXSEQ"]])
    found = pd.Series(number_of.reindex(keys).to_numpy(), index=administered.index)
    return found.where(administered["PARCAT1"] == STUDY_TREATMENT)


def _counts(administered: pd.DataFrame) -> pd.DataFrame:
    """Infusions where each dose was given once, else administrations; missing where one is."""
    by = administered.groupby(["USUBJID", "PARCAT1"])
    infused = by["AINFN"].nunique()
    given_once = by["ADMINS"].agg(lambda n: bool((n == 1).all())) & (infused > 0)
    administrations = by["ADMINS"].agg(lambda n: n.sum(skipna=False))
    counts = infused.astype(float).where(given_once, administrations)
    return counts.rename("AVAL").reset_index().assign(PARAMCD="NDOSE", AVALU="ADMINISTRATIONS")


def _totals(administered: pd.DataFrame) -> pd.DataFrame:
    by = administered.groupby(["USUBJID", "PARCAT1"])
    one_unit = by["EXDOSU"].nunique().eq(1)
    # Drugs of a component do not add up, whatever their units.
    drugs = by["EXTRT"].nunique()
    one_unit &= drugs.eq(1) | (drugs.index.get_level_values("PARCAT1") == STUDY_TREATMENT)
    totals = by.agg(
        AVAL=("AMOUNT", lambda amount: amount.sum(skipna=False)), AVALU=("EXDOSU", "first")
    )
    totals = totals.assign(
        AVAL=totals["AVAL"].where(one_unit), AVALU=totals["AVALU"].where(one_unit, "")
    )
    return totals.reset_index().assign(PARAMCD="TDOSE")


def _percent_of_plan(sdtm: Sdtm, adsl: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    planned = {level.label: level.planned for level in protocol.exposure.dose_levels}
    treated = adsl[adsl["TRTSDT"].notna()]
    plan = treated["TRT01P"].map(planned).fillna(treated["TRT01A"].map(planned)).astype(float)
    plan = treated["USUBJID"].map(_recorded_plan(sdtm, protocol)).fillna(plan)
    percent = treated[["USUBJID"]].assign(AVAL=100 * treated["DOSE1"] / plan)
    return percent[plan.notna()].assign(PARAMCD="PCTDOSE", PARCAT1=STUDY_TREATMENT, AVALU="%")


def _recorded_plan(sdtm: Sdtm, protocol: Protocol) -> pd.Series:
    """The planned dose on the records of the first infusion, the largest where they differ.

    It is in the unit of its record, or in that of the planned doses: whichever the dose given is
    within ten times of; of neither, there is no plan.
    """
    records = select_records(sdtm, protocol.exposure.study_treatment)
    column = protocol.exposure.planned_dose
    if column is None:
        return pd.Series(dtype=float)
    plans = pd.DataFrame({"USUBJID": records["USUBJID"], "EXSEQ": number(records, "EXSEQ")})
    plans["PLAN"] = _in_dose_unit(records, number(records, column), protocol)
    first = infusions(sdtm, protocol).query("AINFN == 1")[["USUBJID", "EXSEQ"]]
    return first.merge(plans, on=["USUBJID", "EXSEQ"]).groupby("USUBJID")["PLAN"].max()


def _in_dose_unit(records: pd.DataFrame, plan: pd.Series, protocol: Protocol) -> pd.Series:
    """Planned doses of the records in the unit of the planned doses."""
    exposure = pd.DataFrame(
        {"EXDOSE": number(records, "EXDOSE"), "EXDOSU": text(records, "EXDOSU")}
    )
    unit = dose_unit(exposure, protocol)
    if not unit:
        return plan
    kind = pd.Series("dose", index=records.index)
    written = fill_blank_units(exposure["EXDOSU"], kind)
    own, dose = convert(plan, written, unit), convert(exposure["EXDOSE"], written, unit)
    one_unit = own.isna() | (own == plan)
    fits = [(dose / p).between(LEAST, MOST) for p in (own, plan)]
    told = own.where(fits[0], plan.where(fits[1]))
    return own.fillna(plan).where(one_unit, told)


def _finished(frame: pd.DataFrame) -> pd.DataFrame:
    texts = ["EXTRT", "EXCAT", "ADTF", "AVALU"]
    frame[texts] = frame[texts].fillna("")
    frame["PARAM"] = frame["PARAMCD"].map(PARAMS)
    frame["ASTDY"] = study_day(frame["ASTDT"], frame["TRTSDT"])
    frame["AENDY"] = study_day(frame["AENDT"], frame["TRTSDT"])
    frame["ADURN"] = infusion_day(frame["AENDT"], frame["ASTDT"]) + 1
    order = frame.assign(p=frame["PARAMCD"].map(list(PARAMS).index))
    order = order.sort_values(["USUBJID", "PARCAT1", "p", "EXSEQ"], kind="stable")
    ordered = order.drop(columns="p").reset_index(drop=True)
    ordered["ASEQ"] = ordered.groupby("USUBJID").cumcount().add(1).astype(float)
    return ordered
