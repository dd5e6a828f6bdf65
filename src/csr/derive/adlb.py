"""ADLB: laboratory results in one unit per test, with baseline, change and CTCAE v5.0 grades."""

from __future__ import annotations

import pandas as pd

from csr.derive.adsl import merge_core
from csr.derive.dates import earliest_day, find_impossible_dates, imputation_flag
from csr.derive.findings import Derived, find_rows
from csr.derive.infusions import infusion_table
from csr.derive.laboratory_grades import range_indicator, with_baseline_grades, with_grades
from csr.derive.laboratory_units import UNKNOWN, convert_units, tests_of
from csr.derive.measurements import (
    baseline_moment,
    find_undecided,
    with_baseline,
    with_infusion,
    with_study_day,
)
from csr.derive.moments import COLUMNS as MOMENT
from csr.derive.moments import moment_columns, side_for
from csr.derive.sources import Sdtm, done, number, text
from csr.errors import Finding
from csr.params.laboratory import Laboratory
from csr.params.protocol import Protocol

KEYS = ("USUBJID", "LBSEQ")
SERIES = ["USUBJID", "PARAMCD"]
CORRECTED = "CACORR"
# Payne: 0.02 mmol/L of calcium for each g/L of albumin below 40.
PER_ALBUMIN, NORMAL_ALBUMIN = 0.02, 40.0
KEPT = ("LBTEST", "LBCAT", "LBORRES", "LBORRESU", "LBSPEC", "VISIT", "LBDTC")


def derive_adlb(sdtm: Sdtm, adsl: pd.DataFrame, rules: Laboratory, protocol: Protocol) -> Derived:
    """One row per laboratory result, and one of calcium corrected for albumin where both are there.

    AVAL, ANRLO, ANRHI in AVALU, one unit per test; ANRIND; ADT, ADTF, ADY; AVISIT, AVISITN as
    recorded; AINFN, AINFDY; ABLFL, BASE, CHG, PCHG (by params' baseline), ONTRTFL Y after baseline;
    ATOXDSCL/H, ATOXGRL/H, ATOXREAL/H, BTOXGRL/H, BNRIND. ANL01FL Y: a dated number whose unit
    is not in doubt; the rest has no grade but the reason. Source: METHODS §5; NCI CTCAE v5.0.
    """
    results = _results(sdtm, rules)
    results = convert_units(results)
    if rules.correct_calcium:
        results = _with_corrected_calcium(results)
    results = _parameters(results)
    frame = merge_core(results, adsl, ("DTHDT", "LDSTDT"))
    frame["TRTA"] = frame["TRT01A"]
    usable = frame["doubt"] == ""
    limit = baseline_moment(sdtm, adsl, protocol, rules.baseline)
    side = side_for(frame["USUBJID"], frame, limit, "result")
    frame = with_baseline(frame, side, SERIES, usable)
    frame = with_infusion(with_study_day(frame), infusion_table(sdtm, protocol))
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
    *("test", "value", "unit", "low", "high", "recorded", "recorded_unit", "row"),
    *(*MOMENT, "said"),
)


def _results(sdtm: Sdtm, rules: Laboratory) -> pd.DataFrame:
    """The records of LB that count: the standardised result, else the recorded one."""
    frame = sdtm["lb"]
    keep = done(frame, "LB") & (text(frame, "LBTESTCD") != "")
    for column, values in rules.not_analysed.items():
        keep &= ~text(frame, column).str.upper().isin([v.upper() for v in values])
    frame = frame[keep]
    standard, recorded = number(frame, "LBSTRESN"), number(frame, "LBORRES")
    as_recorded = standard.isna()
    unit = text(frame, "LBSTRESU").mask(as_recorded, text(frame, "LBORRESU"))
    dtc = text(frame, "LBDTC")
    return pd.DataFrame(
        {
            "USUBJID": frame["USUBJID"],
            "LBSEQ": number(frame, "LBSEQ"),
            **{c: text(frame, c) for c in KEPT},
            "LBTESTCD": text(frame, "LBTESTCD"),
            "test": tests_of(
                text(frame, "LBTESTCD"), text(frame, "LBSPEC") + text(frame, "LBCAT"), rules.tests
            ),
            "AVALC": text(frame, "LBSTRESC"),
            "ADT": earliest_day(dtc),
            "ADTF": imputation_flag(dtc),
            "AVISIT": text(frame, "VISIT"),
            "AVISITN": number(frame, "VISITNUM"),
            "value": standard.where(~as_recorded, recorded),
            "unit": unit,
            "low": number(frame, "LBSTNRLO").mask(as_recorded, number(frame, "LBORNRLO")),
            "high": number(frame, "LBSTNRHI").mask(as_recorded, number(frame, "LBORNRHI")),
            "recorded": recorded,
            "recorded_unit": text(frame, "LBORRESU"),
            "row": frame.index,
            **moment_columns(frame, "LB"),
        }
    )


