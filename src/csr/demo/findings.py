"""Vital signs, ECG, ECOG and anti-drug antibodies (VS, EG, QS, IS)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.demo.measurement_habits import vital_signs_as_written
from csr.demo.truth import Subject
from csr.demo.visit_table import finish, number_text

BASE = ["_subject", "_day", "VISITNUM", "VISIT", "EPOCH"]
SEEN = ("screening", "baseline", "lymphodepletion", "infusion", "early", "scan", "unscheduled")
# code: name, unit, typical value, SD between subjects, SD between visits, decimals
VITAL_SIGNS = {
    "TEMP": ("Temperature", "C", 36.5, 0.15, 0.2, 1),
    "SYSBP": ("Systolic Blood Pressure", "mmHg", 118.0, 11.0, 7.0, 0),
    "DIABP": ("Diastolic Blood Pressure", "mmHg", 75.0, 7.0, 5.0, 0),
    "PULSE": ("Pulse Rate", "BEATS/MIN", 80.0, 8.0, 6.0, 0),
    "RESP": ("Respiratory Rate", "BREATHS/MIN", 18.0, 1.0, 1.0, 0),
    "OXYSAT": ("Oxygen Saturation", "%", 98.0, 0.5, 0.6, 0),
    "WEIGHT": ("Weight", "kg", 60.0, 9.0, 1.0, 1),
}
ECG = {
    "QTCFAG": ("QTcF Interval, Aggregate", "ms", 412.0, 14.0, 9.0, 0),
    "PRAG": ("PR Interval, Aggregate", "ms", 158.0, 16.0, 6.0, 0),
    "EGHRMN": ("ECG Mean Heart Rate", "BEATS/MIN", 78.0, 8.0, 5.0, 0),
}
FEVER_SHIFT = {"TEMP": 1.9, "PULSE": 22.0, "SYSBP": -16.0, "DIABP": -9.0, "RESP": 3.0}
ECG_VISITS = ("SCREENING", "BASELINE", "DAY 0", "WEEK 4", "WEEK 12", "WEEK 24")
ADA_VISITS = ("BASELINE", "WEEK 4", "WEEK 12", "WEEK 24", "LTFU YEAR 1")
ADA_SHARE = 0.12


def simulate_vital_signs(
    rng: np.random.Generator,
    subjects: list[Subject],
    visits: pd.DataFrame,
    study: str,
    *,
    tidy: bool = False,
) -> pd.DataFrame:
    """VS: seven measurements at each visit to the site, with the fever of CRS in them."""
    taken = visits[visits["kind"].isin(SEEN)].reset_index(drop=True)
    acute = _acute(taken)
    parts = [
        _measured(rng, taken, code, spec, len(subjects), acute * FEVER_SHIFT.get(code, 0.0), "VS")
        for code, spec in VITAL_SIGNS.items()
    ]
    sites = np.array([s.site for s in subjects], dtype=object)
    table = pd.concat(parts, ignore_index=True)
    written = table if tidy else vital_signs_as_written(table, sites)
    return finish(written, subjects, "VS", study)


def simulate_ecg(
    rng: np.random.Generator, subjects: list[Subject], visits: pd.DataFrame, study: str
) -> pd.DataFrame:
    """EG: intervals, heart rate and the reader's interpretation at the visits with an ECG."""
    taken = visits[visits["VISIT"].isin(ECG_VISITS)].reset_index(drop=True)
    none = np.zeros(len(taken))
    parts = [
        _measured(rng, taken, code, spec, len(subjects), none, "EG") for code, spec in ECG.items()
    ]
    words = np.array(["NORMAL", "ABNORMAL, NOT CLINICALLY SIGNIFICANT",
                      "ABNORMAL, CLINICALLY SIGNIFICANT"], dtype=object)  # fmt: skip
    read = words[rng.choice(3, len(taken), p=[0.72, 0.26, 0.02])]
    parts.append(_text_records(taken, "EG", "INTP", "Interpretation", read))
    return finish(pd.concat(parts, ignore_index=True), subjects, "EG", study)


