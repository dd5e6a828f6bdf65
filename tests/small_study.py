"""A small made-up ADaM study as CSV files, for tests that need to spoil a copy of it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

PARAMS = """\
study: {id: SMALL, title: Small study, simulated: true}
cut: {id: cut-1, label: Cut 1, cutoff: 2026-06-30, transfer: 2026-07-02, report_date: 2026-07-10}
data:
  folder: data
  datasets:
    adsl: {file: adsl.csv}
    adae: {file: adae.csv}
    adrs: {file: adrs.csv}
    adtte: {file: adtte.csv}
treatment:
  levels:
    - {value: Dose 1, label: Dose 1}
    - {value: Dose 2, label: Dose 2}
endpoints:
  bor: {paramcd: CBOR}
  pfs: {paramcd: PFS, strategy: treatment-policy}
  os: {paramcd: OS}
"""
SUBJECTS = [f"S-{i:02d}" for i in range(1, 13)]
RESPONSES = ["CR", "PR", "PR", "SD", "SD", "SD", "PD", "PD", "NE", "PR", "SD", "PD"]


def adsl() -> pd.DataFrame:
    """Twelve treated subjects, six a dose."""
    return pd.DataFrame(
        {
            "STUDYID": "SMALL",
            "USUBJID": SUBJECTS,
            "TRT01A": ["Dose 1"] * 6 + ["Dose 2"] * 6,
            "TRT01P": ["Dose 1"] * 6 + ["Dose 2"] * 6,
            "AGE": [41 + 3 * i for i in range(12)],
            "SEX": ["F", "M"] * 6,
            "RACE": "ASIAN",
            "SAFFL": "Y",
            "TRTSDT": "2026-01-10",
            "TRTEDT": "2026-01-10",
            "EOSSTT": ["ONGOING"] * 8 + ["DISCONTINUED"] * 4,
            "DCSREAS": [""] * 8 + ["DEATH"] * 4,
            "DTHFL": [""] * 8 + ["Y"] * 4,
        }
    )


def adae(terms: list[str] | None = None) -> pd.DataFrame:
    """One event a term, dealt out over the subjects."""
    terms = terms or ["PYREXIA", "NAUSEA", "CYTOKINE RELEASE SYNDROME", "NAUSEA", "FATIGUE"]
    n = len(terms)
    return pd.DataFrame(
        {
            "STUDYID": "SMALL",
            "USUBJID": [SUBJECTS[i % 12] for i in range(n)],
            "AESEQ": [1 + i // 12 for i in range(n)],
            "AETERM": terms,
            "AEDECOD": terms,
            "AEBODSYS": ["GENERAL DISORDERS"] * n,
            "AETOXGR": [str(1 + i % 4) for i in range(n)],
            "AESER": ["Y" if i % 4 == 3 else "N" for i in range(n)],
            "AEREL": ["RELATED" if i % 2 else "NOT RELATED" for i in range(n)],
            "AEOUT": "RECOVERED/RESOLVED",
            "AEACN": "DOSE NOT CHANGED",
            "TRTEMFL": "Y",
            "ASTDT": "2026-01-12",
            "AENDT": "2026-01-20",
        }
    )


def adrs() -> pd.DataFrame:
    """Confirmed best overall response."""
    return pd.DataFrame(
        {
            "STUDYID": "SMALL",
            "USUBJID": SUBJECTS,
            "PARAMCD": "CBOR",
            "PARAM": "Confirmed best overall response",
            "AVALC": RESPONSES,
            "ADT": "2026-04-01",
        }
    )


def adtte() -> pd.DataFrame:
    """Overall and progression-free survival."""
    frames = []
    for paramcd, param, shift in (
        ("OS", "Overall survival", 60),
        ("PFS", "Progression-free survival", 0),
    ):
        frames.append(
            pd.DataFrame(
                {
                    "STUDYID": "SMALL",
                    "USUBJID": SUBJECTS,
                    "PARAMCD": paramcd,
                    "PARAM": param,
                    "AVAL": [30 + 7 * i + shift for i in range(12)],
                    "CNSR": [i % 3 % 2 for i in range(12)],
                    "EVNTDESC": ["" if i % 3 % 2 else "Death" for i in range(12)],
                    "CNSDTDSC": ["Alive" if i % 3 % 2 else "" for i in range(12)],
                    "STARTDT": "2026-01-10",
                    "ADT": "2026-06-01",
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def write_study(folder: Path, **changed: pd.DataFrame) -> Path:
    """Writes params and data; `changed` frames take the place of the study's own."""
    data = folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    frames = {"adsl": adsl(), "adae": adae(), "adrs": adrs(), "adtte": adtte(), **changed}
    for name, frame in frames.items():
        frame.to_csv(data / f"{name}.csv", index=False)
    params = folder / "params.yaml"
    params.write_text(PARAMS, encoding="utf-8")
    return params
