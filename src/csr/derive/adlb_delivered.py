"""A delivered ADLB, completed: one unit per test, and csr's own grades."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.findings import Derived, find_rows
from csr.derive.laboratory_grades import range_indicator, with_baseline_grades, with_grades
from csr.derive.laboratory_units import convert_units, tests_of
from csr.derive.sources import number, text
from csr.errors import Finding
from csr.params.laboratory import Laboratory

NEEDED = {"USUBJID", "PARAMCD", "AVAL"}
WORKING = ["test", "value", "unit", "low", "high", "recorded", "recorded_unit", "doubt"]


def complete_adlb(frame: pd.DataFrame, rules: Laboratory) -> Derived:
    """A delivered ADLB with csr's grades: units from AVALU or PARAM, baseline as delivered.

    Delivered grades stay as DTOXGRL and DTOXGRH. Needs PARAMCD, AVAL; limits from ANRLO and ANRHI.
    """
    results = _with_baseline(_in_one_unit(frame, rules))
    graded = with_grades(results.assign(ANRIND=range_indicator(results)))
    counts = (graded["doubt"] == "") & graded["AVAL"].notna()
    graded["ANL01FL"] = counts.map({True: "Y", False: ""})
    finding = Finding(
        "warning",
        "ADLB",
        "AVALU",
        "lab-unit",
        "the unit of a result is in doubt; the result is not graded",
        "give AVALU, or the unit in brackets at the end of PARAM",
    )
    doubtful = graded[graded["doubt"] != ""]
    found = find_rows(doubtful, finding, ("USUBJID", "PARAMCD"), "doubt")
    return Derived(with_baseline_grades(graded).drop(columns=WORKING), found)


def complete_laboratory(frame: pd.DataFrame, rules: Laboratory) -> Derived:
    """`complete_adlb`, without the columns that it could only have made up.

    Limits, the baseline and what is after it are the data's: where they are not delivered, neither
    are they in what is completed, and displays that need them are left out by name.
    """
    if not set(frame) >= NEEDED:
        return Derived(frame, [])
    done = complete_adlb(frame, rules)
    told = {name: name in frame for name in ("ANRLO", "ANRHI", "ABLFL", "ONTRTFL")}
    told["BASE"] = "BASE" in frame or told["ABLFL"]
    limits = told["ANRLO"] or told["ANRHI"]
    gone = [name for name, is_told in told.items() if not is_told]
    gone += [] if limits else ["ANRIND", "BNRIND"]
    gone += [] if told["ABLFL"] else ["BTOXGRL", "BTOXGRH"]
    return Derived(done.frame.drop(columns=gone, errors="ignore"), done.findings)


def _in_one_unit(frame: pd.DataFrame, rules: Laboratory) -> pd.DataFrame:
    delivered = {"ATOXGRL": "DTOXGRL", "ATOXGRH": "DTOXGRH"}
    own = frame.reset_index(drop=True).rename(columns=delivered)
    in_name = text(own, "PARAM").str.extract(r"\(([^()]*)\)\s*$")[0].fillna("")
    unit = text(own, "AVALU")
    specimen = text(own, "LBSPEC") + text(own, "LBCAT") + text(own, "PARCAT1")
    codes = tests_of(own["PARAMCD"], specimen, rules.tests)
    return convert_units(
        own.assign(
            test=codes,
            value=own["AVAL"],
            unit=unit.where(unit != "", in_name),
            low=number(own, "ANRLO"),
            high=number(own, "ANRHI"),
            recorded=np.nan,
            recorded_unit="",
        )
    )


def _with_baseline(results: pd.DataFrame) -> pd.DataFrame:
    """BASE in the unit of the analysis, PCHG from it, and what is after baseline."""
    factor = (results["AVAL"] / results["value"]).where(results["value"] != 0)
    base = number(results, "BASE") * factor.groupby(results["test"]).transform("median")
    baseline = text(results, "ABLFL") == "Y"
    told = "ONTRTFL" in results
    after = ~baseline & (text(results, "ONTRTFL") == "Y") if told else ~baseline
    return results.assign(
        BASE=base,
        PCHG=(100 * (results["AVAL"] - base) / base.abs()).where(base != 0),
        ABLFL=baseline.map({True: "Y", False: ""}),
        ONTRTFL=after.map({True: "Y", False: ""}),
    )
