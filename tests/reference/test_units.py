"""Units, against their definitions and the relative molecular masses of IUPAC."""

from __future__ import annotations

import pandas as pd
import pytest

from csr.derive.units import fill_blank_units, read_in_unit
from csr.standards.units import Substance, conversion, find_unit, same_unit

# One unit in the ways laboratories and sites write it (CDISC UNIT, UCUM, and what files hold).
SPELLINGS = {
    "10^9/L": (
        "10*9/L", "10**9/L", "10E9/L", "10E+9/L", "x10^9/L", "x 10^9/L", "×10⁹/L", "10⁹/L", "G/L",
        "G/l", "GI/L", "Gpt/L", "10^3/uL", "10*3/uL", "10*3/µL", "10^3/μL", "10E3/uL", "x10^3/uL",
        "K/uL", "K/mm3", "K/mcL", "THOU/uL", "10^3/mm3", "10^3/mm^3", "1000/uL", "10^3 cells/uL",
        "10^9 CELLS/L", "109/L", "10^3/cumm", "10x9/L", "x10(9)/L", "10(3)/mcL", "thous/cu mm",
        "10^3/cu.mm", "Tsd/µL", "10**3/uL",
    ),
    "/uL": ("/mm3", "/mm^3", "cells/uL", "cells/mm3", "10^6/L", "10*6/L", "1/uL", "/cumm", "/µL"),
    "10^12/L": ("T/L", "TI/L", "10*6/uL", "M/uL", "million/uL", "10^6/mm3"),
    "mg/dL": ("MG/DL", "mg %", "mg/100 mL", "mg / dl", "mg/dl."),
    "umol/L": ("µmol/L", "micromol/L", "mcmol/L", "micromoles/liter"),
    "10^6 cells": ("x10^6 cells", "10^6 CAR-T cells", "×10⁶ viable CAR+ T cells", "10E6 CELLS"),
    "ug/L": ("µg/L", "mcg/L", "ng/mL", "NG/ML"),
    "U/L": ("IU/L", "mU/mL", "UNITS/L", "u/l"),
    "mm": ("MM", "millimetre", "millimeters"),
    "C": ("°C", "Cel", "degC", "CELSIUS", "℃", "[degC]"),
    "F": ("°F", "degF", "[degF]", "FAHRENHEIT", "℉"),
    "beats/min": ("BPM", "BEATS/MIN", "beats per minute"),
    "mg/m2": ("mg/m^2", "mg/m²", "MG/M2", "mg/m**2"),
    "copies/ug": ("COPIES/UG", "copies/µg gDNA", "copies/ug DNA", "copies per ug"),
    "days": ("DAY", "d", "DAYS", "Day(s)"),
    "months": ("MONTHS", "Month", "mo"),
}  # fmt: skip

# value of one in the other unit; sources: SI, pound and inch by definition, IUPAC masses
FACTORS = [
    ("cm", "mm", 10.0, 0.0),
    ("m", "cm", 100.0, 0.0),
    ("in", "cm", 2.54, 0.0),
    ("lb", "kg", 0.45359237, 0.0),
    ("F", "C", 5 / 9, -160 / 9),
    ("K", "C", 1.0, -273.15),
    ("kPa", "mmHg", 7.50061683, 0.0),
    ("g/dL", "g/L", 10.0, 0.0),
    ("ukat/L", "U/L", 60.0, 0.0),
    ("nkat/L", "U/L", 0.06, 0.0),
    ("10^6 CELLS", "CELLS", 1e6, 0.0),
    ("10^6 cells/kg", "cells/kg", 1e6, 0.0),
    ("weeks", "DAYS", 7.0, 0.0),
    ("months", "DAYS", 30.4375, 0.0),
    ("years", "DAYS", 365.25, 0.0),
    ("h*ng/mL", "day*ng/mL", 1 / 24, 0.0),
    ("copies/ng", "copies/ug", 1000.0, 0.0),
    ("%", "1", 0.01, 0.0),
]
DIFFERENT = [
    ("mg", "mg/m2"), ("mg/m2", "mg/kg"), ("%", "10^9/L"), ("g/L", "10^9/L"), ("cm", "kg"),
    ("furlong", "cm"), ("", "cm"), ("MIU/L", "U/L"), ("cells/kg", "cells"), ("M", "DAYS"),
    ("copies/mL", "copies/ug"), ("U", "mg"), ("cells/uL", "copies/uL"),
]  # fmt: skip


@pytest.mark.parametrize(("unit", "written"), [(u, w) for u, ws in SPELLINGS.items() for w in ws])
def test_a_unit_is_known_in_every_spelling(unit: str, written: str) -> None:
    assert same_unit(written, unit)
    assert conversion(written, unit) == (1.0, 0.0)


@pytest.mark.parametrize(("unit", "to", "factor", "offset"), FACTORS)
def test_a_unit_is_turned_into_another(unit: str, to: str, factor: float, offset: float) -> None:
    found = conversion(unit, to)
    assert found is not None
    assert found.factor == pytest.approx(factor, rel=1e-12)
    assert found.offset == pytest.approx(offset, rel=1e-12)
    back = conversion(to, unit)
    assert back is not None
    assert back.factor * (3 * found.factor + found.offset) + back.offset == pytest.approx(3)


@pytest.mark.parametrize(("unit", "to"), DIFFERENT)
def test_what_is_of_another_dimension_or_unknown_is_not_turned(unit: str, to: str) -> None:
    assert conversion(unit, to) is None


def test_mass_and_amount_by_the_substance() -> None:
    """Ca 40.078 g/mol, two charges; glucose 180.156; haemoglobin monomer 16114."""
    calcium = Substance(40.078, 2)
    assert conversion("mg/dL", "mmol/L", calcium) == pytest.approx((10 / 40.078, 0))
    assert conversion("mEq/L", "mmol/L", calcium) == pytest.approx((0.5, 0))
    assert conversion("mmol/L", "mg/dL", Substance(180.156)) == pytest.approx((18.0156, 0))
    assert conversion("mmol/L", "g/dL", Substance(16114)) == pytest.approx((1.6114, 0))
    assert conversion("mg/dL", "mmol/L") is None
    assert conversion("mEq/L", "mmol/L", Substance(180.156)) is None


def test_a_text_of_two_meanings_is_what_the_wanted_unit_says() -> None:
    assert conversion("G/L", "10^9/L") == (1.0, 0.0)
    assert conversion("G/L", "g/L") == (1.0, 0.0)
    assert conversion("G/L", "mg/dL") == (100.0, 0.0)
    assert find_unit("G/L") is None


def test_a_blank_unit_is_that_of_the_others_if_they_share_one() -> None:
    """By hand: A has one unit in two spellings, B two units, C none."""
    kind = pd.Series(["A", "A", "A", "B", "B", "B", "C"])
    units = pd.Series(["cm", "CM ", "", "cm", "mm", "", ""])
    assert list(fill_blank_units(units, kind)) == ["cm", "CM", "cm", "cm", "mm", "", ""]
    read = read_in_unit(pd.Series([1.0] * 7), units, "mm", kind)
    assert list(read.value.fillna(-1)) == [10, 10, 10, 10, 1, -1, -1]
    assert list(read.filled) == [False, False, True, False, False, False, False]
    assert list(read.lost) == [False, False, False, False, False, True, True]
    none = read_in_unit(pd.Series([1.0] * 7), pd.Series([""] * 7), "mm", kind, assumed="mm")
    assert list(none.value) == [1] * 7
