"""Numbers of the data in one unit: each read with the unit beside it, or not used (METHODS §10.6).

Blank where all others of its kind share one unit is that unit; a unit that is not known, or can't
be turned into the wanted one, gives no number.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from csr.derive.findings import find_rows
from csr.errors import Finding
from csr.standards.units import ANY, Conversion, Substance, conversion, same_unit


class InUnit(NamedTuple):
    """Values in the wanted unit (NaN where there is none), the unit each was read in ("" none).

    `filled`: its unit was blank and is that of the others; `lost`: a value without a usable unit.
    """

    value: pd.Series
    unit: pd.Series
    filled: pd.Series
    lost: pd.Series


def read_in_unit(
    values: pd.Series,
    units: pd.Series,
    to: str,
    kind: pd.Series,
    substance: Substance = ANY,
    assumed: str = "",
) -> InUnit:
    """`values` in the unit `to`, by the unit beside each.

    `kind` says what belongs together (the test, the treatment): a blank unit is the one that all
    others of its kind share. `assumed` is the unit where it is blank throughout; "" means none is.
    """
    unit = fill_blank_units(units, kind)
    if assumed and not (units.str.strip() != "").any():
        unit = pd.Series(assumed, index=units.index, dtype=object)
    value = convert(values, unit, to, substance)
    was_blank = units.str.strip() == ""
    return InUnit(
        value,
        unit,
        was_blank & (unit != "") & values.notna(),
        values.notna() & value.isna(),
    )


def convert(values: pd.Series, units: pd.Series, to: str, substance: Substance = ANY) -> pd.Series:
    """Values of the given units in the unit `to`; NaN where nothing turns one into the other.

    A text that is no unit (VIAL) is the same as itself only.
    """
    known = {unit: _between(str(unit), to, substance) for unit in units.unique()}
    factor = units.map({unit: found.factor for unit, found in known.items()}).astype(float)
    offset = units.map({unit: found.offset for unit, found in known.items()}).astype(float)
    return values * factor + offset


def _between(unit: str, to: str, substance: Substance) -> Conversion:
    found = conversion(unit, to, substance)
    if found is not None:
        return found
    same = unit.strip() != "" and same_unit(unit, to)
    return Conversion(1.0, 0.0) if same else Conversion(np.nan, np.nan)


def fill_blank_units(units: pd.Series, kind: pd.Series) -> pd.Series:
    """A blank unit becomes the one that all others of its kind share, if they share one."""
    written = units.astype(object).str.strip()
    shared = {name: _shared(list(own[own != ""].unique())) for name, own in written.groupby(kind)}
    return written.where(written != "", kind.map(shared).fillna(""))


def _shared(units: list[str]) -> str:
    if not units or not all(same_unit(units[0], other) for other in units[1:]):
        return ""
    return str(units[0])


def find_unit_doubts(
    rows: pd.DataFrame, read: InUnit, where: tuple[str, str], keys: tuple[str, ...], to: str
) -> list[Finding]:
    """A note of the units that were blank and taken from the others; a warning of values lost.

    `where` is the dataset and its unit column; `rows` has the keys, on the index of `read`.
    """
    dataset, column = where
    filled = Finding(
        "note",
        dataset,
        column,
        "unit-blank",
        "no unit; taken to be the one of all other records of its kind",
        "give the unit in the source",
    )
    lost = Finding(
        "warning",
        dataset,
        column,
        "unit-unknown",
        f"the unit is missing or unknown, or can't be turned into {to}; the number is not used",
        "correct the unit in the source",
    )
    shown = rows.assign(shown=read.unit)
    return [
        *find_rows(shown[read.filled], filled, keys, "shown"),
        *find_rows(shown[read.lost], lost, keys, "shown"),
    ]
