"""Units of measurement as sites write them: which are the same, and what turns one into another.

Every number of the data that is used in a fixed unit goes through here. A unit that is not known,
or that is of another dimension than the wanted one, gives None: never a number. Source: METHODS
§10.6; names and sizes in units.yaml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple

from csr.standards.yaml_tables import read_table

Dimension = tuple[tuple[str, int], ...]
SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
# A power of ten before a unit: 10^9, 10*9, 10**9, 10E9, 10E+9, x10^9.
POWER = re.compile(r"^x?\s*10\s*(?:\^|\*\*|\*|x|e\+?)\s*(\d+)\s*", re.IGNORECASE)
NUMBER = re.compile(r"^x?\s*(\d+(?:\.\d+)?)\s*(?![\d^*])")
# What stands before a symbol (`/`, `*`, `.`, a blank), and the symbol, perhaps in brackets.
BETWEEN = r"(\s*[/.*]\s*|\s+|)"
NAME = r"((?:\d+(?:\.\d+)?)?[^\s/.*()\d](?:[^\s/.*()]|\*\*(?=\d))*)"
PARTS = re.compile(BETWEEN + r"(\(?)" + NAME + r"(\)?)")
SYMBOL = re.compile(r"^(?P<name>.*?)(?:(?:\^|\*\*)?(?P<power>[2-9]))?$")
# Ways to write that stand anywhere in a unit: 10(9), cu mm, day(s).
WRITTEN = (
    (re.compile(r"(?<!\d)10\s?\((\d+)\)"), r"10^\1"),
    (re.compile(r"\bcu\.?\s*mm\b", re.IGNORECASE), "mm3"),
    (re.compile(r"\(s\)", re.IGNORECASE), "s"),
)
TEMPERATURE: Dimension = (("temperature", 1),)


class Conversion(NamedTuple):
    """value × factor + offset is the value in the other unit."""

    factor: float
    offset: float


@dataclass(frozen=True)
class Substance:
    """What turns mass into amount and equivalents: g/mol, and charges of an ion; 0 unknown."""

    molar_mass: float = 0.0
    valence: float = 0.0


ANY = Substance()


@dataclass(frozen=True)
class Unit:
    """A unit: its dimension, and value × factor + offset in the dimension's base unit."""

    dimension: Dimension
    factor: Fraction
    offset: Fraction = field(default=Fraction(0))

    def to(self, other: Unit, substance: Substance = ANY) -> Conversion | None:
        """What turns a value in this unit into one in the other; None where nothing does."""
        own, wanted = self.in_mass(substance), other.in_mass(substance)
        if own.dimension != wanted.dimension:
            return None
        return Conversion(
            float(own.factor / wanted.factor), float((own.offset - wanted.offset) / wanted.factor)
        )

    def in_mass(self, substance: Substance) -> Unit:
        """Amounts and equivalents of a known substance as the mass they are."""
        powers = dict(self.dimension)
        factor = self.factor
        for kind, mass in _masses(substance).items():
            power = powers.pop(kind, 0)
            if power:
                factor *= mass**power
                powers["mass"] = powers.get("mass", 0) + power
        return Unit(_dimension(powers), factor, self.offset)


def _masses(substance: Substance) -> dict[str, Fraction]:
    if not substance.molar_mass:
        return {}
    mole = Fraction(str(substance.molar_mass))
    known = {"amount": mole}
    if substance.valence:
        known["equivalents"] = mole / Fraction(str(substance.valence))
    return known


def _dimension(powers: Mapping[str, int]) -> Dimension:
    return tuple(sorted((kind, power) for kind, power in powers.items() if power))


def find_unit(text: str, like: str = "", substance: Substance = ANY) -> Unit | None:
    """The unit a text means; None where it means none, or several.

    `like`: a unit it must be convertible to, which also decides what means several things (G/L:
    10^9/L of cells, g/L of a protein).
    """
    found = _candidates(text)
    if like:
        wanted = find_unit(like)
        if wanted is None:
            return None
        found = tuple(unit for unit in found if unit.to(wanted, substance) is not None)
    return found[0] if len(found) == 1 else None


def conversion(text: str, to: str, substance: Substance = ANY) -> Conversion | None:
    """What turns a value in the unit `text` into one in the unit `to`; None where nothing does."""
    own, wanted = find_unit(text, to, substance), find_unit(to)
    if own is None or wanted is None:
        return None
    return own.to(wanted, substance)


def same_unit(one: str, other: str) -> bool:
    """Whether two texts mean one unit; texts that mean none are compared as written, less case."""
    if normal_unit(one) == normal_unit(other):
        return True
    found = conversion(one, other)
    return found is not None and found == Conversion(1.0, 0.0)


def normal_unit(text: str) -> str:
    """A unit as compared: case, blanks and the ways to write µ, ×, · and powers do not matter."""
    return re.sub(r"\s+", "", _plain(text)).casefold()