def _with_corrected_calcium(results: pd.DataFrame) -> pd.DataFrame:
    """Rows of CACORR: each calcium with the subject's albumin of that day; without, no value."""
    calcium = results[results["test"] == "CA"]
    if calcium.empty:
        return results
    albumin = results[(results["test"] == "ALB") & (results["doubt"] == "")]
    same_day = albumin.groupby(["USUBJID", "ADT"])["AVAL"].last().rename("albumin")
    joined = calcium.join(same_day, on=["USUBJID", "ADT"])
    corrected = joined["AVAL"] + PER_ALBUMIN * (NORMAL_ALBUMIN - joined["albumin"])
    lacks = joined["albumin"].isna() & joined["AVAL"].notna() & (joined["doubt"] == "")
    rows = calcium.assign(
        AVAL=corrected,
        AVALC="",
        LBTESTCD=CORRECTED,
        test=CORRECTED,
        LBTEST="Calcium corrected for albumin",
        doubt=joined["doubt"].mask(lacks, "no albumin of that day"),
    )
    return pd.concat([results, rows], ignore_index=True)


def _parameters(results: pd.DataFrame) -> pd.DataFrame:
    unit = results["AVALU"].where(~results["AVALU"].isin(["", "1"]), "")
    label = results["LBTEST"].where(results["LBTEST"] != "", results["LBTESTCD"])
    name = label + unit.map(lambda u: f" ({u})" if u else "")
    return results.assign(PARAMCD=results["LBTESTCD"], PARAM=name, PARCAT1=results["LBCAT"]).drop(
        columns=["LBTEST", "LBCAT", "LBTESTCD"]
    )


def _findings(source: pd.DataFrame, frame: pd.DataFrame) -> list[Finding]:
    own = frame[frame["PARAMCD"] != CORRECTED].set_index("row")
    found = find_impossible_dates(source, "LB", "LBDTC", KEYS)
    for reason, rows in own[own["doubt"] != ""].groupby("doubt", sort=True):
        finding = Finding(
            "warning",
            "LB",
            "LBSTRESU" if reason == UNKNOWN else "LBSTRESN",
            "lab-unit",
            f"{reason}; the result is not graded and not a baseline",
            "correct the result or its unit in the source, or map the unit (data.datasets.lb)",
        )
        values = rows.assign(shown=rows["PARAMCD"] + " " + rows["unit"])
        found += find_rows(values, finding, KEYS, "shown")
    no_number = own[own["value"].isna() & (own["AVALC"] != "")]
    not_a_number = Finding(
        "note",
        "LB",
        "LBSTRESC",
        "lab-text",
        "a result that is no number is neither summarised nor graded",
        "give a number in LBSTRESN where there is one",
    )
    inverted = own[own["ANRLO"] > own["ANRHI"]]
    limits = Finding(
        "warning",
        "LB",
        "LBSTNRLO",
        "lab-limits",
        "the lower reference limit is above the upper one",
        "correct the limits: the grades that use them are wrong otherwise",
    )
    found += find_rows(no_number, not_a_number, KEYS, "AVALC")
    return [*found, *find_rows(inverted, limits, KEYS, "PARAMCD")]
