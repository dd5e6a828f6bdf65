"""Doses of the study treatment in the unit of the planned doses (METHODS §10.6, §10.17)."""

from __future__ import annotations

import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.units import InUnit, convert, fill_blank_units, read_in_unit
from csr.errors import Finding
from csr.params.protocol import Protocol
from csr.standards.units import find_unit, same_unit

KEYS = ("USUBJID", "EXSEQ")
# A dose is one of those planned where it is within ten times of it.
LEAST, MOST = 0.1, 10.0


def in_dose_unit(exposure: pd.DataFrame, protocol: Protocol) -> pd.DataFrame:
    """`exposure` with EXDOSE, EXDOSTOT and EXDOSU in one unit; no number where it can't be."""
    unit = dose_unit(exposure, protocol)
    if not unit:
        return exposure
    read = _read(exposure, "EXDOSE", unit, protocol)
    total = _read(exposure, "EXDOSTOT", unit, protocol)
    in_it = pd.Series(unit, index=exposure.index, dtype=object)
    kept = read.value.notna() | total.value.notna()
    return exposure.assign(
        EXDOSE=read.value,
        EXDOSTOT=total.value,
        EXDOSU=in_it.where(kept, exposure["EXDOSU"]),
    )


def dose_unit(exposure: pd.DataFrame, protocol: Protocol) -> str:
    """The unit of the planned doses: declared, else the one of the data, else the one they fit."""
    if protocol.exposure.dose_unit is not None:
        return protocol.exposure.dose_unit
    planned = tuple(level.planned for level in protocol.exposure.dose_levels)
    return fitting_unit(exposure, planned) or _most_frequent(exposure)


def fitting_unit(exposure: pd.DataFrame, planned: tuple[float, ...]) -> str:
    """The one unit of the doses, or of several the one in which they are those planned; "" none."""
    units = units_of(exposure)
    if len(units) == 1:
        return units[0]
    fitting = [unit for unit in units if _fit(exposure, unit, planned)]
    return fitting[0] if len(fitting) == 1 else ""


def units_of(exposure: pd.DataFrame) -> list[str]:
    """The units that doses are in, each once: those that are units, the most frequent first."""
    written = exposure["EXDOSU"].astype(str).str.strip()
    told = written[(written != "") & exposure["EXDOSE"].notna()]
    counts = told.value_counts()
    ordered = sorted(told.unique(), key=lambda u: (find_unit(u) is None, -counts[u]))
    return [u for i, u in enumerate(ordered) if not any(same_unit(u, o) for o in ordered[:i])]


def with_dose_unit(
    exposure: pd.DataFrame, protocol: Protocol, planned: tuple[float, ...]
) -> tuple[Protocol, list[Finding]]:
    """The protocol with its dose unit, where doses are in several; an error where it is not clear.

    `exposure` are the doses of the study treatment, `planned` all planned doses that params name.
    """
    units = units_of(exposure)
    levels = tuple(level.planned for level in protocol.exposure.dose_levels)
    if protocol.exposure.dose_unit is not None or len(units) < 2:
        return protocol, []
    unit = fitting_unit(exposure, (*levels, *planned))
    if unit:
        return _declared(protocol, unit), [_told(units, unit)]
    if not (levels or planned):
        return _declared(protocol, units[0]), []
    return protocol, [_unclear(units)]


def find_dose_units(exposure: pd.DataFrame, protocol: Protocol) -> list[Finding]:
    """Doses of the study treatment whose unit was blank, or can't be told."""
    unit = dose_unit(exposure, protocol)
    if not unit:
        return []
    read = _read(exposure, "EXDOSE", unit, protocol)
    shown = exposure.assign(shown=exposure["EXDOSE"].map("{:g}".format) + " " + read.unit)
    return [
        *find_rows(shown[read.filled], BLANK, KEYS, "shown"),
        *find_rows(shown[read.lost], LOST, KEYS, "shown"),
    ]


def _read(exposure: pd.DataFrame, column: str, unit: str, protocol: Protocol) -> InUnit:
    kind = pd.Series("dose", index=exposure.index)
    assumed = protocol.exposure.dose_unit or ""
    written = exposure["EXDOSU"].astype(object)
    return read_in_unit(exposure[column], written, unit, kind, assumed=assumed)


def _fit(exposure: pd.DataFrame, unit: str, planned: tuple[float, ...]) -> bool:
    """Whether most doses are in this unit near one that was planned."""
    kind = pd.Series("dose", index=exposure.index)
    doses = convert(exposure["EXDOSE"], fill_blank_units(exposure["EXDOSU"], kind), unit).dropna()
    near = pd.Series(False, index=doses.index)
    for plan in planned:
        near |= (doses / plan).between(LEAST, MOST)
    return bool(len(doses)) and bool(near.mean() > 0.5)


def _most_frequent(exposure: pd.DataFrame) -> str:
    units = units_of(exposure)
    return units[0] if units else ""


def _declared(protocol: Protocol, unit: str) -> Protocol:
    exposure = protocol.exposure.model_copy(update={"dose_unit": unit})
    return protocol.model_copy(update={"exposure": exposure})


def _told(units: list[str], unit: str) -> Finding:
    message = f"doses of the study treatment are in {', '.join(units)}; they were converted to "
    message += f"{unit}, in which they are those planned"
    action = "say the unit of the planned doses (protocol.exposure.dose_unit)"
    return Finding("note", "EX", "EXDOSU", "dose-units", message, action)


def _unclear(units: list[str]) -> Finding:
    message = f"doses of the study treatment are in {', '.join(units)}, and which of them the "
    message += "planned doses are in is not said and not clear"
    action = "say it (protocol.exposure.dose_unit)"
    return Finding("error", "EX", "EXDOSU", "dose-units", message, action)


BLANK = Finding(
    "note",
    "EX",
    "EXDOSU",
    "unit-blank",
    "a dose without a unit; taken to be the one of all other doses of the study treatment",
    "give the unit in the source",
)
LOST = Finding(
    "warning",
    "EX",
    "EXDOSU",
    "dose-unit",
    "the unit of a dose of the study treatment is missing or unknown, or can't be turned into that "
    "of the planned doses; the dose is not used",
    "correct the unit, or say that of the planned doses (protocol.exposure.dose_unit)",
)
