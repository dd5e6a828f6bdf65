"""The cases of laboratory series, units, signs and grades: what csr gave, and what is right."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from csr.endpoints.adverse_events.cytopenia import CYTOPENIA
from csr.endpoints.laboratory.hys_law import HYS_LAW
from csr.endpoints.laboratory.laboratory import LAB_BY_VISIT, LAB_SEVERE
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data
from csr.results import Analysis


@cache
def case(folder: Path) -> tuple[Params, Checked]:
    """A case as csr reads it."""
    params = read_params(folder / "params.yaml")
    return params, check_data(params, folder)


def adlb_of(shared: Path, name: str) -> pd.DataFrame:
    """ADLB of a case, by subject and sequence, what is derived beside it left out."""
    frame = case(shared / "cases" / "endpoints" / name)[1].adam["adlb"]
    return frame[frame["PARAMCD"] != "CACORR"].set_index(["USUBJID", "LBSEQ"])


def counted(shared: Path, name: str, analysis: Analysis, stat: str = "n") -> dict[str, float]:
    """A statistic of all groups together, by the levels below them."""
    params, checked = case(shared / "cases" / "endpoints" / name)
    results = analysis.run(checked.adam, params).results
    own = results[(results["stat"] == stat) & results["level1"].isna()]
    levels = own[["level2", "level3", "level4"]].fillna("")
    return dict(zip(levels.agg("/".join, axis=1).str.strip("/"), own["value"], strict=True))


def test_lab_urine_serum_same_testcd(shared: Path) -> None:
    """Got: BASE 9000 of the urine, grade 2. Right: BASE 80, CHG 170, grade 3; urine on its own."""
    adlb = adlb_of(shared, "lab-urine-serum-same-testcd")
    serum = adlb[adlb["PARAMCD"] == "CREAT"]
    assert list(serum["AVAL"]) == [80, 250]
    assert list(serum["BASE"]) == [80, 80]
    assert serum["CHG"].iloc[1] == 170
    assert serum["ATOXGRH"].iloc[1] == "3"
    assert list(adlb.loc[adlb["PARAMCD"] == "CREAT_U", "AVAL"]) == [9000]
    assert adlb.groupby("PARAMCD")["PARAM"].nunique().eq(1).all()
    means = counted(shared, "lab-urine-serum-same-testcd", LAB_BY_VISIT, "mean")
    assert means["CREAT (umol/L)/V1/Value"] == 80


def test_lab_below_detection_neutrophils(shared: Path) -> None:
    """Got: "<0.1" has no grade, 0 subjects. Right: grade 4 on both days, 1 subject in each line."""
    adlb = adlb_of(shared, "lab-below-detection-neutrophils")
    below = adlb[adlb["AVALC"] == "<0.1"]
    assert list(below["ATOXGRL"]) == ["4", "4"]
    assert list(below["ATOXMNL"]) == ["", ""]
    assert list(below["AQUAL"]) == ["<", "<"]
    assert list(below["AVAL"]) == [0.1, 0.1]
    severe = counted(shared, "lab-below-detection-neutrophils", LAB_SEVERE)
    assert severe["Neutrophil count decreased/Grade ≥ 3"] == 1
    assert severe["Neutrophil count decreased/Grade 4"] == 1
    lasting = counted(shared, "lab-below-detection-neutrophils", CYTOPENIA)
    assert lasting["Neutropenia/Grade ≥ 3 after the first infusion"] == 1
    assert lasting["Neutropenia/Not recovered to grade ≤ 2 by day 28"] == 1


def test_lab_calcium_high_albumin(shared: Path) -> None:
    """Got: CACORR 1.98, grade 2. Right: albumin above 40 corrects nothing, 2.12, grade 0."""
    checked = case(shared / "cases" / "endpoints" / "lab-calcium-high-albumin")[1]
    own = checked.adam["adlb"]
    own = own[own["PARAMCD"] == "CACORR"]
    assert list(own["AVAL"]) == pytest.approx([2.12] * len(own))
    assert set(own["ATOXGRL"]) == {"0"}


def test_lab_eosinophilia(shared: Path) -> None:
    """Got: not graded. Right: 1.9 above the limit and the baseline is grade 1."""
    adlb = adlb_of(shared, "lab-eosinophilia")
    high = adlb[adlb["AVAL"] == 1.9]
    assert list(high["ATOXDSCH"]) == ["Eosinophilia"]
    assert list(high["ATOXGRH"]) == ["1"]


def test_lab_limits_differ_at_baseline(shared: Path) -> None:
    """Got: grades 1, 0, 1 by the later record's limit. Right: 0, 1, 2 by the baseline record's."""
    adlb = adlb_of(shared, "lab-limits-differ-at-baseline")
    later = adlb[adlb["ONTRTFL"] == "Y"].reset_index()
    assert dict(zip(later["USUBJID"], later["ATOXGRH"], strict=True)) == {
        "S-001": "0",
        "S-002": "1",
        "S-003": "2",
    }
    assert set(later["ATOXREAH"]) == {""}


def test_lab_mapped_codes_hys_law(shared: Path) -> None:
    """Got: Hy's law 0, no visit. Right: 1 in each of three lines; ALT and BILI by visit."""
    peaks = counted(shared, "lab-mapped-codes-hys-law", HYS_LAW)
    assert peaks["ALT or AST > 3 × ULN"] == 1
    assert peaks["Bilirubin > 2 × ULN"] == 1
    assert peaks["Potential Hy's law: and alkaline phosphatase < 2 × ULN"] == 1
    visits = counted(shared, "lab-mapped-codes-hys-law", LAB_BY_VISIT)
    assert {key.split(" ", 1)[0] for key in visits} >= {"ALT", "BILI"}
    adlb = adlb_of(shared, "lab-mapped-codes-hys-law")
    assert set(adlb["PARAMCD"]) == {"ALT", "BILI", "ALP"}
