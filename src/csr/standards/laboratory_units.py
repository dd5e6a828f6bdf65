"""One unit per laboratory test: factors to it, and what is plausible in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from csr.standards.yaml_tables import read_table


@dataclass(frozen=True)
class TestUnits:
    """The unit a test is analysed in, factors of other units to it, and plausible values in it."""

    __test__ = False  # not a test class, whatever its name begins with

    unit: str
    factors: dict[str, float]
    plausible: tuple[float, float]

    def factor(self, unit: str) -> float | None:
        """What a value in `unit` is multiplied by; None for a unit the table does not know."""
        return self.factors.get(normal_unit(unit))


def normal_unit(unit: str) -> str:
    """A unit as written → as compared: case, blanks and the letters µ, μ and × do not matter."""
    plain = unit.replace("µ", "u").replace("μ", "u").replace("×", "x")
    return re.sub(r"\s+", "", plain).casefold()


@cache
def read_units() -> dict[str, TestUnits]:
    """The units of every test in the table, by LBTESTCD."""
    table = read_table("laboratory_units.yaml")
    units = {}
    for test, entry in table["tests"].items():
        own = table["families"][entry["family"]] if "family" in entry else entry
        factors = {
            normal_unit(str(name)): float(factor)
            for factor, names in own["units"].items()
            for name in names
        }
        low, high = entry["plausible"]
        units[test] = TestUnits(str(own["unit"]), factors, (float(low), float(high)))
    return units
