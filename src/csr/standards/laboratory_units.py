"""Laboratory tests: the unit each is analysed in, its substance, and what is possible in it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from csr.standards.units import Substance, conversion
from csr.standards.yaml_tables import read_table


@dataclass(frozen=True)
class TestUnits:
    """The SI unit of a test and others in use, its substance, and what is possible in the SI unit.

    `plausible` are values of a living patient, `limits` what reference limits of adults lie in.
    """

    __test__ = False  # not a test class, whatever its name begins with

    unit: str
    also: tuple[str, ...]
    substance: Substance
    plausible: tuple[float, float]
    limits: tuple[float, float]

    def factor(self, unit: str) -> float | None:
        """What a value in `unit` is multiplied by for the SI unit; None for a unit that is none."""
        found = conversion(unit or self.blank, self.unit, self.substance)
        return None if found is None else found.factor

    @property
    def blank(self) -> str:
        """What no unit means: "1" where the test has none, else nothing."""
        return self.unit if self.unit == "1" else ""

    @property
    def others(self) -> dict[str, float]:
        """Every unit the test is reported in, with its factor to the SI unit."""
        factors = {unit: self.factor(unit) for unit in (self.unit, *self.also)}
        return {unit: factor for unit, factor in factors.items() if factor is not None}


@cache
def read_units() -> dict[str, TestUnits]:
    """The units of every test in the table, by LBTESTCD."""
    table = read_table("laboratory_units.yaml")
    units = {}
    for test, entry in table["tests"].items():
        own = table["families"][entry["family"]] if "family" in entry else entry
        units[test] = TestUnits(
            str(own["unit"]),
            tuple(own.get("also", ())),
            Substance(float(entry.get("molar_mass", 0)), float(entry.get("valence", 0))),
            _pair(entry["plausible"]),
            _pair(entry["limits"]),
        )
    return units


def _pair(bounds: list[float]) -> tuple[float, float]:
    low, high = bounds
    return float(low), float(high)
