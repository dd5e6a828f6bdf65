"""ADVS, ADEG and ADECOG: vital signs, ECG and performance status with baseline and change."""

from __future__ import annotations

import pandas as pd

from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day, find_impossible_dates, imputation_flag
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import infusion_table
from csr.derive.measurements import (
    baseline_moment,
    find_undecided,
    last_before,
    with_baseline,
    with_infusion,
    with_study_day,
)
from csr.derive.moments import BEFORE, moment_columns, side_for
from csr.derive.moments import COLUMNS as MOMENT
from csr.derive.sources import Sdtm, done, number, select_records, text
from csr.errors import Finding
from csr.params.measurements import MeasurementRules
from csr.params.parts import Records
from csr.params.protocol import Protocol

SERIES = ["USUBJID", "PARAMCD"]
# Fahrenheit, pounds and inches, exactly by definition: value × factor + offset in the unit.
CONVERSIONS = {
    "F": ("C", 5 / 9, -160 / 9),
    "LB": ("kg", 0.45359237, 0.0),
    "IN": ("cm", 2.54, 0.0),
    "KPA": ("mmHg", 7.50061683, 0.0),
}
# One name for the ways a unit is written.
SAME = {"BPM": "BEATS/MIN", "BREATHS PER MINUTE": "BREATHS/MIN", "MSEC": "ms", "°C": "C", "°F": "F"}


def derive_advs(
    sdtm: Sdtm, adsl: pd.DataFrame, rules: MeasurementRules, protocol: Protocol
) -> Derived:
    """One row per vital sign: AVAL in one unit per test, ANRIND by params' limits, baseline.

    AVALU; ADT, ADTF, ADY; AVISIT, AVISITN; AINFN, AINFDY; ABLFL, BASE, CHG, PCHG, ONTRTFL (Y after
    baseline). A unit that differs within a test and can't be converted is a finding, and the value
    is left out (ANL01FL blank). Source: METHODS §5.
    """
    found = derive_measured(sdtm, adsl, Records(domain="vs"), rules, protocol)
    low = found.frame["PARAMCD"].map({c: lim.low for c, lim in rules.limits.items()})
    high = found.frame["PARAMCD"].map({c: lim.high for c, lim in rules.limits.items()})
    value = found.frame["AVAL"]
    where = pd.Series("", index=value.index, dtype=object)
    where = where.mask(value.notna() & (low.notna() | high.notna()), "NORMAL")
    where = where.mask(value < low.astype(float), "LOW").mask(value > high.astype(float), "HIGH")
    return Derived(found.frame.assign(ANRIND=where), found.findings)


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
    source = source[done(source, prefix)]
    frame, findings = _results(source, prefix)
    frame = merge_core(frame, adsl, ("LDSTDT",))
    frame["TRTA"] = frame["TRT01A"]
    usable = frame["unit_known"]
    limit = baseline_moment(sdtm, adsl, protocol, rules.baseline)
    side = side_for(frame["USUBJID"], frame, limit, "result")
    frame = with_baseline(frame, side, SERIES, usable)
    numbers = frame["AVAL"].notna() | (frame["AVALC"] != "")
    text_only = frame["AVAL"].isna() & numbers
    frame["ABLFL"] = frame["ABLFL"].mask(_last_text(frame, text_only, side), "Y")
    frame = with_infusion(with_study_day(frame), infusion_table(sdtm, protocol))
    counts = usable & numbers & frame["ADT"].notna()
    frame["ANL01FL"] = counts.map({True: "Y", False: ""})
    found = [*find_impossible_dates(source, prefix, f"{prefix}DTC", ("USUBJID", f"{prefix}SEQ"))]
    undecided = find_undecided(frame.set_axis(source.index), side.set_axis(source.index), prefix)
    drop = ["unit_known", "LDSTDT", *MOMENT, "said"]
    return Derived(frame.drop(columns=drop, errors="ignore"), [*found, *undecided, *findings])


def _last_text(frame: pd.DataFrame, which: pd.Series, side: pd.Series) -> pd.Series:
    """The last text result before the baseline moment, of each series of texts."""
    chosen = last_before(frame[which & (side == BEFORE)], SERIES)
    return pd.Series(frame.index.isin(chosen.index), index=frame.index)


def _results(source: pd.DataFrame, prefix: str) -> tuple[pd.DataFrame, list[Finding]]:
    """The results in one unit per test, and those whose unit can't be converted."""
    code, dtc = text(source, f"{prefix}TESTCD"), text(source, f"{prefix}DTC")
    written = text(source, f"{prefix}STRESU").where(
        text(source, f"{prefix}STRESU") != "", text(source, f"{prefix}ORRESU")
    )
    value, unit = _converted(source, prefix, written)
    folded = unit.str.casefold()
    usual = folded.groupby(code).transform(lambda own: own.mode().iloc[0])
    known = (folded == usual) | value.isna()
    label = text(source, f"{prefix}TEST").where(text(source, f"{prefix}TEST") != "", code)
    frame = pd.DataFrame(
        {
            "USUBJID": source["USUBJID"],
            f"{prefix}SEQ": number(source, f"{prefix}SEQ"),
            "PARAMCD": code,
            "PARAM": label + unit.map(lambda u: f" ({u})" if u else ""),
            "AVAL": value.where(known),
            "AVALC": text(source, f"{prefix}STRESC"),
            "AVALU": unit,
            "ADT": earliest_day(dtc),
            "ADTF": imputation_flag(dtc),
            "AVISIT": text(source, "VISIT"),
            "AVISITN": number(source, "VISITNUM"),
            "unit_known": known,
            **moment_columns(source, prefix),
        }
    )
    finding = Finding(
        "warning",
        prefix,
        f"{prefix}STRESU",
        "unit-differs",
        "the unit is not that of the test's other results and can't be converted; left out",
        "correct the unit in the source",
    )
    shown = source[~known].assign(shown=(code + " " + written)[~known])
    return frame, find_rows(shown, finding, ("USUBJID", f"{prefix}SEQ"), "shown")


def _converted(
    source: pd.DataFrame, prefix: str, written: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """The values and their units, those of the table converted."""
    value = number(source, f"{prefix}STRESN")
    value = value.where(value.notna(), number(source, f"{prefix}ORRES"))
    plain = written.str.strip().replace(SAME)
    rules = {u: CONVERSIONS.get(u.upper(), (u, 1.0, 0.0)) for u in plain.unique()}
    factor = plain.map({u: rule[1] for u, rule in rules.items()}).astype(float)
    offset = plain.map({u: rule[2] for u, rule in rules.items()}).astype(float)
    return value * factor + offset, plain.map({u: rule[0] for u, rule in rules.items()})
