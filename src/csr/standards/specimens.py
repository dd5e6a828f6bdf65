"""What specimen a result is of, as far as it makes a series of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from csr.standards.yaml_tables import read_table

LONGEST = 8  # characters of PARAMCD


@dataclass(frozen=True)
class Specimen:
    """A class of specimens: its name and its suffix in PARAMCD, both "" for blood."""

    name: str
    suffix: str


@cache
def specimen_of(written: str, category: str = "") -> Specimen:
    """The class of a specimen as written; without one, what the category says (URINALYSIS)."""
    table = read_table("specimens.yaml")
    plain = " ".join(written.upper().split())
    if plain in table["blood"]:
        return Specimen("", "")
    for entry in table["others"]:
        if any(word in (plain or category.upper()) for word in entry["contains"]):
            return Specimen(entry["name"], entry["suffix"])
    if not plain:
        return Specimen("", "")
    return Specimen(plain, "".join(word[0] for word in plain.split() if word[0].isalpha())[:3])


def code_of(test: str, suffix: str) -> str:
    """PARAMCD of a test with the suffix of a specimen or a position: CREAT_U, at most 8 long."""
    return test if not suffix else f"{test[: LONGEST - 1 - len(suffix)]}_{suffix}"
