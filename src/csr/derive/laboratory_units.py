"""Laboratory results in one unit per series, and the results that are at odds with themselves.

A record is at odds with itself where the result as recorded and as standardised disagree, where its
limits are no test's in its unit but are in another one, or where no living patient has such a value
in its unit but has in another one. Such a result keeps its value, has a finding, and is neither
graded nor a baseline. One without a usable unit is graded by its own limits only. What only the
subject's other results speak against is a finding, and graded. Source: METHODS §10.6, §10.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from csr.derive.units import fill_blank_units
from csr.standards.ctcae import UNIT as UNKNOWN
from csr.standards.ctcae import printed_units, terms_of_test
from csr.standards.laboratory_units import TestUnits, read_units
from csr.standards.specimens import specimen_of
from csr.standards.units import ANY, Substance, conversion, find_unit, same_unit

MISMATCH = 0.02  # relative difference allowed between the recorded and the standard result
LEAST_FACTOR = 3.0  # between two units, for a mix-up to be told from a change in the patient
FITS = (0.6, 1.67)  # of a result times that factor to the subject's other results
ENZYMES = "U/L"
TWINS = {"CA": "CACORR"}  # graded under another code
DISAGREE = "result and standardised result disagree"
IMPLAUSIBLE = "no plausible value in this unit"
OTHER_LIMITS = "reference limits of another unit"
LONE_LIMIT = "the only reference limit is of another unit, and not used"
TOO_LOW = "lower than the subject's other results by the factor of a unit"


def tests_of(
    codes: pd.Series, specimen: pd.Series, category: pd.Series, names: Mapping[str, str]
) -> pd.DataFrame:
    """`code`, the test by the codes of CDISC; `specimen` and `suffix`, "" for blood; `test`, both.

    `names` are params' codes that differ. A test of another specimen than blood is a test of its
    own, without grades.
    """
    known = codes.map(lambda code: names.get(code, code))
    found = [specimen_of(str(s), str(c)) for s, c in zip(specimen, category, strict=True)]
    name = pd.Series([s.name for s in found], index=codes.index, dtype=object)
    return pd.DataFrame(
        {
            "code": known,
            "specimen": name,
            "suffix": pd.Series([s.suffix for s in found], index=codes.index, dtype=object),
            "test": (name + " " + known).str.strip(),
        }
    )


def convert_units(results: pd.DataFrame, wanted: Mapping[str, str]) -> pd.DataFrame:
    """Adds AVAL, AVALU, ANRLO, ANRHI in the series' unit, and what speaks against it.

    `results` has test, code, value, unit, low, high (limits in `unit`), half (of the last decimal
    of value), recorded, recorded_unit, recorded_half (as reported). `wanted`: units by test that
    params ask for. Adds `doubt` ("" none), `suspect` (a finding only), `in_unit` (False: AVAL is as
    reported), `filled` (a blank unit that is that of the others) and `series_unit`.
    """
    parts = [_of_test(str(test), own, wanted) for test, own in results.groupby("test", sort=False)]
    if not parts:
        nothing: dict[str, object] = {"AVAL": np.nan, "AVALU": "", "ANRLO": np.nan, "ANRHI": np.nan}
        return results.assign(
            **nothing, doubt="", suspect="", in_unit=True, filled=False, series_unit=""
        )
    return pd.concat(parts).reindex(results.index)


def _of_test(test: str, own: pd.DataFrame, wanted: Mapping[str, str]) -> pd.DataFrame:
    units = read_units().get(test)
    relative = read_units().get(str(own["code"].iloc[0]))
    substance = ANY if relative is None else relative.substance
    blank = own["unit"].str.strip() == ""
    unit = fill_blank_units(own["unit"], own["test"])
    if units is not None and units.blank:
        unit = unit.where(unit != "", units.blank)
    target = wanted.get(test) or (
        _usual(unit[own["value"].notna()]) if units is None else _target(test, units, own, unit)
    )
    factor = _factors(unit, target, substance)
    out = own.assign(
        unit=unit,
        AVAL=own["value"] * factor.fillna(1.0),
        ANRLO=own["low"] * factor.fillna(1.0),
        ANRHI=own["high"] * factor.fillna(1.0),
        AVALU=pd.Series(target, index=own.index, dtype=object).where(factor.notna(), unit),
        in_unit=factor.notna(),
        filled=blank & (unit != "") & own["value"].notna() & (target != "1"),
        series_unit=target,
    )
    return _with_doubts(out, units, factor, _factors(own["recorded_unit"], target, substance))


def _factors(unit: pd.Series, target: str, substance: Substance) -> pd.Series:
    """What turns each unit into the target; 1 for one text, NaN where nothing does."""
    known: dict[object, float] = {}
    for written in unit.unique():
        found = conversion(str(written), target, substance)
        if found is not None:
            known[written] = found.factor
        else:
            known[written] = 1.0 if same_unit(str(written), target) else np.nan
    return unit.map(known).astype(float)


def _target(test: str, units: TestUnits, own: pd.DataFrame, unit: pd.Series) -> str:
    """The unit of the analysis: the most frequent of those CTCAE prints, else the SI unit."""
    printed = printed_units(TWINS.get(test, test))
    known = {
        written: next((p for p in printed if same_unit(str(written), p)), units.unit)
        for written in unit.unique()
        if units.factor(str(written)) is not None
    }
    found = unit[own["value"].notna()].map(known).dropna()
    counts = found.value_counts()
    best = sorted(counts[counts == counts.max()].index) if len(counts) else [units.unit]
    return units.unit if units.unit in best else str(best[0])


def _usual(unit: pd.Series) -> str:
    """The most frequent unit of a test that the table does not know; one that is known first."""
    if unit.empty:
        return ""
    ways = {written: find_unit(str(written)) is not None for written in unit.unique()}
    counts = unit.value_counts()
    return str(min(counts.index, key=lambda u: (-counts[u], not ways[u], str(u))))


def _with_doubts(
    out: pd.DataFrame, units: TestUnits | None, factor: pd.Series, recorded: pd.Series
) -> pd.DataFrame:
    doubt = pd.Series("", index=out.index, dtype=object)
    reasons = [
        (UNKNOWN, ~out["in_unit"] & out["value"].notna()),
        (DISAGREE, _mismatch(out, factor, recorded)),
    ]
    suspect = pd.Series("", index=out.index, dtype=object)
    if units is not None:
        si = units.factor(str(out["series_unit"].iloc[0])) or 1.0
        fits = _other_units(out, units)
        limits = _odd_limits(out, units, si, fits)
        reasons += [
            (IMPLAUSIBLE, _implausible(out["AVAL"] * si, units, fits) & out["in_unit"]),
            (OTHER_LIMITS, limits.at_odds & out["in_unit"]),
        ]
        lone = limits.alone & out["in_unit"]
        suspect = suspect.mask(_too_low(out, units), TOO_LOW).mask(lone, LONE_LIMIT)
        out = out.assign(ANRLO=out["ANRLO"].mask(lone), ANRHI=out["ANRHI"].mask(lone))
    for why, which in reasons:
        doubt = doubt.mask((doubt == "") & which, why)
    return out.assign(doubt=doubt, suspect=suspect.where(doubt == "", ""))


def _mismatch(out: pd.DataFrame, factor: pd.Series, recorded: pd.Series) -> pd.Series:
    """Further apart than 2 % and half a unit of the last decimal of each."""
    other = out["recorded"] * recorded
    rounding = (out["half"] * factor).fillna(0.0) + (out["recorded_half"] * recorded).fillna(0.0)
    far = (other - out["AVAL"]).abs() > MISMATCH * out["AVAL"].abs() + rounding + 1e-12
    return far & other.notna() & out["AVAL"].notna() & out["in_unit"]


def _other_units(out: pd.DataFrame, units: TestUnits) -> pd.DataFrame:
    """A column per other unit of the test: what a value of the record is multiplied by in it.

    Units that differ by less than three times can't be told from two laboratories.
    """
    own = {u: units.factor(str(u)) for u in out["unit"].unique()}
    factor = out["unit"].map({u: f for u, f in own.items() if f is not None}).astype(float)
    every = {unit: other / factor for unit, other in units.others.items()}
    frame = pd.DataFrame(every, index=out.index)
    return frame.where((frame >= LEAST_FACTOR) | (frame <= 1 / LEAST_FACTOR))


def _within(values: pd.Series, bounds: tuple[float, float]) -> pd.Series:
    return (values >= bounds[0]) & (values <= bounds[1])


def _implausible(values: pd.Series, units: TestUnits, fits: pd.DataFrame) -> pd.Series:
    """No living patient's in its unit, but one in another unit of the test."""
    outside = values.notna() & ~_within(values, units.plausible)
    other = fits.apply(lambda factor: _within(values * factor, units.plausible))
    return outside & other.any(axis=1)