def _plain(text: str) -> str:
    """One way to write what is written in several: superscripts, µ, ×, full width."""
    raised = re.sub(
        r"(?<=[\d])([⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+)", lambda m: "^" + m[1].translate(SUPERSCRIPTS), text
    ).translate(SUPERSCRIPTS)
    plain = unicodedata.normalize("NFKC", raised)
    for written, meant in (("μ", "u"), ("×", "x"), ("·", "."), ("⁄", "/"), (" per ", "/")):
        plain = plain.replace(written, meant)
    for pattern, meant in WRITTEN:
        plain = pattern.sub(meant, plain)
    return " ".join(plain.split()).rstrip(".")


@cache
def _candidates(text: str) -> tuple[Unit, ...]:
    plain = _plain(text)
    table = read_table("units.yaml")
    if plain.replace(" ", "") in table["exact"]:
        meant = table["exact"][plain.replace(" ", "")]
        return tuple(unit for name in meant if (unit := _taken_apart(name)) is not None)
    if plain.casefold() in _temperatures():
        return (_temperatures()[plain.casefold()],)
    whole = _whole().get(normal_unit(plain), plain)
    unit = _taken_apart(whole)
    return () if unit is None else (unit,)


@cache
def _whole() -> dict[str, str]:
    table = read_table("units.yaml")["whole"]
    return {normal_unit(name): str(meant) for name, meant in table.items()}


@cache
def _temperatures() -> dict[str, Unit]:
    found: dict[str, Unit] = {}
    for entry in read_table("units.yaml")["temperatures"].values():
        unit = Unit(TEMPERATURE, Fraction(entry["factor"]), Fraction(entry["offset"]))
        found |= dict.fromkeys(entry["names"], unit)
    return found


@cache
def _atoms() -> tuple[dict[str, Unit], dict[str, Unit]]:
    """Units by name, and those of them that prefixes stand before."""
    plain: dict[str, Unit] = {}
    prefixed: dict[str, Unit] = {}
    for kind, entries in read_table("units.yaml")["atoms"].items():
        dimension: Dimension = () if kind == "none" else ((kind, 1),)
        if kind == "volume":
            dimension = (("length", 3),)
        for entry in entries:
            unit = Unit(dimension, _fraction(entry["is"]))
            plain |= dict.fromkeys(entry["names"], unit)
            if entry.get("prefixed"):
                prefixed |= dict.fromkeys(entry["names"], unit)
    return plain, prefixed


def _fraction(text: Any) -> Fraction:
    return Fraction(str(text))


def _taken_apart(text: str) -> Unit | None:
    """A unit from its parts, left to right: `10^9 cells/L`, `ng/mL*h`, `mg/m2/day`, `mg/(m2.d)`."""
    rest = re.sub(r"(?<=/)(\d+(?:\.\d+)?) (?=\D)", r"\1", text.strip())
    total = Unit((), Fraction(1))
    counted = POWER.match(rest) or NUMBER.match(rest)
    if counted:
        number = Fraction(10) ** int(counted[1]) if POWER.match(rest) else Fraction(counted[1])
        total, rest = Unit((), number), rest[counted.end() :]
    parts = PARTS.findall(rest)
    if not (counted or parts) or "".join("".join(part) for part in parts) != rest:
        return None
    side, inside = 1, False
    for between, opening, symbol, closing in parts:
        inside = inside or bool(opening)
        side = -1 if "/" in between or (inside and side < 0 and not opening) else 1
        unit = _symbol(symbol)
        if unit is None:
            return None
        total = _times(total, unit, side)
        inside = inside and not closing
    return total


def _symbol(text: str) -> Unit | None:
    """A symbol with its exponent, with or without a prefix."""
    counted = re.match(r"\d+(?:\.\d+)?(?=\D)", text)
    size = Fraction(counted[0]) if counted else Fraction(1)
    folded = text[counted.end() if counted else 0 :].casefold()
    if (unit := _named(folded)) is not None:
        return Unit(unit.dimension, unit.factor * size)
    found = SYMBOL.match(folded)
    if found is None or not found["power"] or (unit := _named(found["name"])) is None:
        return None
    power = int(found["power"])
    raised = {kind: own * power for kind, own in unit.dimension}
    return Unit(_dimension(raised), unit.factor**power * size)


def _named(name: str) -> Unit | None:
    plain, prefixed = _atoms()
    if name in plain:
        return plain[name]
    for prefix, size in read_table("units.yaml")["prefixes"].items():
        own = prefixed.get(name[len(prefix) :]) if name.startswith(prefix) else None
        if own is not None:
            return Unit(own.dimension, own.factor * Fraction(str(size)))
    return None


def _times(one: Unit, other: Unit, power: int) -> Unit:
    powers = dict(one.dimension)
    for kind, own in other.dimension:
        powers[kind] = powers.get(kind, 0) + power * own
    return Unit(_dimension(powers), one.factor * other.factor**power)
