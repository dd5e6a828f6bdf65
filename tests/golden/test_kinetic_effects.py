"""Immunogenicity, competing risks and exposure-safety of small frames, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import PARAMS, adsl, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Figure, Table
from csr.endpoints.kinetics.persistence_competing import competing_records
from csr.params import Params
from csr.params.file import read_params

DISPLAYS = {d.name: d for d in all_displays()}
MORE = """
kinetics: {analyte: CAR DNA, units: copies/ug, lloq: 50, main_specimen: BLOOD}
populations:
  enrolled: {label: Enrolled, flag: ALL}
  safety: {label: Safety, flag: SAFFL}
  kinetics: {label: Kinetics, flag: SAFFL}
"""
Adam = dict[str, pd.DataFrame]


@pytest.fixture
def params(tmp_path: Path) -> Params:
    path = write_study(tmp_path)
    path.write_text(PARAMS + MORE, encoding="utf-8")
    return read_params(path)


def drawn(name: str, adam: Adam, params: Params) -> Table | Figure:
    display = DISPLAYS[name]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    drawing = display.draw(results, adam, params)
    assert isinstance(drawing, Table | Figure)
    return drawing


def test_immunogenicity(params: Params) -> None:
    rows = [
        ("S-01", "NEGATIVE", "Y", ""),
        ("S-01", "POSITIVE", "", "Y"),  # induced
        ("S-02", "POSITIVE", "Y", ""),
        ("S-02", "POSITIVE", "", "Y"),  # before and after
        ("S-07", "NEGATIVE", "Y", ""),
        ("S-07", "NEGATIVE", "", "Y"),
        ("S-08", "POSITIVE", "", "Y"),  # no result before: induced
    ]
    adis = pd.DataFrame(rows, columns=["USUBJID", "AVALC", "ABLFL", "ONTRTFL"])
    adis = adis.assign(PARAM="ADA", PARAMCD="ADA", ANL01FL="Y")
    table = drawn("immunogenicity", {"adsl": adsl(), "adis": adis}, params)
    assert isinstance(table, Table)
    lines = {line.cells[0]: line.cells[1:] for line in table.lines}
    assert lines["Treatment-induced: positive after it, not before"] == (
        "1 (16.7)",
        "1 (16.7)",
        "2 (16.7)",
    )
    assert lines["Positive before and after it"] == ("1 (16.7)", "0", "1 (8.3)")
    assert lines["Negative after it, and not positive before"] == ("0", "1 (16.7)", "1 (8.3)")


def adpp(values: dict[str, dict[str, float]]) -> pd.DataFrame:
    rows = [(who, code, value) for who, own in values.items() for code, value in own.items()]
    frame = pd.DataFrame(rows, columns=["USUBJID", "PARAMCD", "AVAL"])
    return frame.assign(AVALU="copies/ug", PARAM=frame["PARAMCD"], AINFN=1.0)


def test_a_death_competes_unless_the_subject_was_infused_again(params: Params) -> None:
    month = params.conventions.days_per_month
    data = adpp(
        {
            "S-01": {"TMAX": 7, "FBLQ": 2 * month, "LSTSMP": 3 * month},
            "S-02": {"TMAX": 7, "LSTSMP": 1 * month},  # died in month 4
            "S-03": {"TMAX": 7, "LSTSMP": 1 * month},  # died in month 4, after a second infusion
            "S-04": {"TMAX": 7, "LSTSMP": 5 * month},
        }
    )
    start = pd.Timestamp("2026-01-10")
    dead = start + pd.Timedelta(days=round(4 * month))
    subjects = adsl().assign(TRTSDT=start, NINF=1.0, DTHDT=pd.NaT)
    subjects.loc[[1, 2], "DTHDT"] = dead
    subjects.loc[2, "NINF"] = 2.0
    adam = {"adsl": subjects, "adpp": data}
    records = competing_records(adam, params).set_index("USUBJID")
    assert records["event"].to_dict() == {"S-01": 1, "S-02": 2, "S-03": 0, "S-04": 0}
    assert records["value"].round(1).to_dict() == {"S-01": 2, "S-02": 4, "S-03": 1, "S-04": 5}
    results = DISPLAYS["persistence-competing-risk"].analyses[0].answer(adam, params).results
    pooled = results[results["level1"].isna()]
    found = dict(zip(pooled["stat"] + pooled["level2"].fillna(""), pooled["value"], strict=True))
    # Three at risk at month 2 (S-03 censored at 1): 1/3; then 2/3 × 1/2 of the two at month 4.
    assert [v for k, v in found.items() if k.startswith("loss2")] == [pytest.approx(100 / 3)]
    assert [v for k, v in found.items() if k.startswith(("death4", "death3.9"))] == [
        pytest.approx(100 / 3)
    ]
    assert isinstance(drawn("persistence-competing-risk", adam, params), Figure)


def test_exposure_by_crs_grade(params: Params) -> None:
    data = adpp({f"S-{i:02d}": {"CMAX": 10.0**i} for i in range(1, 5)})
    adce = pd.DataFrame(
        {
            "USUBJID": ["S-02", "S-03", "S-04"],
            "ACAT1": "CRS",
            "AINFN": 1.0,
            "AGRADE": ["1", "1", "2"],
        }
    )
    events = pd.DataFrame(
        {"USUBJID": ["S-04"], "AETOXGR": ["3"], "TRTEMFL": ["Y"], "AEDECOD": ["X"], "AESEQ": [1.0]}
    ).assign(AINFN=1.0, AINFDY=5.0)
    adam = {"adsl": adsl(), "adpp": data, "adce": adce, "adae": events}
    table = drawn("exposure-safety-summary", adam, params)
    assert isinstance(table, Table)
    cells = [line.cells for line in table.lines]
    # Grades 0, 1, 1, 2 with values in order: ranks 1, 2.5, 2.5, 4 against 1 to 4: ρ = √0.9 = 0.95.
    assert cells[1][4].startswith("ρ = 0.95")
    assert ("None", "1", "10", "10", "") in cells
    assert ("Grade 1", "2", "316", "550", "") in cells  # √(100·1000); (100 + 1000)/2
    assert ("Yes", "1", "10000", "10000", "") in cells
    assert isinstance(drawn("exposure-safety", adam, params), Figure)
    # An ungraded episode is neither "None" nor in the correlation; all BLQ (0) is in the ranks.
    ungraded = adce.assign(AGRADE=["1", "1", ""])
    silent = adpp({**{f"S-{i:02d}": {"CMAX": 10.0**i} for i in range(2, 5)}, "S-01": {"CMAX": 0.0}})
    again = drawn("exposure-safety-summary", {**adam, "adce": ungraded, "adpp": silent}, params)
    assert isinstance(again, Table)
    shown = {line.cells[0]: line.cells for line in again.lines}
    assert shown["Not graded"][1] == "1"
    assert shown["None"] == ("None", "1", "NE", "0", "")
    assert shown["Maximum grade of CRS"][4].startswith(
        "ρ = 0.87"
    )  # ranks 1, 2, 3 against 1, 2.5, 2.5
    # Without ADCE nobody is said to have had no CRS.
    alone = drawn("exposure-safety-summary", {k: v for k, v in adam.items() if k != "adce"}, params)
    assert isinstance(alone, Table)
    assert "Maximum grade of CRS" not in {line.cells[0] for line in alone.lines}
