"""CTCAE v5.0 grades of laboratory results in both directions, or the reason there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.derive.measured_results import where_of
from csr.standards.ctcae import UNIT as UNKNOWN
from csr.standards.ctcae import Graded, Term, grade_values, terms_of_test
from csr.standards.laboratory_units import read_units
from csr.standards.units import ANY, Substance

NO_GRADE = ""
DIRECTIONS = {"low": "L", "high": "H"}
OF_BASELINE = {"GBASE": "AVAL", "GBQUAL": "AQUAL", "GBLO": "ANRLO", "GBHI": "ANRHI"}
BASELINE = ("USUBJID", "PARAMCD")


def with_baseline_record(results: pd.DataFrame) -> pd.DataFrame:
    """Adds what the grades need of the baseline's own record: GBASE, GBQUAL, GBLO, GBHI.

    A result without a usable unit has as baseline the last one before the same day that is written
    in the same unit with the same limits, so that their ratio needs no unit.
    """
    out = results.drop(columns=list(OF_BASELINE), errors="ignore")
    chosen = out[out["ABLFL"] == "Y"].drop_duplicates(list(BASELINE), keep="last")
    out = _joined(out, chosen, list(BASELINE))
    no_unit = out["doubt"] == UNKNOWN
    if not no_unit.any():
        return out
    by = [*BASELINE, "unit", "ANRLO", "ANRHI"]
    before = out[no_unit & (out["ONTRTFL"] != "Y") & out["AVAL"].notna() & out["ADT"].notna()]
    last = before.sort_values("ADT", kind="stable").drop_duplicates(by, keep="last")
    own = _joined(results[no_unit], last, by)
    out.loc[no_unit, list(OF_BASELINE)] = own[list(OF_BASELINE)]
    return out


def _joined(results: pd.DataFrame, chosen: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    own = chosen.assign(**{name: chosen[column] for name, column in OF_BASELINE.items()})
    merged = results.merge(own[[*by, *OF_BASELINE]], on=by, how="left")
    merged.index = results.index
    return merged.assign(GBQUAL=merged["GBQUAL"].fillna(""))


def with_grades(results: pd.DataFrame) -> pd.DataFrame:
    """Adds ATOXDSCL/H (the CTCAE term), ATOXGRL/H ("0" to "4"), ATOXREAL/H, ATOXMNL/H.

    ATOXREA-: why a result is ungradable; ATOXMN- Y: the grade is at least that, for the result is
    known to be below or above a number only. `results` has test, AVAL, AQUAL, AVALU, ANRLO, ANRHI,
    BASE, PCHG, GBASE, GBQUAL, GBLO, GBHI, `doubt`, `series_unit`, ANTICFL and ONTRTFL (Y after
    baseline; the rest is graded as if the baseline had been normal). Rows keep their order.
    """
    out = results.copy()
    for letter in DIRECTIONS.values():
        for column in ("ATOXDSC", "ATOXGR", "ATOXREA", "ATOXMN"):
            out[column + letter] = pd.Series("", index=out.index, dtype=object)
    for test, own in results.groupby("test", sort=False):
        for direction, term in terms_of_test(str(test)).items():
            letter = DIRECTIONS[direction]
            grade, why, least = _graded(term, own)
            out.loc[own.index, f"ATOXDSC{letter}"] = term.name
            out.loc[own.index, f"ATOXGR{letter}"] = grade
            out.loc[own.index, f"ATOXREA{letter}"] = why
            out.loc[own.index, f"ATOXMN{letter}"] = least
    return out


def _graded(term: Term, own: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    doubt = own["doubt"].to_numpy(dtype=object)
    columns = {
        "value": "AVAL",
        "low": "ANRLO",
        "high": "ANRHI",
        "base": "GBASE",
        "base_low": "GBLO",
        "base_high": "GBHI",
        "pchg": "PCHG",
    }
    values = {name: own[column].to_numpy(dtype=float) for name, column in columns.items()}
    values["first"] = (own["ONTRTFL"] != "Y").to_numpy(dtype=float)
    values["qualifier"] = own["AQUAL"].to_numpy(dtype=object)
    values["base_qualifier"] = own["GBQUAL"].to_numpy(dtype=object)
    values["in_unit"] = (doubt != UNKNOWN).astype(float)
    values["anticoagulated"] = (own["ANTICFL"] == "Y").to_numpy(dtype=float)
    found: Graded = grade_values(
        term, values, str(own["series_unit"].iloc[0]), _substance(term.test)
    )
    in_doubt = (doubt != "") & (doubt != UNKNOWN)
    text = np.array([NO_GRADE if np.isnan(g) else f"{g:g}" for g in found.grade], dtype=object)
    least = np.where(found.at_least & ~in_doubt, "Y", "").astype(object)
    return np.where(in_doubt, NO_GRADE, text), np.where(in_doubt, doubt, found.why), least


def _substance(test: str) -> Substance:
    units = read_units().get(test)
    return ANY if units is None else units.substance


def with_baseline_grades(results: pd.DataFrame) -> pd.DataFrame:
    """BTOXGRL/H, the grade of the baseline record, and BNRIND, where it lay."""
    at = results[results["ABLFL"] == "Y"].drop_duplicates(list(BASELINE), keep="last")
    names = {"ATOXGRL": "BTOXGRL", "ATOXGRH": "BTOXGRH", "ANRIND": "BNRIND"}
    own = at.set_index(list(BASELINE))[list(names)].rename(columns=names)
    out = results.drop(columns=list(names.values()), errors="ignore")
    out = out.join(own, on=list(BASELINE))
    return out.assign(**{name: out[name].fillna("") for name in names.values()})


def range_indicator(results: pd.DataFrame) -> pd.Series:
    """LOW, NORMAL, HIGH by the limits; "" without a value, or without a limit that would tell.

    A result below or above a number only is where all that it can be is.
    """
    return where_of(results["AVAL"], results["AQUAL"], results["ANRLO"], results["ANRHI"])
