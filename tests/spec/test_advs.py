"""ADVS of small made-up subjects: one unit per sign, series by position, values below a limit."""

from __future__ import annotations

import pandas as pd
import pytest
from test_adlb import ADSL, EX, PROTOCOL

from csr.derive.advs import derive_advs
from csr.derive.findings import Derived
from csr.params.measurements import MeasurementRules


def vs(*records: str) -> pd.DataFrame:
    """A record: test, value, unit ("-" none), position ("-" none), date."""
    columns = ["VSTESTCD", "VSSTRESC", "VSSTRESU", "VSPOS", "VSDTC"]
    frame = pd.DataFrame([r.split() for r in records], columns=columns).replace("-", "")
    return frame.assign(
        USUBJID="A",
        VSSEQ=[float(i) for i in range(1, len(frame) + 1)],
        VSTEST=frame["VSTESTCD"],
        VSSTRESN=pd.to_numeric(frame["VSSTRESC"], errors="coerce"),
        VSORRES=frame["VSSTRESC"],
        VSORRESU=frame["VSSTRESU"],
    )


def derived(frame: pd.DataFrame) -> Derived:
    return derive_advs({"vs": frame, "ex": EX}, ADSL, MeasurementRules(), PROTOCOL)


def test_every_unit_of_a_sign_is_turned_into_one() -> None:
    """99.1 °F = 37.2778 °C; 154 lb = 69.8532 kg; 70 in = 177.8 cm; 16 kPa = 120.0099 mmHg."""
    frame = derived(
        vs(
            "TEMP 99.1 F - 2026-01-02",
            "TEMP 38.5 C - 2026-01-12",
            "WEIGHT 154 LB - 2026-01-02",
            "HEIGHT 70 IN - 2026-01-02",
            "SYSBP 16 kPa - 2026-01-02",
            "PULSE 70 bpm - 2026-01-02",
            "OXYSAT 0.97 1 - 2026-01-02",
        )
    ).frame
    assert list(frame["AVAL"]) == pytest.approx(
        [37.27778, 38.5, 69.8532, 177.8, 120.0099, 70, 97], rel=1e-6
    )
    assert list(frame["AVALU"]) == ["C", "C", "kg", "cm", "mmHg", "beats/min", "%"]
    assert list(frame["ANRIND"]) == ["NORMAL", "HIGH", "", "", "NORMAL", "NORMAL", "NORMAL"]
    assert frame["CHG"].iloc[1] == pytest.approx(1.22222, rel=1e-5)


def test_standing_and_supine_are_series_of_their_own() -> None:
    """Got: standing 100 as the baseline of supine. Right: each with its own baseline."""
    frame = derived(
        vs(
            "SYSBP 130 mmHg SUPINE 2026-01-02",
            "SYSBP 100 mmHg STANDING 2026-01-02",
            "SYSBP 128 mmHg SUPINE 2026-01-12",
            "SYSBP 88 mmHg STANDING 2026-01-12",
            "PULSE 70 beats/min SUPINE 2026-01-02",
        )
    ).frame
    assert list(frame["PARAMCD"]) == ["SYSBP_SU", "SYSBP_ST", "SYSBP_SU", "SYSBP_ST", "PULSE"]
    assert list(frame["BASE"]) == [130, 100, 130, 100, 70]
    assert list(frame["CHG"].dropna()) == [-2, -12]
    assert frame.groupby("PARAMCD")["PARAM"].nunique().eq(1).all()
    # Params' limits are of the test, whatever the position.
    assert list(frame["ANRIND"]) == ["NORMAL", "NORMAL", "NORMAL", "LOW", "NORMAL"]


def test_a_value_without_a_usable_unit_stays_and_is_in_no_summary() -> None:
    found = derived(
        vs(
            "TEMP 99.1 - - 2026-01-02",
            "TEMP 37.0 C - 2026-01-03",
            "TEMP 98.6 F - 2026-01-04",
            "PULSE 70 furlong - 2026-01-02",
            "WEIGHT 70 kg - 2026-01-02",
            "WEIGHT 71 - - 2026-01-03",
        )
    )
    assert list(found.frame["AVAL"]) == pytest.approx([99.1, 37, 37, 70, 70, 71])
    assert list(found.frame["ANL01FL"]) == ["", "Y", "Y", "", "Y", "Y"]
    assert list(found.frame["ANRIND"]) == ["", "NORMAL", "NORMAL", "", "", ""]
    assert {f.check: len(f.rows) for f in found.findings} == {"unit-differs": 2, "unit-blank": 1}


def test_a_value_at_odds_with_itself_is_a_finding() -> None:
    """99.1 as °C, and a standardised 99.1 °C of a recorded 99.1 °F."""
    frame = vs("TEMP 99.1 C - 2026-01-02", "TEMP 37.0 C - 2026-01-03", "TEMP 37.4 C - 2026-01-12")
    frame.loc[2, ["VSORRES", "VSORRESU"]] = ["104", "F"]
    found = derived(frame)
    assert list(found.frame["ANL01FL"]) == ["", "Y", ""]
    assert list(found.frame["BASE"]) == [37, 37, 37]
    assert sum(len(f.rows) for f in found.findings if f.check == "unit-differs") == 2


def test_below_and_above_a_limit_of_the_device() -> None:
    """`>99` is not below 92; from a baseline of this kind there is no change."""
    frame = derived(
        vs(
            "OXYSAT >99 % - 2026-01-02",
            "OXYSAT 90 % - 2026-01-12",
            "TEMP <35 C - 2026-01-02",
            "TEMP <36 C - 2026-01-12",
        )
    ).frame
    assert list(frame["AVAL"]) == [99, 90, 35, 36]
    assert list(frame["AQUAL"]) == [">", "", "<", "<"]
    assert list(frame["BQUAL"]) == [">", ">", "<", "<"]
    assert frame["CHG"].isna().all()
    assert list(frame["ANRIND"]) == ["NORMAL", "LOW", "LOW", ""]


def test_a_change_of_location_is_a_note() -> None:
    frame = vs("TEMP 37.0 C - 2026-01-02", "TEMP 37.1 C - 2026-01-12")
    found = derived(frame.assign(VSLOC=["ORAL CAVITY", "AXILLA"]))
    assert [(f.check, f.severity) for f in found.findings] == [("series-attribute", "note")]
    assert list(found.frame["BASE"]) == [37, 37]