def _acute(taken: pd.DataFrame) -> np.ndarray:
    since, grade = taken["since"].fillna(-30.0).to_numpy(), taken["crs"].to_numpy(dtype=float)
    shape = np.where(since > 0, np.exp(-(((since - 3) / 2.5) ** 2)), 0.0)
    return np.asarray(shape * np.minimum(grade, 3) / 2)


def _measured(
    rng: np.random.Generator,
    taken: pd.DataFrame,
    code: str,
    spec: tuple[str, str, float, float, float, int],
    subjects: int,
    shift: np.ndarray,
    domain: str,
) -> pd.DataFrame:
    name, unit, typical, between, within, decimals = spec
    own = rng.normal(0, between, subjects)[taken["_subject"].to_numpy()]
    values = np.round(typical + own + rng.normal(0, within, len(taken)) + shift, decimals)
    values = np.minimum(values, 100.0) if code == "OXYSAT" else values
    part = _text_records(taken, domain, code, name, number_text(values, decimals))
    part[f"{domain}STRESN"] = values
    part[f"{domain}ORRESU"] = part[f"{domain}STRESU"] = unit
    return part


def _text_records(
    taken: pd.DataFrame, domain: str, code: str, name: str, words: np.ndarray
) -> pd.DataFrame:
    part = taken[BASE].reset_index(drop=True)
    part[f"{domain}TESTCD"], part[f"{domain}TEST"] = code, name
    part[f"{domain}ORRES"] = part[f"{domain}STRESC"] = words
    part[f"{domain}STRESN"] = np.nan
    part[f"{domain}ORRESU"] = part[f"{domain}STRESU"] = ""
    part[f"{domain}BLFL"] = np.where(taken["kind"] == "baseline", "Y", "").astype(object)
    part[f"{domain}DTC"] = taken["DTC"].to_numpy()
    return part


def simulate_ecog(
    rng: np.random.Generator, subjects: list[Subject], visits: pd.DataFrame, study: str
) -> pd.DataFrame:
    """QS: the ECOG performance status, which gets worse towards a death."""
    asked = visits["kind"].isin(("screening", "baseline", "scan", "unscheduled"))
    taken = visits[asked].reset_index(drop=True)
    baseline = np.array([int(s.facts.get("ECOGBL", "1")) for s in subjects])
    death = np.array([s.death.when.day if s.death else 10**7 for s in subjects])
    index = taken["_subject"].to_numpy()
    near = (death[index] - taken["_day"].to_numpy()) < 60
    late = (taken["since"] > 0).to_numpy()
    worse = late & (rng.random(len(taken)) < np.where(near, 0.75, 0.12))
    better = late & ~worse & (rng.random(len(taken)) < 0.1)
    score = np.clip(baseline[index] + worse * 1 - better * 1, 0, 4).astype(float)
    part = _text_records(taken, "QS", "ECOG101", "ECOG1-Performance Status", number_text(score, 0))
    part["QSCAT"], part["QSSTRESN"] = "ECOG", score
    return finish(part.drop(columns=["QSORRESU", "QSSTRESU"]), subjects, "QS", study)


def simulate_immunogenicity(
    rng: np.random.Generator, subjects: list[Subject], visits: pd.DataFrame, study: str
) -> pd.DataFrame:
    """IS: anti-drug antibodies; once positive, a subject stays so."""
    taken = visits[visits["VISIT"].isin(ADA_VISITS)].reset_index(drop=True)
    turns = rng.random(len(subjects)) < ADA_SHARE
    after = rng.choice([28, 84], len(subjects))
    index = taken["_subject"].to_numpy()
    positive = turns[index] & (taken["since"].to_numpy() >= after[index] - 5)
    words = np.where(positive, "POSITIVE", "NEGATIVE").astype(object)
    part = _text_records(taken, "IS", "ADA_BAB", "Binding Antidrug Antibody", words)
    part["ISCAT"], part["ISSPEC"] = "IMMUNOGENICITY", "SERUM"
    return finish(part, subjects, "IS", study)
