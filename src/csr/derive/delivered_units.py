"""Units of delivered ADaM: every number with a unit beside it is read in it (METHODS §10.6)."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from csr.derive.findings import Derived, find_rows
from csr.derive.sources import number, text
from csr.derive.units import convert, fill_blank_units
from csr.errors import Finding
from csr.standards.units import conversion, find_unit, same_unit

KEYS = ("USUBJID", "PARAMCD")
# Numbers of a parameter that are in AVALU; changes of a temperature have no offset.
VALUES = ("AVAL", "BASE", "NADIR", "ANRLO", "ANRHI", "LLOQ")
CHANGES = ("CHG", "CHGNAD")


def in_one_unit(frame: pd.DataFrame, dataset: str, wanted: Mapping[str, str]) -> Derived:
    """A delivered dataset with each parameter in one unit: the wanted one, else the most frequent.

    `wanted`: dimension's unit for parameters that can be turned into it ("mm", "DAYS"), by any
    name. Blank is what all others of the parameter share. A value whose unit can't be turned has no
    AVAL and is a finding. Without AVALU the unit is that in the brackets of PARAM, if any is.
    """
    if "AVALU" not in frame and "PARAM" in frame:
        in_name = text(frame, "PARAM").str.extract(r"\(([^()]*)\)\s*$")[0].fillna("")
        known = in_name.where(in_name.map(lambda u: find_unit(str(u)) is not None), "")
        frame = frame.assign(AVALU=known) if (known != "").any() else frame
    if not {"AVALU", "PARAMCD", "AVAL", "USUBJID"} <= set(frame):
        return Derived(frame, [])
    out = frame.copy()
    written = text(out, "AVALU").astype(object)
    unit = fill_blank_units(written, out["PARAMCD"])
    target = pd.Series("", index=out.index, dtype=object)
    for _, own in unit.groupby(out["PARAMCD"]):
        target[own.index] = _target(own, wanted)
        found = {u: conversion(str(u), str(target[own.index[0]])) for u in own.unique()}
        apart = own.map({u: f is not None and f != (1.0, 0.0) for u, f in found.items()})
        rows = own.index[apart.astype(bool)]
        out = _converted(out, rows, unit, str(target[own.index[0]]))
        kept = own.index.difference(rows)
        if "PARAM" in out and len(rows) and len(kept):
            out.loc[own.index, "PARAM"] = out.loc[kept, "PARAM"].iloc[0]
    same = [
        same_unit(str(u), str(t)) or conversion(str(u), str(t)) is not None
        for u, t in zip(unit, target, strict=True)
    ]
    lost = ~pd.Series(same, index=out.index) & out["AVAL"].notna()
    filled = (written.str.strip() == "") & (unit != "") & out["AVAL"].notna()
    out["AVALU"] = unit.where(lost, target)
    for column in (*VALUES, *CHANGES):
        if column in out:
            out[column] = number(out, column).mask(lost)
    shown = out.assign(shown=unit)
    return Derived(
        out,
        [
            *find_rows(shown[lost], _lost(dataset), KEYS, "shown"),
            *find_rows(shown[filled], _blank(dataset), KEYS, "shown"),
        ],
    )


def _target(unit: pd.Series, wanted: Mapping[str, str]) -> str:
    counts = unit[unit != ""].value_counts()
    if counts.empty:
        return ""
    usual = str(min(counts.index, key=lambda u: (-counts[u], str(u))))
    fixed = (to for to in wanted.values() if conversion(usual, to) is not None)
    return next(fixed, usual)


def _converted(out: pd.DataFrame, rows: pd.Index, unit: pd.Series, to: str) -> pd.DataFrame:
    for column in (*VALUES, *CHANGES):
        if column in out and len(rows):
            values = number(out, column)
            turned = convert(values[rows], unit[rows], to)
            if column in CHANGES:
                turned = turned - convert(values[rows] * 0, unit[rows], to)
            out[column] = values
            out.loc[rows, column] = turned
    return out


def in_days(
    frame: pd.DataFrame, dataset: str, columns: tuple[str, ...], units: tuple[str, ...]
) -> Derived:
    """Times of `columns` in days, by the first of the unit columns that is there.

    Without such a column they are in days already. An unknown unit leaves no number.
    """
    there = next((u for u in units if u in frame), None)
    names = [c for c in columns if c in frame]
    if there is None or not names:
        return Derived(frame, [])
    kind = pd.Series(there, index=frame.index)
    unit = fill_blank_units(text(frame, there).astype(object), kind)
    if not (unit != "").any():
        return Derived(frame, [])
    turned = {name: convert(number(frame, name), unit, "days") for name in names}
    lost = pd.concat([number(frame, n).notna() & turned[n].isna() for n in names], axis=1)
    finding = Finding(
        "warning",
        dataset,
        there,
        "unit-unknown",
        f"the unit of {' and '.join(names)} is missing or not one of time; the times are not used",
        "correct the unit",
    )
    wrong = frame.assign(shown=unit)[lost.any(axis=1)]
    found = find_rows(wrong, finding, ("USUBJID",), "shown")
    out = frame.assign(**turned)
    out[there] = unit.where(unit.map(lambda u: conversion(str(u), "days") is None), "DAYS")
    return Derived(out, found)


def age_in_years(adsl: pd.DataFrame) -> Derived:
    """AGE in years by AGEU; blank is years, a unit that is none of time leaves no age."""
    if not {"AGE", "AGEU"} <= set(adsl):
        return Derived(adsl, [])
    unit = text(adsl, "AGEU").astype(object).str.strip()
    age = number(adsl, "AGE")
    years = convert(age, unit.where(unit != "", "YEARS"), "YEARS")
    plain = unit.map(lambda u: u == "" or same_unit(u, "YEARS")).astype(bool)
    years = years.where(~plain, age)
    finding = Finding(
        "warning",
        "ADSL",
        "AGEU",
        "unit-unknown",
        "the unit of the age is none of time; the age is not used",
        "correct the unit",
    )
    found = find_rows(adsl[age.notna() & years.isna()], finding, ("USUBJID",), "AGEU")
    return Derived(adsl.assign(AGE=years, AGEU=unit.where(plain, "YEARS")), found)


def _lost(dataset: str) -> Finding:
    return Finding(
        "warning",
        dataset,
        "AVALU",
        "unit-unknown",
        "the unit is missing or unknown, or can't be turned into that of the parameter's other "
        "values; the value is not used",
        "correct the unit",
    )


def _blank(dataset: str) -> Finding:
    return Finding(
        "note",
        dataset,
        "AVALU",
        "unit-blank",
        "no unit; taken to be the one of all other values of the parameter",
        "give the unit",
    )
