"""ADVS, ADEG and ADECOG: vital signs, ECG and performance status with baseline and change."""

from __future__ import annotations

import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.dates import find_impossible_dates
from csr.derive.findings import Derived
from csr.derive.infusions import infusion_table
from csr.derive.measured_results import measured_results, where_of
from csr.derive.measurements import (
    baseline_moment,
    find_undecided,
    last_before,
    with_baseline,
    with_infusion,
    with_study_day,
)
from csr.derive.moments import BEFORE, side_for
from csr.derive.moments import COLUMNS as MOMENT
from csr.derive.sources import NOTHING, Sdtm, done, select_records
from csr.params.measurements import MeasurementRules
from csr.params.parts import Records
from csr.params.protocol import Protocol

SERIES = ["USUBJID", "PARAMCD"]
DATASETS = {"vs": "ADVS", "eg": "ADEG", "qs": "ADECOG", "is": "ADIS"}


def derive_advs(
    sdtm: Sdtm, adsl: pd.DataFrame, rules: MeasurementRules, protocol: Protocol
) -> Derived:
    """One row per vital sign: AVAL in one unit per test, ANRIND by params' limits, baseline.

    ATESTCD the test, PARAMCD the test in a position where it was measured in several; AVALU; AQUAL
    the sign of a value that is known to be below or above AVAL only; ADT, ADTF, ADY; AVISIT,
    AVISITN; AINFN, AINFDY; ABLFL, BASE, BQUAL, CHG, PCHG, ONTRTFL (Y after baseline). A value whose
    unit is in doubt is a finding and in no summary (ANL01FL blank). Source: METHODS §5, §10.5-10.7.
    """
    found = derive_measured(sdtm, adsl, Records(domain="vs"), rules, protocol)
    frame = found.frame
    low = frame["ATESTCD"].map({c: lim.low for c, lim in rules.limits.items()}).astype(float)
    high = frame["ATESTCD"].map({c: lim.high for c, lim in rules.limits.items()}).astype(float)
    value = frame["AVAL"].where(frame["ANL01FL"] == "Y")
    where = where_of(value, frame["AQUAL"], low, high)
    return Derived(frame.assign(ANRIND=where), found.findings)


def derive_adeg(
    sdtm: Sdtm, adsl: pd.DataFrame, rules: MeasurementRules, protocol: Protocol
) -> Derived:
    """One row per ECG result, numbers as ADVS; AVALC is the overall interpretation as recorded."""
    return derive_measured(sdtm, adsl, Records(domain="eg"), rules, protocol)


def derive_adecog(
    sdtm: Sdtm, adsl: pd.DataFrame, rules: MeasurementRules, protocol: Protocol
) -> Derived:
    """One row per ECOG performance status: PARAMCD ECOG, AVAL 0 to 5."""
    found = derive_measured(sdtm, adsl, rules.ecog, rules, protocol)
    named = found.frame.assign(PARAMCD="ECOG", PARAM="ECOG performance status")
    return Derived(named, found.findings)


def derive_measured(
    sdtm: Sdtm,
    adsl: pd.DataFrame,
    records: Records,
    rules: MeasurementRules,
    protocol: Protocol,
) -> Derived:
    """The records of a findings domain as measurements; text results keep AVALC only."""
    prefix = records.domain[:2].upper()
    source = select_records(sdtm, records)
    whole = sdtm.get(records.domain, NOTHING)
    account = open_account(DATASETS.get(records.domain, "ADECOG"), prefix, whole)
    account.leave_out(whole.index.difference(source.index), "not named in the params")
    source = account.keep(source, done(source, prefix), "not done")
    read = measured_results(source, prefix)
    frame = merge_core(read.frame, adsl, ("LDSTDT",))
    frame["TRTA"] = frame["TRT01A"]
    usable = frame["doubt"] == ""
    limit = baseline_moment(sdtm, adsl, protocol, rules.baseline)
    side = side_for(frame["USUBJID"], frame, limit, "result")
    frame = _with_exact_change(with_baseline(frame, side, SERIES, usable))
    numbers = frame["AVAL"].notna() | (frame["AVALC"] != "")
    text_only = frame["AVAL"].isna() & numbers
    frame["ABLFL"] = frame["ABLFL"].mask(_last_text(frame, text_only, side), "Y")
    frame = with_infusion(with_study_day(frame), infusion_table(sdtm, protocol))
    counts = usable & numbers & frame["ADT"].notna()
    frame["ANL01FL"] = counts.map({True: "Y", False: ""})
    account.settle_by(source, ("USUBJID", f"{prefix}SEQ"), frame)
    found = [*find_impossible_dates(source, prefix, f"{prefix}DTC", ("USUBJID", f"{prefix}SEQ"))]
    undecided = find_undecided(frame.set_axis(source.index), side.set_axis(source.index), prefix)
    drop = ["doubt", "LDSTDT", *MOMENT, "said"]
    return Derived(frame.drop(columns=drop, errors="ignore"), [*found, *undecided, *read.findings])


def _with_exact_change(frame: pd.DataFrame) -> pd.DataFrame:
    """BQUAL; no change from a baseline that is known to be below or above a number only."""
    chosen = frame[(frame["ABLFL"] == "Y") & (frame["AQUAL"] != "")]
    signs = chosen.set_index(SERIES)["AQUAL"].rename("BQUAL")
    out = frame.join(signs, on=SERIES)
    out["BQUAL"] = out["BQUAL"].fillna("").astype(object)
    exact = out["BQUAL"] == ""
    return out.assign(CHG=out["CHG"].where(exact), PCHG=out["PCHG"].where(exact))


def _last_text(frame: pd.DataFrame, which: pd.Series, side: pd.Series) -> pd.Series:
    """The last text result before the baseline moment, of each series of texts."""
    chosen = last_before(frame[which & (side == BEFORE)], SERIES)
    return pd.Series(frame.index.isin(chosen.index), index=frame.index)
