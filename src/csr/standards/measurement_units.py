"""Vital signs and ECG intervals: the unit each is analysed in, and what is possible in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from csr.standards.yaml_tables import read_table


@dataclass(frozen=True)
class MeasuredIn:
    """The unit of a test, others it is reported in, and plausible values in its unit."""

    unit: str
    also: tuple[str, ...]
    plausible: tuple[float, float]


@cache
def read_measured() -> dict[str, MeasuredIn]:
    """The units of every test in the table, by its test code."""
    found: dict[str, MeasuredIn] = {}
    for entry in read_table("measurement_units.yaml"):
        low, high = entry["plausible"]
        bounds = (float(low), float(high))
        own = MeasuredIn(str(entry["unit"]), tuple(entry.get("also", ())), bounds)
        found |= dict.fromkeys(entry["tests"], own)
    return found