class OddLimits(NamedTuple):
    """Records whose limits are of another unit: at odds, or with a lone limit that is not used."""

    at_odds: pd.Series
    alone: pd.Series


def _odd_limits(out: pd.DataFrame, units: TestUnits, si: float, fits: pd.DataFrame) -> OddLimits:
    """No limit fits its unit, and all fit another one; a limit of 0 tells nothing.

    Where there is one limit only, and the value is none in that other unit, the unit of the value
    is right and the limit is not.
    """
    limits = [(out[c] * si).where(out[c] > 0) for c in ("ANRLO", "ANRHI")]
    both = limits[0].notna() & limits[1].notna()
    known = limits[0].notna() | limits[1].notna()
    outside = known
    for limit in limits:
        outside = outside & (limit.isna() | ~_within(limit, units.limits))
    value = out["AVAL"] * si
    fit, with_value = outside & False, outside & False
    for name in fits:
        factor = fits[name]
        inside = factor.notna()
        for limit in limits:
            inside = inside & (limit.isna() | _within(limit * factor, units.limits))
        fit |= inside
        with_value |= inside & (value.isna() | _within(value * factor, units.plausible))
    at_odds = outside & fit & (both | with_value)
    return OddLimits(at_odds, outside & fit & ~at_odds)


def _too_low(out: pd.DataFrame, units: TestUnits) -> pd.Series:
    """A fall by just the factor of a unit is rarely the patient's; a rise may be a disease.

    Enzymes, and tests without a grade (cytokines), fall that far by themselves.
    """
    test = str(out["test"].iloc[0])
    value = out["AVAL"].where(out["in_unit"])
    found = pd.Series(False, index=out.index)
    if units.unit == ENZYMES or not terms_of_test(TWINS.get(test, test)) or value.isna().all():
        return found
    usual = value.groupby(out["USUBJID"]).transform("median")
    seen = value.groupby(out["USUBJID"]).transform("count")
    for factor in {f for f in units.others.values() if f != 1}:
        rise = max(factor, 1 / factor)
        fits = (value * rise / usual).between(*FITS)
        found |= fits & (rise >= LEAST_FACTOR) & (seen >= LEAST_FACTOR)
    return found & (value > 0)
