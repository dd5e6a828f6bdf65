"""A delivered ADLB, completed: one unit per test, and csr's own grades."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.findings import Derived, find_rows
from csr.derive.laboratory_grades import (
    OF_BASELINE,
    range_indicator,
    with_baseline_grades,
    with_baseline_record,
    with_grades,
)
from csr.derive.laboratory_units import UNKNOWN, convert_units, tests_of
from csr.derive.results import read_results
from csr.derive.sources import number, text
from csr.errors import Finding
from csr.params.laboratory import Laboratory
from csr.standards.specimens import code_of

NEEDED = {"USUBJID", "PARAMCD", "AVAL"}
WORKING = [
    *("test", "code", "specimen", "suffix", "value", "unit", "low", "high", "half", "recorded"),
    *("recorded_unit", "recorded_half", "doubt", "suspect", "in_unit", "filled", "series_unit"),
    *OF_BASELINE,
]


def complete_adlb(frame: pd.DataFrame, rules: Laboratory) -> Derived:
    """A delivered ADLB with csr's grades: units from AVALU or PARAM, baseline as delivered.

    Delivered grades stay as DTOXGRL and DTOXGRH. Needs PARAMCD, AVAL; limits from ANRLO and ANRHI;
    AVALC says where AVAL is known as a bound only; ATESTCD is the test as params map PARAMCD. INR
    is graded by multiples of baseline only where params say so for all (there is no medication).
    """
    results = _with_baseline(_in_one_unit(frame, rules))
    graded = with_grades(results.assign(ANRIND=range_indicator(results)))
    counts = (graded["doubt"] == "") & graded["AVAL"].notna()
    counts &= (text(graded, "ANL01FL") == "Y") | ("ANL01FL" not in graded)
    graded["ANL01FL"] = counts.map({True: "Y", False: ""})
    found = [
        *find_rows(graded[graded["doubt"] == UNKNOWN], NO_UNIT, KEYS, "unit"),
        *find_rows(graded[~graded["doubt"].isin(["", UNKNOWN])], IN_DOUBT, KEYS, "doubt"),
        *find_rows(graded[graded["suspect"] != ""], SUSPECT, KEYS, "suspect"),
        *find_rows(graded[graded["filled"]], BLANK, KEYS, "unit"),
    ]
    return Derived(with_baseline_grades(graded).drop(columns=WORKING), found)


def complete_laboratory(frame: pd.DataFrame, rules: Laboratory) -> Derived:
    """`complete_adlb`, without the columns that it could only have made up.

    Limits, the baseline and what is after it are the data's: where they are not delivered, neither
    are they in what is completed, and displays that need them are left out by name.
    """
    if not set(frame) >= NEEDED:
        return Derived(frame, [])
    done = complete_adlb(frame, rules)
    told = {name: name in frame for name in ("ANRLO", "ANRHI", "ABLFL", "ONTRTFL", "ADT")}
    told["BASE"] = "BASE" in frame or told["ABLFL"]
    limits = told["ANRLO"] or told["ANRHI"]
    gone = [name for name, is_told in told.items() if not is_told]
    gone += [] if limits else ["ANRIND", "BNRIND"]
    gone += [] if told["ABLFL"] else ["BTOXGRL", "BTOXGRH"]
    gone += [] if told["BASE"] else ["CHG", "PCHG", "BQUAL"]
    return Derived(done.frame.drop(columns=gone, errors="ignore"), done.findings)


def _in_one_unit(frame: pd.DataFrame, rules: Laboratory) -> pd.DataFrame:
    delivered = {"ATOXGRL": "DTOXGRL", "ATOXGRH": "DTOXGRH"}
    own = frame.reset_index(drop=True).rename(columns=delivered)
    in_name = text(own, "PARAM").str.extract(r"\(([^()]*)\)\s*$")[0].fillna("")
    unit = text(own, "AVALU")
    category = text(own, "LBCAT") + " " + text(own, "PARCAT1")
    tests = tests_of(own["PARAMCD"], text(own, "LBSPEC"), category, rules.tests)
    own = _by_specimen(own, tests)
    said = read_results(text(own, "AVALC"))
    bound = said["qualifier"] != ""
    converted = convert_units(
        own.assign(
            **tests,
            value=own["AVAL"].mask(bound, said["value"]),
            AQUAL=said["qualifier"],
            unit=unit.where(unit != "", in_name),
            low=number(own, "ANRLO"),
            high=number(own, "ANRHI"),
            half=np.nan,
            recorded=np.nan,
            recorded_unit="",
            recorded_half=np.nan,
        ),
        rules.units,
    )
    always = "Y" if rules.anticoagulation == "always" else ""
    return converted.assign(
        ATESTCD=converted["code"].where(converted["specimen"] == "", ""), ANTICFL=always
    )


def _by_specimen(own: pd.DataFrame, tests: pd.DataFrame) -> pd.DataFrame:
    """A parameter that is of blood and of another specimen is one of each."""
    several = tests["specimen"].groupby(own["PARAMCD"]).transform("nunique") > 1
    apart = several & (tests["specimen"] != "")
    codes = [code_of(c, s) for c, s in zip(own["PARAMCD"], tests["suffix"], strict=True)]
    own = own.assign(PARAMCD=own["PARAMCD"].mask(apart, pd.Series(codes, index=own.index)))
    if "PARAM" in own:
        named = own["PARAM"].astype(str) + ", " + tests["specimen"].str.lower()
        own["PARAM"] = own["PARAM"].mask(apart, named)
    return own


def _with_baseline(results: pd.DataFrame) -> pd.DataFrame:
    """BASE in the unit of the analysis, the change from it, and what is after baseline.

    The limits of the baseline are those of its own record, or what BNRIND says of it.
    """
    baseline = text(results, "ABLFL") == "Y"
    told = "ONTRTFL" in results
    after = ~baseline & (text(results, "ONTRTFL") == "Y") if told else ~baseline
    flagged = results.assign(
        ABLFL=baseline.map({True: "Y", False: ""}),
        ONTRTFL=after.map({True: "Y", False: ""}),
        ADT=results.get("ADT", pd.NaT),
    )
    own = with_baseline_record(flagged)
    factor = (own["AVAL"] / own["value"]).where(own["value"] != 0)
    delivered = number(own, "BASE") * factor.groupby(own["test"]).transform("median")
    base = delivered.fillna(own["GBASE"])
    no_record = own["GBASE"].isna()
    where = text(own, "BNRIND").str.upper()
    known = no_record & where.isin(["LOW", "NORMAL", "HIGH"])
    inside = {"GBLO": ("LOW", np.inf, -np.inf), "GBHI": ("HIGH", -np.inf, np.inf)}
    for column, (beyond, out, inside_) in inside.items():
        bound = where.map(lambda w, b=beyond, o=out, i=inside_: o if w == b else i)
        own[column] = own[column].mask(known, bound.astype(float))
    exact = own["GBQUAL"] == ""
    change = (own["AVAL"] - base).where(exact & after)
    return own.assign(
        BASE=base,
        BQUAL=own["GBQUAL"],
        GBASE=own["GBASE"].fillna(base),
        CHG=change if "CHG" not in own else change.where(number(own, "CHG").notna()),
        PCHG=(100 * (own["AVAL"] - base) / base.abs()).where(exact & (base != 0)),
    )


KEYS = ("USUBJID", "PARAMCD")
ACTION = "give AVALU, or the unit in brackets at the end of PARAM"
NO_UNIT = Finding(
    "warning",
    "ADLB",
    "AVALU",
    "lab-unit",
    f"{UNKNOWN}; the result is graded by its own limits only, and in no summary",
    ACTION,
)
IN_DOUBT = Finding(
    "warning",
    "ADLB",
    "AVALU",
    "lab-unit",
    "the unit of a result is in doubt; the result is not graded",
    ACTION,
)
SUSPECT = Finding(
    "warning",
    "ADLB",
    "AVAL",
    "lab-suspect",
    "the unit of a result may be another one by the subject's other results; graded as it is",
    "confirm the result and its unit with the laboratory",
)
BLANK = Finding(
    "note",
    "ADLB",
    "AVALU",
    "unit-blank",
    "no unit; taken to be the one of all other results of the test",
    ACTION,
)
