"""Concentration results as recorded: a number, below a limit, or why they can't be used."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from csr.derive.findings import find_rows
from csr.derive.results import NUMBER
from csr.derive.sources import number, text
from csr.derive.units import fill_blank_units
from csr.errors import Finding
from csr.params.kinetics import Kinetics
from csr.standards.units import conversion

BELOW = re.compile(rf"^<\s*({NUMBER})\b.*$")
NOT_DONE = "not done"
NO_RESULT = "no result"
UNREADABLE = "the result is not a number"
ABOVE = "above the upper limit of quantification"
NEGATIVE = "the result is negative"
OTHER_UNIT = "unit is not that of the analysis"


def read_results(records: pd.DataFrame, rules: Kinetics) -> pd.DataFrame:
    """AVAL, AVALC, AVALU, BLQFL, LODFL, LLOQ and REASEXC ("" where the result can be used).

    `records` has PCSTRESC (or PCORRES), PCSTRESN, PCSTRESU, PCLLOQ, PCSTAT and PCREASND, those
    that exist. AVAL is NaN where BLQ. A number below LLOQ is BLQ; one below the limit of detection,
    and a word that says so, is <LOD, which is BLQ too. Source: METHODS §6.
    """
    standard = text(records, "PCSTRESC")
    raw = standard.where(standard != "", text(records, "PCORRES")).astype(str).str.strip()
    plain = pd.to_numeric(raw.where(raw.str.fullmatch(NUMBER), "nan"), errors="coerce")
    value = number(records, "PCSTRESN")
    value = value.where(value.notna(), plain.astype(float))
    factor = _factor(records, rules)
    lloq = (number(records, "PCLLOQ") * factor.fillna(1.0)).fillna(rules.lloq or np.nan)
    value = value * factor.fillna(1.0)
    said = raw.str.upper()
    stated = said.str.extract(BELOW.pattern)[0].astype(float) * factor.fillna(1.0)
    lod = said.isin([w.upper() for w in rules.lod_words])
    blq = said.isin([w.upper() for w in rules.blq_words]) | stated.notna()
    if rules.lod is not None:
        lod |= (value < rules.lod) | (stated <= rules.lod)
    blq |= lod | (value < lloq) | (value == 0)
    why = _reasons(records, raw, value, blq, factor)
    usable = why == ""
    return pd.DataFrame(
        {
            "AVAL": value.where(usable & ~blq),
            "AVALC": _shown(value, blq, lod).where(usable, raw),
            "AVALU": pd.Series(rules.units, index=records.index).where(
                factor.notna(), _unit(records)
            ),
            "BLQFL": (blq & usable).map({True: "Y", False: ""}),
            "LODFL": (lod & usable).map({True: "Y", False: ""}),
            "LLOQ": lloq,
            "REASEXC": why,
        }
    )


def _shown(value: pd.Series, blq: pd.Series, lod: pd.Series) -> pd.Series:
    shown = value.map(lambda v: f"{v:.10g}" if v == v else "").astype(object)
    return shown.mask(blq, "BLQ").mask(lod, "<LOD")


def _unit(records: pd.DataFrame) -> pd.Series:
    """The unit of each result: of the standardised one, of the recorded one where that is taken.

    Blank where all others of the analyte share one is that one.
    """
    standard, original = (text(records, c).astype(object) for c in ("PCSTRESU", "PCORRESU"))
    recorded = (text(records, "PCSTRESC") == "") & number(records, "PCSTRESN").isna()
    same = text(records, "PCSTRESC") == text(records, "PCORRES")
    blank = standard.str.strip() == ""
    unit = standard.mask(recorded | (blank & same), original)
    return fill_blank_units(unit, text(records, "PCTESTCD"))


def _factor(records: pd.DataFrame, rules: Kinetics) -> pd.Series:
    """Factor to the unit of the analysis, by params, else by the table of units; NaN by neither."""
    told = {u.casefold(): 1.0 for u in (rules.units, *rules.same_units)}
    told |= {u.casefold(): f for u, f in rules.convert_units.items()}
    unit = _unit(records).str.strip()
    factors: dict[str, float] = {}
    for written in unit.unique():
        found = conversion(written, rules.units)
        known = np.nan if found is None else found.factor
        factors[written] = told.get(written.casefold(), known)
    return unit.map(factors).astype(float)


def _reasons(
    records: pd.DataFrame, raw: pd.Series, value: pd.Series, blq: pd.Series, factor: pd.Series
) -> pd.Series:
    unit = _unit(records)
    words = blq & value.isna()
    not_done = text(records, "PCSTAT").str.upper() == "NOT DONE"
    other = OTHER_UNIT + unit.map(lambda u: f": {u or '(none)'}")
    said_why = text(records, "PCREASND").str.lower()
    why = pd.Series("", index=records.index, dtype=object)
    for wrong, reason in (
        (not_done, NOT_DONE + said_why.map(lambda r: f": {r}" if r else "")),
        ((raw == "") & value.isna(), NO_RESULT),
        (raw.str.startswith(">"), ABOVE),
        (value.isna() & ~words, UNREADABLE),
        (value < 0, NEGATIVE),
        # A word needs no unit; a number does.
        (factor.isna() & ~(words & (unit == "")), other),
    ):
        why = why.mask((why == "") & wrong, reason)
    return why


def find_results(read: pd.DataFrame, keys: tuple[str, ...], dataset: str) -> list[Finding]:
    """Findings about results that were left out for what they are (`read` with its keys)."""
    found: list[Finding] = []
    for start, check, column, message, action in (
        (OTHER_UNIT, "other-unit", "PCSTRESU", MIXED, "correct the unit, or add it to kinetics"),
        (UNREADABLE, "not-a-number", "PCSTRESC", "result is neither a number nor below a limit; "
         "left out of the kinetics", "correct the source, or add the word to kinetics"),
        (NEGATIVE, "below-minimum", "PCSTRESC", "negative result; left out of the kinetics",
         "correct the source"),
        (ABOVE, "above-limit", "PCSTRESC", "above the upper limit; left out of the kinetics",
         "repeat the assay diluted"),
    ):  # fmt: skip
        wrong = read[read["REASEXC"].str.startswith(start)]
        shown = "AVALU" if column == "PCSTRESU" else "AVALC"
        finding = Finding("warning", dataset, column, check, message, action)
        found += find_rows(wrong, finding, keys, shown)
    if "PCSTRESU" in read:
        unsaid = (text(read, "PCSTRESU") == "") & (text(read, "PCORRESU") == "")
        used = unsaid & read["AVAL"].notna() & (read["REASEXC"] == "")
        finding = Finding("note", dataset, "PCSTRESU", "unit-blank", BLANK, "give the unit")
        found += find_rows(read[used], finding, keys, "AVALC")
    return found


BLANK = "no unit; taken to be the one of all other results of the analyte"
MIXED = "another unit than that of the analysis, or none; left out of the kinetics"
