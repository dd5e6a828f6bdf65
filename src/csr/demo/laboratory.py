"""Laboratory results (LB): typical value × course after infusion × CRS × chance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from csr.demo.measurement_habits import laboratory_as_written
from csr.demo.rates import read_table
from csr.demo.truth import Subject
from csr.demo.visit_table import finish, number_text

CYTOKINES = "CYTOKINES AND INFLAMMATION"
BLOOD_TAKEN = (
    "screening", "baseline", "lymphodepletion", "infusion", "early", "scan", "unscheduled", "ltfu",
)  # fmt: skip
RCL_VISITS = ("BASELINE", "WEEK 12", "WEEK 24", "LTFU YEAR 1")


def simulate_laboratory(
    rng: np.random.Generator,
    subjects: list[Subject],
    visits: pd.DataFrame,
    study: str,
    *,
    tidy: bool = False,
) -> pd.DataFrame:
    """All LB records of the study, as finally recorded."""
    settings = read_table("analytes.yaml")
    taken = visits[visits["kind"].isin(BLOOD_TAKEN)].reset_index(drop=True)
    sites = np.array([s.site for s in subjects], dtype=object)
    parts = []
    for code, spec in settings["analytes"].items():
        where = _where(taken, spec[1])
        values = _values(rng, taken[where], spec, settings, len(subjects))
        part = _records(taken[where], code, spec, values)
        parts.append(_in_other_units(part, code, spec, settings["other_units"], sites))
    parts.append(_vector_safety(taken))
    table = pd.concat(parts, ignore_index=True)
    written = table if tidy else laboratory_as_written(table, sites)
    return finish(written, subjects, "LB", study)


def _where(taken: pd.DataFrame, category: str) -> np.ndarray:
    kind = taken["kind"].to_numpy()
    if category == CYTOKINES:
        acute = (taken["since"] <= 28).to_numpy() & (kind != "screening")
        return np.asarray(acute & (kind != "ltfu"))
    if category == "CHEMISTRY":
        return np.asarray(kind != "ltfu")
    return np.ones(len(taken), dtype=bool)


def _values(
    rng: np.random.Generator,
    taken: pd.DataFrame,
    spec: list[Any],
    settings: dict[str, Any],
    subjects: int,
) -> np.ndarray:
    typical, spread, shape = spec[6], spec[7], spec[8]
    sigma = float(np.sqrt(np.log1p(spread**2)))
    own = np.exp(rng.normal(0, sigma * 0.8, subjects))[taken["_subject"].to_numpy()]
    noise = np.exp(rng.normal(0, sigma * 0.45, len(taken)))
    course = _course(taken, shape, settings)
    return np.asarray(np.round(typical * own * noise * course, spec[5]))


def _course(taken: pd.DataFrame, shape: str, settings: dict[str, Any]) -> np.ndarray:
    since = taken["since"].fillna(-30.0).to_numpy()
    if shape in settings["peaks"]:
        day, width, heights = settings["peaks"][shape]
        height = np.array(heights, dtype=float)[taken["crs"].to_numpy(dtype=int)]
        after = np.where(since >= 0, np.exp(-(((since - day) / width) ** 2)), 0.0)
        return np.asarray(1 + height * after)
    points = np.array(settings["curves"][shape], dtype=float)
    return np.interp(since, points[:, 0], points[:, 1])


def _records(taken: pd.DataFrame, code: str, spec: list[Any], values: np.ndarray) -> pd.DataFrame:
    name, category, unit, low, high, decimals = spec[:6]
    part = taken[["_subject", "_day", "VISITNUM", "VISIT", "EPOCH"]].reset_index(drop=True)
    text = number_text(values, decimals)
    indicator = np.where(values < low, "LOW", np.where(values > high, "HIGH", "NORMAL"))
    fixed = {
        "LBTESTCD": code, "LBTEST": name, "LBCAT": category, "LBSPEC": "BLOOD",
        "LBORRESU": unit, "LBORNRLO": f"{low:g}", "LBORNRHI": f"{high:g}", "LBSTRESU": unit,
        "LBSTNRLO": float(low), "LBSTNRHI": float(high),
    }  # fmt: skip
    part = part.assign(**fixed)
    part["LBORRES"] = part["LBSTRESC"] = text
    part["LBSTRESN"] = values
    part["LBNRIND"] = indicator.astype(object)
    part["LBBLFL"] = np.where(taken["kind"] == "baseline", "Y", "").astype(object)
    part["LBDTC"] = taken["DTC"].to_numpy()
    return part


def _in_other_units(
    part: pd.DataFrame, code: str, spec: list[Any], other: dict[str, Any], sites: np.ndarray
) -> pd.DataFrame:
    """The original result of a site that reported another unit until it changed its laboratory."""
    if code not in other:
        return part
    unit, factor, site, until = other[code]
    here = sites[part["_subject"].to_numpy()] == site
    rows = here & (part["_day"] < until.toordinal()).to_numpy()
    converted = number_text(part.loc[rows, "LBSTRESN"].to_numpy() * factor, spec[5] + 1)
    part.loc[rows, "LBORRES"] = converted
    part.loc[rows, "LBORRESU"] = unit
    part.loc[rows, "LBORNRLO"] = f"{spec[3] * factor:.3g}"
    part.loc[rows, "LBORNRHI"] = f"{spec[4] * factor:.3g}"
    return part


def _vector_safety(taken: pd.DataFrame) -> pd.DataFrame:
    rows = taken[taken["VISIT"].isin(RCL_VISITS)]
    part = rows[["_subject", "_day", "VISITNUM", "VISIT", "EPOCH"]].reset_index(drop=True)
    fixed = {
        "LBTESTCD": "RCL", "LBTEST": "Replication Competent Lentivirus",
        "LBCAT": "VECTOR SAFETY", "LBSPEC": "BLOOD", "LBORRES": "NEGATIVE",
        "LBSTRESC": "NEGATIVE", "LBSTRESN": np.nan, "LBSTNRLO": np.nan, "LBSTNRHI": np.nan,
        "LBORRESU": "", "LBORNRLO": "", "LBORNRHI": "", "LBSTRESU": "", "LBNRIND": "",
    }  # fmt: skip
    part = part.assign(**fixed)
    part["LBBLFL"] = np.where(rows["kind"] == "baseline", "Y", "").astype(object)
    part["LBDTC"] = rows["DTC"].to_numpy()
    return part
