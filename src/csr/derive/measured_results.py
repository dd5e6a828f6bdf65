"""Results of VS, EG and QS: in one unit per test, in series by position, with their signs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from csr.derive.dates import earliest_day, imputation_flag
from csr.derive.findings import find_rows
from csr.derive.moments import moment_columns
from csr.derive.results import half_unit, read_results
from csr.derive.series import find_changed_attributes
from csr.derive.sources import number, text
from csr.derive.units import convert, fill_blank_units
from csr.errors import Finding
from csr.standards.ctcae import Interval
from csr.standards.measurement_units import MeasuredIn, read_measured
from csr.standards.specimens import code_of
from csr.standards.units import conversion, find_unit, same_unit

MISMATCH = 0.02  # relative difference allowed between the recorded and the standard result
UNKNOWN = "the unit is missing or unknown, or can't be turned into that of the test"
DISAGREE = "result and standardised result disagree"
IMPLAUSIBLE = "no plausible value in this unit, but one in another unit of the test"


class Measured(NamedTuple):
    """The results, on the index of their records, and what was found wrong with them."""

    frame: pd.DataFrame
    findings: list[Finding]


def measured_results(source: pd.DataFrame, prefix: str) -> Measured:
    """USUBJID, --SEQ, PARAMCD, PARAM, ATESTCD, AVAL, AQUAL, AVALC, AVALU, visit, moment, `doubt`.

    A test with several positions has a parameter for each (METHODS §10.5). A value whose unit is
    in doubt stays as it is, with the reason in `doubt`.
    """
    code = text(source, f"{prefix}TESTCD")
    values = _values(source, prefix, code)
    parts = [_of_test(str(test), own) for test, own in values.groupby(code, sort=False)]
    results = pd.concat(parts).reindex(source.index) if parts else _nothing(values)
    dtc = text(source, f"{prefix}DTC")
    position = _positions(source, prefix, code)
    unit = results["series_unit"].map(lambda u: f" ({u})" if u not in ("", "1") else "")
    label = text(source, f"{prefix}TEST")
    label = label.where(label != "", code)
    of = position.map(lambda p: f", {p.lower()}" if p else "")
    suffix = _suffixes(position)
    frame = pd.DataFrame(
        {
            "USUBJID": source["USUBJID"],
            f"{prefix}SEQ": number(source, f"{prefix}SEQ"),
            "ATESTCD": code,
            "PARAMCD": [code_of(c, suffix[p]) for c, p in zip(code, position, strict=True)],
            "PARAM": label + of + unit,
            "AVAL": results["AVAL"],
            "AQUAL": results["AQUAL"],
            "AVALC": text(source, f"{prefix}STRESC"),
            "AVALU": results["AVALU"],
            "ADT": earliest_day(dtc),
            "ADTF": imputation_flag(dtc),
            "AVISIT": text(source, "VISIT"),
            "AVISITN": number(source, "VISITNUM"),
            "doubt": results["doubt"],
            **moment_columns(source, prefix),
        }
    )
    return Measured(frame, _findings(source, prefix, frame, results))


def where_of(value: pd.Series, qualifier: pd.Series, low: pd.Series, high: pd.Series) -> pd.Series:
    """LOW, NORMAL, HIGH by limits; "" without a value, a limit, or where a sign leaves it open."""
    own = Interval.of(value.to_numpy(dtype=float), qualifier.to_numpy(dtype=object))
    closed = np.zeros(len(value), dtype=bool)
    least, most = low.to_numpy(dtype=float), high.to_numpy(dtype=float)
    below = own.compare("<", Interval(least, least, closed, closed))
    above = own.compare(">", Interval(most, most, closed, closed))
    known = ~np.isnan(own.low) & ~(np.isnan(least) & np.isnan(most))
    inside = (np.isnan(least) | (below == 0)) & (np.isnan(most) | (above == 0))
    where = np.where(known & inside, "NORMAL", "")
    where = np.where(above == 1, "HIGH", np.where(below == 1, "LOW", where))
    return pd.Series(where, index=value.index, dtype=object)


def _values(source: pd.DataFrame, prefix: str, code: pd.Series) -> pd.DataFrame:
    """The standardised result with its unit, else the recorded one; and the recorded beside it."""
    standard = read_results(text(source, f"{prefix}STRESC"))
    original = read_results(text(source, f"{prefix}ORRES"))
    value = number(source, f"{prefix}STRESN").fillna(standard["value"])
    value = value.mask(standard["qualifier"] != "", standard["value"])
    as_recorded = value.isna()
    recorded_unit = text(source, f"{prefix}ORRESU")
    unit = text(source, f"{prefix}STRESU")
    half = half_unit(text(source, f"{prefix}STRESC")).fillna(
        half_unit(value.map(lambda v: f"{v:.12g}"))
    )
    same = value == original["value"]
    unit = unit.mask((unit.str.strip() == "") & same, recorded_unit)
    return pd.DataFrame(
        {
            "value": value.where(~as_recorded, original["value"]),
            "AQUAL": standard["qualifier"].where(~as_recorded, original["qualifier"]),
            "unit": unit.where(~as_recorded, recorded_unit),
            "half": half.where(~as_recorded),
            "recorded": original["value"].where(original["qualifier"] == ""),
            "recorded_unit": recorded_unit,
            "recorded_half": half_unit(text(source, f"{prefix}ORRES")),
            "code": code,
        }
    )


def _of_test(test: str, own: pd.DataFrame) -> pd.DataFrame:
    table = read_measured().get(test)
    blank = own["unit"].str.strip() == ""
    unit = fill_blank_units(own["unit"], own["code"])
    target = table.unit if table is not None else _usual(unit[own["value"].notna()])
    value = _in_target(own["value"], unit, target)
    recorded = _in_target(own["recorded"], own["recorded_unit"], target)
    rounding = _size(own["half"], unit, target) + _size(
        own["recorded_half"], own["recorded_unit"], target
    )
    far = (recorded - value).abs() > MISMATCH * value.abs() + rounding + 1e-12
    doubt = pd.Series("", index=own.index, dtype=object)
    for why, which in (
        (UNKNOWN, value.isna() & own["value"].notna()),
        (DISAGREE, far & recorded.notna() & value.notna()),
        (IMPLAUSIBLE, _implausible(value, unit, table)),
    ):
        doubt = doubt.mask((doubt == "") & which, why)
    return own.assign(
        AVAL=value.fillna(own["value"]),
        AVALU=pd.Series(target, index=own.index, dtype=object).where(value.notna(), unit),
        doubt=doubt,
        filled=blank & (unit != "") & own["value"].notna(),
        series_unit=target,
    )


def _nothing(values: pd.DataFrame) -> pd.DataFrame:
    return values.assign(AVAL=np.nan, AVALU="", doubt="", filled=False, series_unit="")


def _usual(unit: pd.Series) -> str:
    """The most frequent unit of a test that the table does not know; one that is known first."""
    if unit.empty:
        return ""
    known = {written: find_unit(str(written)) is not None for written in unit.unique()}
    counts = unit.value_counts()
    return str(min(counts.index, key=lambda u: (-counts[u], not known[u], str(u))))


def _in_target(value: pd.Series, unit: pd.Series, target: str) -> pd.Series:
    """Values in the unit of the test; one text is one unit, also where the table has none."""
    converted = convert(value, unit, target)
    known = {u: u if same_unit(str(u), target) else None for u in unit.unique()}
    alike = unit.map({u: w is not None for u, w in known.items()}).astype(bool)
    return converted.where(converted.notna(), value.where(alike))


def _size(half: pd.Series, unit: pd.Series, target: str) -> pd.Series:
    """Half a unit of the last decimal, in the unit of the test."""
    found = {u: conversion(str(u), target) for u in unit.unique()}
    factor = unit.map({u: 1.0 if f is None else f.factor for u, f in found.items()}).astype(float)
    return (half * factor).fillna(0.0)


def _implausible(value: pd.Series, unit: pd.Series, table: MeasuredIn | None) -> pd.Series:
    """Outside what is plausible in its unit, and inside were it in another unit of the test."""
    wrong = pd.Series(False, index=value.index)
    if table is None:
        return wrong
    low, high = table.plausible
    outside = value.notna() & ~value.between(low, high)
    for other in (table.unit, *table.also):
        # The number as written, read in the other unit.
        written = _back(value, unit, table.unit)
        read = convert(written, pd.Series(other, index=value.index), table.unit)
        wrong |= outside & read.between(low, high)
    return wrong


def _back(value: pd.Series, unit: pd.Series, target: str) -> pd.Series:
    found = {u: conversion(str(u), target) for u in unit.unique()}
    factor = unit.map({u: np.nan if f is None else f.factor for u, f in found.items()})
    offset = unit.map({u: np.nan if f is None else f.offset for u, f in found.items()})
    return (value - offset.astype(float)) / factor.astype(float)


def _positions(source: pd.DataFrame, prefix: str, code: pd.Series) -> pd.Series:
    """The position where a test was measured in several; "" where it was in one, or is not said."""
    position = text(source, f"{prefix}POS").str.upper().str.strip()
    several = position[position != ""].groupby(code).nunique()
    split = code.map(several).fillna(0) > 1
    return position.where(split, "")


def _suffixes(position: pd.Series) -> dict[str, str]:
    """A short suffix of PARAMCD for each position; longer where two would be alike."""
    names = sorted(set(position) - {""})
    found = {"": ""}
    for name in names:
        letters = "".join(c for c in name if c.isalnum())
        options = [letters[:n] for n in range(2, 6)]
        taken = set(found.values())
        found[name] = next((o for o in options if o not in taken), letters[:5])
    return found


def _findings(
    source: pd.DataFrame, prefix: str, frame: pd.DataFrame, results: pd.DataFrame
) -> list[Finding]:
    keys = ("USUBJID", f"{prefix}SEQ")
    shown = frame.assign(shown=frame["ATESTCD"] + " " + results["unit"].astype(str))
    found: list[Finding] = []
    for reason, rows in shown[shown["doubt"] != ""].groupby("doubt", sort=True):
        finding = Finding(
            "warning",
            prefix,
            f"{prefix}STRESU",
            "unit-differs",
            f"{reason}; in no summary and no baseline",
            "correct the result or its unit in the source",
        )
        found += find_rows(rows, finding, keys, "shown")
    blank = Finding(
        "note",
        prefix,
        f"{prefix}STRESU",
        "unit-blank",
        "no unit; taken to be the one of all other results of the test",
        "give the unit in the source",
    )
    found += find_rows(shown[results["filled"].astype(bool)], blank, keys, "shown")
    return [*found, *find_changed_attributes(source, prefix, frame["PARAMCD"])]
