"""Units of delivered ADaM: times against params and dates, one unit a parameter, ages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csr.derive.delivered_units import age_in_years, in_days, in_one_unit
from csr.derive.pc_results import read_results
from csr.derive.time_units import find_time_units
from csr.errors import Finding
from csr.params.conventions import Conventions
from csr.params.endpoints import Endpoint, Endpoints
from csr.params.file import read_params
from csr.params.kinetics import Kinetics
from csr.pipeline.data import check_data

START = pd.Timestamp("2024-01-01")
MONTH = 30.4375
DAYS = (31, 92, 200, 400)


def adtte(unit: str | None, size: float, dated: bool = True) -> pd.DataFrame:
    """Four times of overall survival, AVAL in units of `size` days."""
    frame = pd.DataFrame(
        {
            "USUBJID": list("ABCD"),
            "PARAMCD": "OS",
            "AVAL": [round(d / size, 1) for d in DAYS],
            "CNSR": 0.0,
        }
    )
    if unit is not None:
        frame["AVALU"] = unit
    if dated:
        frame["STARTDT"] = START
        frame["ADT"] = START + pd.to_timedelta([d - 1 for d in DAYS], unit="D")
    return frame


def found(frame: pd.DataFrame, unit: str = "days") -> list[Finding]:
    endpoints = Endpoints(os=Endpoint(paramcd="OS", unit=unit))
    return find_time_units(frame, endpoints, Conventions())


@pytest.mark.parametrize(
    ("written", "size", "params", "severity"),
    [
        ("DAYS", 1, "days", None),
        ("Day", 1, "days", None),
        ("MONTHS", MONTH, "months", None),
        ("MONTHS", MONTH, "days", "error"),
        ("DAYS", 1, "months", "error"),
        ("WEEKS", 7, "days", "error"),
        ("YEARS", 365.25, "months", "error"),
        ("furlong", 1, "days", "error"),
        ("DAYS", MONTH, "days", "error"),  # the dates say months
        ("", 1, "days", None),
        ("", MONTH, "days", "error"),
        (None, MONTH, "days", "error"),
        (None, MONTH, "months", None),
        (None, 1, "months", "error"),
        (None, 7, "days", "warning"),  # of neither unit: each record is named
    ],
)
def test_the_unit_of_a_time_is_that_of_params_or_an_error(
    written: str | None, size: float, params: str, severity: str | None
) -> None:
    assert [f.severity for f in found(adtte(written, size), params)] == (
        [severity] if severity else []
    )


def test_without_unit_and_dates_params_are_taken() -> None:
    assert found(adtte(None, MONTH, dated=False)) == []
    assert found(adtte("MONTHS", MONTH, dated=False))[0].severity == "error"


def test_a_blank_unit_is_that_of_the_others() -> None:
    frame = adtte("DAYS", 1)
    frame.loc[0, "AVALU"] = ""
    assert found(frame) == []
    frame.loc[1, "AVALU"] = "MONTHS"
    assert {f.severity for f in found(frame)} == {"error"}


def test_one_time_that_is_not_its_dates_is_a_warning() -> None:
    frame = adtte("DAYS", 1)
    frame.loc[2, "AVAL"] = 20
    assert [(f.check, f.severity, f.keys) for f in found(frame)] == [
        ("time-not-dates", "warning", ("USUBJID=C, PARAMCD=OS",))
    ]
    frame["AVAL"] = [d - 1 for d in DAYS]  # who leaves out the 1
    assert found(frame) == []


@pytest.mark.parametrize("name", ["attack/avalu-ignored", "files/avalu-contradicts-params/input"])
def test_avalu_that_contradicts_params_stops(shared: Path, name: str) -> None:
    """Got: no finding, median 0.1 months for 3.9. Right (built): an error names both."""
    folder = shared / "cases" / name
    params = read_params(folder / "params.yaml")
    errors = [f for f in check_data(params, folder).errors if f.check == "time-unit"]
    assert errors
    assert all("AVALU says MONTHS, params (endpoints." in f.message for f in errors)


def bds(*rows: tuple[str, float, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["PARAMCD", "AVAL", "AVALU"])
    return frame.assign(USUBJID="A", BASE=frame["AVAL"], CHG=1.0, PARAM=frame["AVALU"])


def test_a_parameter_is_in_one_unit() -> None:
    """98.6 °F is 37 °C, a change of 1 °F is 5/9 °C; 154 lb is 69.853 kg."""
    done = in_one_unit(
        bds(
            ("TEMP", 37, "C"), ("TEMP", 38, "C"), ("TEMP", 98.6, "F"), ("TEMP", 37, ""),
            ("WEIGHT", 70, "kg"), ("WEIGHT", 71, "kg"), ("WEIGHT", 154, "lb"),
            ("WEIGHT", 70, "furlong"),
        ),
        "ADVS",
        {},
    )  # fmt: skip
    frame = done.frame
    assert list(frame["AVAL"].fillna(-1)) == pytest.approx([37, 38, 37, -1, 70, 71, 69.85323, -1])
    assert list(frame["BASE"].fillna(-1))[2] == pytest.approx(37)
    assert frame["CHG"].iloc[2] == pytest.approx(5 / 9)
    assert frame["PARAM"].iloc[2] == "C"
    assert {f.check: len(f.rows) for f in done.findings} == {"unit-unknown": 2}


def test_sums_of_diameters_are_in_millimetres() -> None:
    done = in_one_unit(bds(("SDIAM", 5, "cm"), ("SDIAM", 6.5, "cm")), "ADTR", {"length": "mm"})
    assert list(done.frame["AVAL"]) == [50, 65]
    assert list(done.frame["CHG"]) == [10, 10]
    assert set(done.frame["AVALU"]) == {"mm"}


def test_times_are_in_days_and_ages_in_years() -> None:
    frame = pd.DataFrame(
        {"USUBJID": list("ABC"), "AFRLT": [24.0, 48.0, 1.0], "FRLTU": ["HOURS", "h", "furlong"]}
    )
    done = in_days(frame, "ADPC", ("AFRLT", "NFRLT"), ("FRLTU",))
    assert list(done.frame["AFRLT"].fillna(-1)) == [1, 2, -1]
    assert [f.check for f in done.findings] == ["unit-unknown"]
    adsl = pd.DataFrame(
        {"USUBJID": list("ABCD"), "AGE": [50.0, 624.0, 60.0, 7.0],
         "AGEU": ["YEARS", "MONTHS", "", "furlong"]}
    )  # fmt: skip
    assert list(age_in_years(adsl).frame["AGE"].fillna(-1)) == [50, 52, 60, -1]


@pytest.mark.parametrize(
    ("value", "unit", "expected"),
    [
        (1500.0, "copies/ug", 1500.0),
        (1500.0, "copies/µg DNA", 1500.0),
        (1.5, "copies/ng", 1500.0),
        (1500.0, "copies/mL", None),
        (1500.0, "furlong", None),
    ],
)
def test_concentrations_by_the_table_of_units(
    value: float, unit: str, expected: float | None
) -> None:
    records = pd.DataFrame(
        {"PCSTRESC": [f"{value:g}"], "PCSTRESN": [value], "PCSTRESU": [unit], "PCTESTCD": "CAR"}
    )
    read = read_results(records, Kinetics(records={"domain": "pc"}))
    assert (None if pd.isna(read["AVAL"][0]) else read["AVAL"][0]) == expected
    assert (read["REASEXC"][0] == "") == (expected is not None)


def test_a_blank_unit_of_concentration_is_that_of_the_others() -> None:
    records = pd.DataFrame(
        {"PCSTRESC": ["10", "20"], "PCSTRESN": [10.0, 20.0], "PCSTRESU": ["copies/ng", ""],
         "PCTESTCD": "CAR"}
    )  # fmt: skip
    read = read_results(records, Kinetics(records={"domain": "pc"}))
    assert list(read["AVAL"]) == [10_000, 20_000]
