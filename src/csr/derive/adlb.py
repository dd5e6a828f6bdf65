"""ADLB: laboratory results in one unit per test, with baseline, change and CTCAE v5.0 grades."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.account import open_account
from csr.derive.adsl import merge_core
from csr.derive.anticoagulation import under_anticoagulation
from csr.derive.dates import earliest_day, find_impossible_dates, imputation_flag
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import infusion_table
from csr.derive.laboratory_grades import (
    range_indicator,
    with_baseline_grades,
    with_baseline_record,
    with_grades,
)
from csr.derive.laboratory_units import UNKNOWN, convert_units, tests_of
from csr.derive.measurements import (
    baseline_moment,
    find_undecided,
    with_baseline,
    with_infusion,
    with_study_day,
)
from csr.derive.moments import BEFORE, moment_columns, side_for
from csr.derive.moments import COLUMNS as MOMENT
from csr.derive.results import half_unit, read_results
from csr.derive.series import find_changed_attributes
from csr.derive.sources import Sdtm, done, number, text
from csr.errors import Finding
from csr.params.laboratory import Laboratory
from csr.params.protocol import Protocol
from csr.standards.laboratory_units import read_units
from csr.standards.specimens import code_of
from csr.standards.units import ANY, conversion
from csr.terms import is_one_of

KEYS = ("USUBJID", "LBSEQ")
SERIES = ["USUBJID", "PARAMCD"]
CORRECTED = "CACORR"
# Payne: 0.02 mmol/L of calcium for each g/L of albumin below 40; 0.8 mg/dL for each g/dL below 4.
PER_ALBUMIN = {"mmol/L": 0.02, "mg/dL": 0.08, "mEq/L": 0.04}
NORMAL_ALBUMIN = 40.0
NO_ALBUMIN = "no albumin of that day"
KEPT = ("LBTEST", "LBCAT", "LBORRES", "LBORRESU", "LBSPEC", "VISIT", "LBDTC")


def derive_adlb(sdtm: Sdtm, adsl: pd.DataFrame, rules: Laboratory, protocol: Protocol) -> Derived:
    """One row per laboratory result, and one of calcium corrected for albumin where both are there.

    AVAL, ANRLO, ANRHI in AVALU, one unit per test and specimen; AQUAL the sign of a result that is
    known to be below or above AVAL only; ANRIND; ADT, ADTF, ADY; AVISIT, AVISITN as recorded;
    AINFN, AINFDY; ABLFL, BASE, BQUAL, CHG, PCHG (by params' baseline), ONTRTFL Y after baseline;
    ATOXDSCL/H, ATOXGRL/H, ATOXREAL/H, ATOXMNL/H, BTOXGRL/H, BNRIND. ATESTCD is the test by the
    codes of CDISC ("" of another specimen than blood). ANL01FL Y: a dated number whose unit is not
    in doubt; the rest is in no summary. Source: METHODS §5, §10.5-10.8; NCI CTCAE v5.0.
    """
    results = convert_units(_results(sdtm, rules), rules.units)
    if rules.correct_calcium:
        results = _with_corrected_calcium(results)
    results = _parameters(results)
    frame = merge_core(results, adsl, ("DTHDT", "LDSTDT"))
    frame["TRTA"] = frame["TRT01A"]
    usable = frame["doubt"] == ""
    limit = baseline_moment(sdtm, adsl, protocol, rules.baseline)
    side = side_for(frame["USUBJID"], frame, limit, "result")
    frame = with_baseline(frame, side, SERIES, usable)
    frame = with_baseline_record(frame.assign(before=side == BEFORE))
    frame = _without_uncertain_change(frame)
    frame = with_infusion(with_study_day(frame), infusion_table(sdtm, protocol))
    frame["ANTICFL"] = under_anticoagulation(frame, sdtm, rules)
    frame = with_grades(frame.assign(ANRIND=range_indicator(frame)))
    counts = usable & frame["AVAL"].notna() & frame["ADT"].notna()
    frame["ANL01FL"] = counts.map({True: "Y", False: ""})
    frame = with_baseline_grades(frame)
    recorded = frame.assign(side=side)[frame["PARAMCD"] != CORRECTED].set_index("row")
    undecided = find_undecided(recorded, recorded["side"], "LB")
    findings = [*_findings(sdtm["lb"], frame), *undecided]
    drop = [c for c in ("DTHDT", "LDSTDT", "doubt", *_WORKING) if c in frame]
    return Derived(frame.drop(columns=drop).reset_index(drop=True), findings)


_WORKING = (
    *("test", "code", "specimen", "suffix", "value", "unit", "low", "high", "half", "row"),
    *("recorded", "recorded_unit", "recorded_half", "suspect", "in_unit", "filled", "series_unit"),
    *("GBASE", "GBQUAL", "GBLO", "GBHI", "before", *MOMENT, "said"),
)


def _without_uncertain_change(frame: pd.DataFrame) -> pd.DataFrame:
    """BQUAL; no change from a baseline that is known to be below or above a number only."""
    qualifier = frame["GBQUAL"].where(frame["doubt"] == "", "")
    exact = qualifier == ""
    return frame.assign(
        BQUAL=qualifier, CHG=frame["CHG"].where(exact), PCHG=frame["PCHG"].where(exact)
    )


def _results(sdtm: Sdtm, rules: Laboratory) -> pd.DataFrame:
    """The records of LB that count: the standardised result, else the recorded one."""
    frame = sdtm["lb"]
    account = open_account("ADLB", "LB", frame)
    frame = account.keep(frame, done(frame, "LB"), "not done")
    frame = account.keep(frame, text(frame, "LBTESTCD") != "", "no LBTESTCD")
    for column, values in rules.not_analysed.items():
        named = is_one_of(text(frame, column), values)
        frame = account.keep(frame, ~named, f"not analysed by {column} (params)")
    account.settle(frame.index)
    dtc = text(frame, "LBDTC")
    tests = tests_of(
        text(frame, "LBTESTCD"), text(frame, "LBSPEC"), text(frame, "LBCAT"), rules.tests
    )
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "LBSEQ": number(frame, "LBSEQ"),
            **{c: text(frame, c) for c in KEPT},
            **tests,
            "LBTESTCD": text(frame, "LBTESTCD"),
            "AVALC": text(frame, "LBSTRESC"),
            "ADT": earliest_day(dtc),
            "ADTF": imputation_flag(dtc),
            "AVISIT": text(frame, "VISIT"),
            "AVISITN": number(frame, "VISITNUM"),
            **_values(frame, tests),
            "row": frame.index,
            **moment_columns(frame, "LB"),
        }
    )


def _values(frame: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """value, its sign (AQUAL), unit and limits: of the standardised result, else the recorded one.

    A result below or above a number is said by LBSTRESC, or by LBORRES alone, whose number is then
    taken over in its unit.
    """
    standard = read_results(text(frame, "LBSTRESC"))
    original = read_results(text(frame, "LBORRES"))
    unit = _standard_unit(frame, original["value"])
    value = number(frame, "LBSTRESN").fillna(standard["value"])
    qualifier = standard["qualifier"]
    by_original = (qualifier == "") & (original["qualifier"] != "") & value.notna()
    taken = original["value"] * _between(text(frame, "LBORRESU"), unit, tests["code"])
    value = value.mask(by_original & taken.notna(), taken)
    qualifier = qualifier.mask(by_original, original["qualifier"])
    value = value.mask(standard["qualifier"] != "", standard["value"])
    as_recorded = value.isna() | (by_original & taken.isna())
    half = half_unit(text(frame, "LBSTRESC")).fillna(half_unit(value.map(lambda v: f"{v:.12g}")))
    plain = original["value"].where(original["qualifier"] == "")
    return pd.DataFrame(
        {
            "value": value.where(~as_recorded, original["value"]),
            "AQUAL": qualifier.where(~as_recorded, original["qualifier"]),
            "unit": unit.where(~as_recorded, text(frame, "LBORRESU")),
            "low": number(frame, "LBSTNRLO").where(~as_recorded, number(frame, "LBORNRLO")),
            "high": number(frame, "LBSTNRHI").where(~as_recorded, number(frame, "LBORNRHI")),
            "half": half.where(~as_recorded),
            "recorded": plain,
            "recorded_unit": text(frame, "LBORRESU"),
            "recorded_half": half_unit(text(frame, "LBORRES")),
        }
    )


def _standard_unit(frame: pd.DataFrame, original: pd.Series) -> pd.Series:
    """LBSTRESU; where it is blank beside the very number that was recorded, its unit."""
    unit = text(frame, "LBSTRESU")
    same = number(frame, "LBSTRESN") == original
    return unit.mask((unit.str.strip() == "") & same, text(frame, "LBORRESU"))


def _between(unit: pd.Series, to: pd.Series, code: pd.Series) -> pd.Series:
    """What turns each unit into another one of the same test; NaN where nothing does."""
    rows = pd.DataFrame({"unit": unit, "to": to, "code": code})
    known = {}
    for key in rows.drop_duplicates().itertuples(index=False):
        units = read_units().get(str(key.code))
        substance = ANY if units is None else units.substance
        found = conversion(str(key.unit), str(key.to), substance)
        same = 1.0 if key.unit == key.to else np.nan
        known[tuple(key)] = same if found is None else found.factor
    return pd.Series([known[tuple(r)] for r in rows.to_numpy()], index=unit.index, dtype=float)


def _with_corrected_calcium(results: pd.DataFrame) -> pd.DataFrame:
    """Rows of CACORR: each calcium with the subject's albumin of that day; without, no value.

    Albumin above 40 g/L corrects nothing. Days that came with a corrected calcium keep it.
    """
    calcium = results[results["test"] == "CA"]
    if calcium.empty:
        return results
    usable = (results["doubt"] == "") & (results["AQUAL"] == "")
    albumin = results[(results["test"] == "ALB") & usable & results["AVAL"].notna()]
    grams = albumin["AVAL"] * albumin["AVALU"].map(_grams_per_litre).astype(float)
    day = ["USUBJID", "ADT"]
    same_day = albumin.assign(albumin=grams).groupby(day)["albumin"].last()
    delivered = results.loc[results["test"] == CORRECTED, day].drop_duplicates()
    there = pd.MultiIndex.from_frame(calcium[day]).isin(pd.MultiIndex.from_frame(delivered))
    joined = calcium[~there].join(same_day, on=day)
    per_gram = joined["series_unit"].map(PER_ALBUMIN).astype(float)
    added = per_gram * (NORMAL_ALBUMIN - joined["albumin"]).clip(lower=0)
    lacks = added.isna() & joined["AVAL"].notna() & (joined["doubt"] == "")
    rows = joined.assign(
        AVAL=joined["AVAL"] + added,
        AVALC="",
        test=CORRECTED,
        code=CORRECTED,
        LBTEST="Calcium corrected for albumin",
        doubt=joined["doubt"].mask(lacks, NO_ALBUMIN),
        suspect="",
        filled=False,
    )
    return pd.concat([results, rows.drop(columns="albumin")], ignore_index=True)


def _grams_per_litre(unit: str) -> float:
    found = conversion(unit, "g/L", read_units()["ALB"].substance)
    return np.nan if found is None else found.factor


def _parameters(results: pd.DataFrame) -> pd.DataFrame:
    """PARAMCD and PARAM, one of each per test and specimen."""
    unit = results["series_unit"].where(~results["series_unit"].isin(["", "1"]), "")
    named = (results["LBTEST"] != "") & (results["LBTEST"] != results["LBTESTCD"])
    label = results["LBTEST"].where(named, results["code"])
    label = label.groupby(results["test"]).transform("first")
    of = results["specimen"].map(lambda name: f", {name.lower()}" if name else "")
    codes = [code_of(c, s) for c, s in zip(results["code"], results["suffix"], strict=True)]
    return results.assign(
        PARAMCD=pd.Series(codes, index=results.index, dtype=object),
        PARAM=label + of + unit.map(lambda u: f" ({u})" if u else ""),
        PARCAT1=results["LBCAT"],
        ATESTCD=results["code"].where(results["specimen"] == "", ""),
        AVALU=results["AVALU"].where(results["AVALU"] != "1", ""),
    ).drop(columns=["LBTEST", "LBCAT", "LBTESTCD"])


def _findings(source: pd.DataFrame, frame: pd.DataFrame) -> list[Finding]:
    """What is wrong with records of LB, each named once."""
    own = frame[frame["PARAMCD"] != CORRECTED].set_index("row")
    found = find_impossible_dates(source, "LB", "LBDTC", KEYS)
    shown = own.assign(shown=own["PARAMCD"] + " " + own["unit"])
    for reason, rows in shown[shown["doubt"] != ""].groupby("doubt", sort=True):
        finding = UNIT_MISSING if reason == UNKNOWN else _at_odds(str(reason))
        found += find_rows(rows, finding, KEYS, "shown")
    for reason, rows in shown[shown["suspect"] != ""].groupby("suspect", sort=True):
        finding = Finding("warning", "LB", "LBSTRESN", "lab-suspect", f"{reason}; {GRADED}", CHECK)
        found += find_rows(rows, finding, KEYS, "shown")
    no_number = own[own["value"].isna() & (own["AVALC"] != "")]
    inverted = own[own["ANRLO"] > own["ANRHI"]]
    found += find_rows(shown[shown["filled"]], UNIT_BLANK, KEYS, "shown")
    found += find_rows(no_number, NOT_A_NUMBER, KEYS, "AVALC")
    found += find_rows(inverted, LIMITS, KEYS, "PARAMCD")
    return [*found, *find_changed_attributes(source.loc[own.index], "LB", own["PARAMCD"])]


def _at_odds(reason: str) -> Finding:
    message = f"{reason}; the result is not graded and not a baseline"
    action = "correct the result or its unit in the source"
    return Finding("warning", "LB", "LBSTRESN", "lab-unit", message, action)


GRADED = "graded as it is"
CHECK = "confirm the result and its unit with the laboratory"
UNIT_MISSING = Finding(
    "warning",
    "LB",
    "LBSTRESU",
    "lab-unit",
    f"{UNKNOWN}; the result is graded by its own limits only, and in no summary",
    "correct the unit in the source, or map it (data.datasets.lb)",
)
UNIT_BLANK = Finding(
    "note",
    "LB",
    "LBSTRESU",
    "unit-blank",
    "no unit; taken to be the one of all other results of the test",
    "give the unit in the source",
)
NOT_A_NUMBER = Finding(
    "note",
    "LB",
    "LBSTRESC",
    "lab-text",
    "a result that is no number is neither summarised nor graded",
    "give a number in LBSTRESN where there is one",
)
LIMITS = Finding(
    "warning",
    "LB",
    "LBSTNRLO",
    "lab-limits",
    "the lower reference limit is above the upper one",
    "correct the limits: the grades that use them are wrong otherwise",
)
