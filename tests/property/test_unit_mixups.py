"""Unit mix-ups planted in the demo's LB: each is a finding, none changes a grade silently."""

from __future__ import annotations

import pandas as pd
import pytest

from csr.demo.write import write_demo
from csr.derive.adlb import derive_adlb
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.read.source import read_source

# Test, the unit the value is really in, and what the standard unit's value is multiplied by for it.
MIXUPS = {
    "GLUC in mg/dL": ("GLUC", 18.016),
    "CREAT in mg/dL": ("CREAT", 1 / 88.402),
    "BILI in mg/dL": ("BILI", 1 / 17.104),
    "CA in mg/dL": ("CA", 4.008),
    "HGB in g/dL": ("HGB", 0.1),
    "ALB in g/dL": ("ALB", 0.1),
    "NEUT per µL": ("NEUT", 1000.0),
    "PLAT per µL": ("PLAT", 1000.0),
    "LYM per µL": ("LYM", 1000.0),
    "WBC per µL": ("WBC", 1000.0),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple:
    folder = tmp_path_factory.mktemp("mixups")
    write_demo(folder, subjects=60)
    path = folder / "params" / "interim.yaml"
    params = read_params(path)
    sdtm = read_source(params.data, path.parent).frames
    adsl = check_data(params, path.parent).adam["adsl"]
    return params, sdtm, adsl


@pytest.mark.parametrize("planted", MIXUPS)
@pytest.mark.parametrize("with_limits", [True, False])
def test_a_mixup_is_found_and_grades_nothing(study: tuple, planted: str, with_limits: bool) -> None:
    """Every fourth result of one test is in another unit, the standard unit beside it."""
    params, sdtm, adsl = study
    test, factor = MIXUPS[planted]
    lb = sdtm["lb"].copy()
    clean = derive_adlb(sdtm, adsl, params.laboratory, params.protocol).frame
    numbers = pd.to_numeric(lb["LBSTRESN"], errors="coerce")
    own = lb.index[(lb["LBTESTCD"] == test) & (numbers > 0)][::4]
    lb["LBSTRESN"] = numbers
    lb.loc[own, "LBSTRESN"] = numbers[own] * factor
    if with_limits:
        for column in ("LBSTNRLO", "LBSTNRHI"):
            lb.loc[own, column] = pd.to_numeric(lb.loc[own, column]) * factor
    found = derive_adlb({**sdtm, "lb": lb}, adsl, params.laboratory, params.protocol)
    keys = ["USUBJID", "LBSEQ", "PARAMCD"]
    grades = ["ATOXGRL", "ATOXGRH"]
    both = clean[[*keys, *grades]].merge(
        found.frame[[*keys, *grades]], on=keys, suffixes=("", "_2")
    )
    changed = both[
        ((both["ATOXGRL"] != both["ATOXGRL_2"]) & (both["ATOXGRL_2"] != ""))
        | ((both["ATOXGRH"] != both["ATOXGRH_2"]) & (both["ATOXGRH_2"] != ""))
    ]
    assert changed[changed["PARAMCD"] == test].empty
    doubted = {row for f in found.findings if f.check == "lab-unit" for row in f.rows}
    assert {int(i) + 1 for i in own} <= doubted


def test_the_demonstration_itself_has_no_doubt(study: tuple) -> None:
    params, sdtm, adsl = study
    found = derive_adlb(sdtm, adsl, params.laboratory, params.protocol)
    assert [f for f in found.findings if f.check == "lab-unit"] == []


def test_a_recorded_result_that_disagrees_is_found(study: tuple) -> None:
    """Planted in the recorded result alone, the disagreement with the standard one is found."""
    params, sdtm, adsl = study
    lb = sdtm["lb"].copy()
    own = lb.index[lb["LBTESTCD"] == "K"][:3]
    lb.loc[own, "LBORRES"] = "44"
    found = derive_adlb({**sdtm, "lb": lb}, adsl, params.laboratory, params.protocol)
    assert sum(len(f.rows) for f in found.findings if f.check == "lab-unit") == len(own)
