"""Laboratory results in one unit per test, and the results whose unit is in doubt.

A unit is in doubt where the result as recorded and as standardised disagree, where no living
patient has such a value in that unit, where the reference limits are far from the study's own for
the test, or where a result is lower than the subject's others by just the factor between two units.
Such a result keeps its value, has a finding, and is neither graded nor a baseline.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csr.standards.ctcae import terms_of_test
from csr.standards.laboratory_units import TestUnits, normal_unit, read_units

MOST_RATIO = 2.5  # of a record's reference limit to the study's median limit
MISMATCH = 0.02  # relative difference allowed between the recorded and the standard result
LEAST_FACTOR = 3.0  # between two units, for a mix-up to be told from a change in the patient
FITS = (0.6, 1.67)  # of a result times that factor to the subject's other results
UNKNOWN = "unit missing or unknown"
ENZYMES = "U/L"
URINE = "URINE "
TWINS = {"CA": "CACORR"}  # graded under another code


def tests_of(codes: pd.Series, specimen: pd.Series, names: Mapping[str, str]) -> pd.Series:
    """The test of each result by the codes of CDISC; urine has tests of its own, without grades.

    `names` are params' codes that differ; `specimen` is any text that would say URINE.
    """
    known = codes.map(lambda code: names.get(code, code))
    return known.where(~specimen.str.contains("URIN", case=False, regex=False), URINE + known)


def convert_units(results: pd.DataFrame) -> pd.DataFrame:
    """Adds AVAL, AVALU, ANRLO, ANRHI in the test's unit, and `doubt` ("" where there is none).

    `results` has test, value, unit, low, high (limits in `unit`), recorded, recorded_unit (as
    reported). A test the table of units does not know keeps its own unit where it has one only.
    """
    parts = [_of_test(str(test), own) for test, own in results.groupby("test", sort=False)]
    if not parts:
        return results.assign(AVAL=np.nan, AVALU="", ANRLO=np.nan, ANRHI=np.nan, doubt="")
    return pd.concat(parts).reindex(results.index)


def _of_test(test: str, own: pd.DataFrame) -> pd.DataFrame:
    units = read_units().get(test)
    if units is None:
        return _as_it_is(own)
    factor = own["unit"].map({u: units.factor(u) for u in own["unit"].unique()}).astype(float)
    out = own.assign(
        AVAL=own["value"] * factor,
        AVALU=units.unit,
        ANRLO=own["low"] * factor,
        ANRHI=own["high"] * factor,
    )
    doubt = pd.Series("", index=own.index, dtype=object)
    for why, which in (
        (UNKNOWN, factor.isna() & own["value"].notna()),
        ("result and standardised result disagree", _mismatch(out, units)),
        ("no plausible value in this unit", _implausible(out["AVAL"], units)),
        ("reference limits of another unit", _odd_limits(out)),
        ("lower than the subject's other results by the factor of a unit", _too_low(out, units)),
    ):
        doubt = doubt.mask((doubt == "") & which, why)
    return out.assign(doubt=doubt)


def _as_it_is(own: pd.DataFrame) -> pd.DataFrame:
    seen = set(own.loc[own["value"].notna(), "unit"].map(normal_unit))
    doubt = pd.Series("units differ within the test" if len(seen) > 1 else "", index=own.index)
    return own.assign(
        AVAL=own["value"], AVALU=own["unit"], ANRLO=own["low"], ANRHI=own["high"], doubt=doubt
    )


def _mismatch(out: pd.DataFrame, units: TestUnits) -> pd.Series:
    factors = {u: units.factor(u) for u in out["recorded_unit"].unique()}
    recorded = out["recorded"] * out["recorded_unit"].map(factors).astype(float)
    far = (recorded - out["AVAL"]).abs() > MISMATCH * out["AVAL"].abs() + 1e-12
    return far & recorded.notna() & out["AVAL"].notna()


def _implausible(values: pd.Series, units: TestUnits) -> pd.Series:
    low, high = units.plausible
    return (values < low) | (values > high)


def _odd_limits(out: pd.DataFrame) -> pd.Series:
    """Limits far from the median limit of the test in the study; limits of 0 tell nothing."""
    odd = pd.Series(False, index=out.index)
    for column in ("ANRLO", "ANRHI"):
        limit = out[column].where(out[column] > 0)
        if limit.notna().any():
            ratio = limit / limit.median()
            odd |= (ratio > MOST_RATIO) | (ratio < 1 / MOST_RATIO)
    return odd


def _too_low(out: pd.DataFrame, units: TestUnits) -> pd.Series:
    """A fall by just the factor of a unit is none of the patient's; a rise may be a disease.

    Enzymes, and tests without a grade (cytokines), fall that far by themselves.
    """
    test = str(out["test"].iloc[0])
    if units.unit == ENZYMES or not terms_of_test(TWINS.get(test, test)):
        return pd.Series(False, index=out.index)
    if out["AVAL"].isna().all():
        return pd.Series(False, index=out.index)
    usual = out.groupby("USUBJID")["AVAL"].transform("median")
    seen = out.groupby("USUBJID")["AVAL"].transform("count")
    found = pd.Series(False, index=out.index)
    for factor in {f for f in units.factors.values() if f != 1}:
        rise = max(factor, 1 / factor)
        fits = (out["AVAL"] * rise / usual).between(*FITS)
        found |= fits & (rise >= LEAST_FACTOR) & (seen >= LEAST_FACTOR)
    return found & (out["AVAL"] > 0)
