"""CTCAE v5.0 grades of laboratory results in both directions, or the reason there is none."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.standards.ctcae import Term, grade_values, terms_of_test

NO_GRADE = ""
DIRECTIONS = {"low": "L", "high": "H"}


def with_grades(results: pd.DataFrame) -> pd.DataFrame:
    """Adds ATOXDSCL/H (the CTCAE term), ATOXGRL/H ("0" to "4"), ATOXREAL/H (why ungradable).

    `results` has test, AVAL, ANRLO, ANRHI, BASE, PCHG, `doubt` and ONTRTFL (Y after baseline; the
    rest is graded as if the baseline had been normal). Rows keep their order.
    """
    out = results.copy()
    for letter in DIRECTIONS.values():
        for column in ("ATOXDSC", "ATOXGR", "ATOXREA"):
            out[column + letter] = pd.Series("", index=out.index, dtype=object)
    for test, own in results.groupby("test", sort=False):
        for direction, term in terms_of_test(str(test)).items():
            letter = DIRECTIONS[direction]
            grade, why = _graded(term, own)
            out.loc[own.index, f"ATOXDSC{letter}"] = term.name
            out.loc[own.index, f"ATOXGR{letter}"] = grade
            out.loc[own.index, f"ATOXREA{letter}"] = why
    return out


def _graded(term: Term, own: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    columns = {"low": "ANRLO", "high": "ANRHI", "base": "BASE", "pchg": "PCHG"}
    values = {name: own[column].to_numpy(dtype=float) for name, column in columns.items()}
    values["value"] = own["AVAL"].to_numpy(dtype=float)
    values["first"] = (own["ONTRTFL"] != "Y").to_numpy(dtype=float)
    grade, why = grade_values(term, values)
    doubt = own["doubt"].to_numpy(dtype=object)
    text = np.array([NO_GRADE if np.isnan(g) else f"{g:g}" for g in grade], dtype=object)
    in_doubt = doubt != ""
    return np.where(in_doubt, NO_GRADE, text), np.where(in_doubt, doubt, why)


def with_baseline_grades(results: pd.DataFrame) -> pd.DataFrame:
    """BTOXGRL/H, the grade of the baseline record, and BNRIND, where it lay."""
    at = results[results["ABLFL"] == "Y"].set_index(["USUBJID", "PARAMCD"])
    names = {"ATOXGRL": "BTOXGRL", "ATOXGRH": "BTOXGRH", "ANRIND": "BNRIND"}
    own = at[list(names)].rename(columns=names)
    out = results.drop(columns=list(names.values()), errors="ignore")
    out = out.join(own, on=["USUBJID", "PARAMCD"])
    return out.assign(**{name: out[name].fillna("") for name in names.values()})


def range_indicator(results: pd.DataFrame) -> pd.Series:
    """LOW, NORMAL, HIGH by the limits; "" without a value or without a limit that would tell."""
    value, low, high = results["AVAL"], results["ANRLO"], results["ANRHI"]
    where = pd.Series("", index=results.index, dtype=object)
    where = where.mask(value.notna() & (low.notna() | high.notna()), "NORMAL")
    return where.mask(value < low, "LOW").mask(value > high, "HIGH")
