"""The 188 published phase 1 trials of A05 through the tables of dose finding.

The publications give the levels and the DLTs seen, not each subject. A level's DLTs are the largest
count published for one toxicity, its evaluable subjects the number published, or three where none
is (data/README of the shared folder: levels without DLT rows are assumed to have none). No MTD of
these trials is compared: most state another dose than 3+3 gives (the same README).
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csr.displays.dose_escalation import dlt_summary, mtd
from csr.endpoints.dose_escalation.dlt import DLT_SUMMARY
from csr.endpoints.dose_escalation.mtd import MTD
from csr.params import Params

START = pd.Timestamp("2020-01-01")


def level_key(name: str) -> tuple[float, str]:
    number = re.match(r"-?[\d.]+", name)
    return (float(number[0]) if number else 0.0, name)


def published(shared: Path) -> dict[str, list[tuple[str, int, int]]]:
    """PMID: (level, evaluable, DLTs) from the lowest level up."""
    folder = shared / "data" / "A05_dose_escalation" / "published_phase1"
    trials, levels, seen = (
        pd.read_parquet(folder / f"{name}.parquet")
        for name in ("trial", "dose_level", "observed_dlt")
    )
    for column in ("Observed_Frequency", "Total"):
        seen[column] = pd.to_numeric(seen[column], errors="coerce")
    worst = seen.groupby(["PMID", "At_Level"])[["Observed_Frequency", "Total"]].max()
    found: dict[str, list[tuple[str, int, int]]] = {}
    for pmid in trials["PMID"]:
        names = {str(v) for v in levels.loc[levels["PMID"] == pmid, "Dose_Level"] if v is not None}
        found[pmid] = []
        for name in sorted(names, key=level_key):
            counts = worst.loc[(pmid, name)] if (pmid, name) in worst.index else pd.Series()
            x = int(np.nan_to_num(counts.get("Observed_Frequency", 0)))
            n = int(np.nan_to_num(counts.get("Total", 0))) or max(3, x)
            found[pmid].append((name, n, min(x, n)))
    return found


def study(levels: list[tuple[str, int, int]]) -> tuple[dict[str, pd.DataFrame], Params]:
    subjects = [(name, i < x) for name, n, x in levels for i in range(n)]
    day = START + pd.to_timedelta(30 * np.arange(len(subjects)), unit="D")
    had = np.array([toxic for _, toxic in subjects], dtype=bool)
    adsl = pd.DataFrame(
        {
            "USUBJID": [f"{i:03d}" for i in range(len(subjects))],
            "TRT01A": [name for name, _ in subjects],
            "TRTSDT": day,
            "DLTFL": "Y",
            "DLTYN": np.where(had, "Y", "N"),
            "DLTSTAT": np.where(had, "DLT", "NO DLT"),
            "DLTDT": pd.Series(day).where(had),
            "DLTWENDT": day + pd.Timedelta(days=28),
        }
    )
    doses = [
        {"value": name, "label": name, "planned": i + 1} for i, (name, *_) in enumerate(levels)
    ]
    params = Params.model_validate(
        {
            "study": {"id": "A05", "title": "Published"},
            "cut": {
                "id": "c",
                "label": "c",
                "cutoff": "2040-01-01",
                "transfer": "2040-01-01",
                "report_date": "2040-01-01",
            },
            "data": {"folder": "x", "datasets": {}},
            "treatment": {"levels": [{"value": d["value"], "label": d["value"]} for d in doses]},
            "endpoints": {"dlt": {"doses": doses, "flag": "AEDLT"}},
        }
    )
    return {"adsl": adsl, "adae": pd.DataFrame({"USUBJID": []})}, params


@pytest.mark.slow
def test_published_trials_run_through_the_tables(shared: Path) -> None:
    """Each of the 188 has an MTD or a stated reason for none; one publishes no dose level."""
    trials = published(shared)
    assert len(trials) == 188
    verdicts = {}
    for pmid, levels in trials.items():
        if not levels:
            verdicts[pmid] = "no dose level published"
            continue
        adam, params = study(levels)
        results = pd.concat([a.answer(adam, params).results for a in (DLT_SUMMARY, MTD)])
        assert len(dlt_summary.draw(results, adam, params).lines) > len(levels)
        assert len(mtd.draw(results, adam, params).lines) == 7
        line = results[(results["analysis"] == "mtd") & (results["stat"] == "mtd")].iloc[0]
        place = line["value"]
        verdicts[pmid] = line["reason"] if np.isnan(place) else levels[int(place) - 1][0]
    assert all(verdicts.values())
    assert sum(v == "no dose level published" for v in verdicts.values()) == 1
