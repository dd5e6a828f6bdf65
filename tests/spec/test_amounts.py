"""What an exposure record amounts to, and doses in the unit of the plan (METHODS §10.6, §10.17)."""

from __future__ import annotations

import pandas as pd
import pytest
from ascii_table import table
from study import EXPOSURE, PROTOCOL, subjects

from csr.derive.adex import derive_adex, find_amounts
from csr.derive.adsl import derive_adsl
from csr.derive.dose_units import with_dose_unit
from csr.derive.infusions import given, infusion_table
from csr.params.protocol import Protocol

ADSL = subjects("| STUDYID | USUBJID | TRTSDT | DOSE1 |\n| S | 1 | 2024-03-10 | 110 |")
CAR = {
    "EXCAT": "CAR-T",
    "EXTRT": "CAR",
    "EXDOSE": 100.0,
    "EXDOSU": "10^6 CELLS",
    "EXSTDTC": "2024-03-10",
    "EXENDTC": "2024-03-10",
}


def exposure(*rows: dict[str, object]) -> dict[str, pd.DataFrame]:
    frame = pd.DataFrame([{"USUBJID": "1", **row} for row in rows])
    frame["EXSEQ"] = [float(i) for i in range(1, len(frame) + 1)]
    texts = [c for c in frame if c not in ("EXDOSE", "EXDOSTOT", "EXSEQ")]
    frame[texts] = frame[texts].fillna("")
    return {"ex": frame}


def depletion(frequency: str, start: str, end: str, **more: object) -> dict[str, object]:
    return {
        "EXCAT": "LYMPHODEPLETION",
        "EXTRT": "CTX",
        "EXDOSE": 250.0,
        "EXDOSU": "mg/m2",
        "EXDOSFRQ": frequency,
        "EXSTDTC": start,
        "EXENDTC": end,
        **more,
    }


def of_depletion(*rows: dict[str, object]) -> tuple[float, float]:
    """Administrations and total of lymphodepletion; -1 where they are not estimable."""
    frame = derive_adex(exposure(CAR, *rows), ADSL, PROTOCOL)
    own = frame[frame["PARCAT1"] == "LYMPHODEPLETION"].set_index("PARAMCD")["AVAL"].fillna(-1)
    return own["NDOSE"], own["TDOSE"]


# EXDOSFRQ, start, end → administrations of 250, by hand; -1: can't be told
FREQUENCIES = [
    ("QD", "2024-03-04", "2024-03-06", 3),  # got 250 for 750
    ("ONCE", "2024-03-04", "2024-03-06", 1),
    ("ONCE", "2024-03-04", "", 1),
    ("BID", "2024-03-04", "2024-03-06", 6),
    ("TID", "2024-03-04", "2024-03-04", 3),
    ("QID", "2024-03-04", "2024-03-05", 8),
    ("Q12H", "2024-03-04", "2024-03-05", 4),
    ("twice daily", "2024-03-04", "2024-03-05", 4),
    ("QOD", "2024-03-04", "2024-03-07", 2),
    ("QOD", "2024-03-04", "2024-03-08", 3),  # the 4th, 6th and 8th
    ("QW", "2024-03-04", "2024-03-18", 3),  # the 4th, 11th and 18th
    ("QW", "2024-03-04", "2024-03-17", 2),
    ("EVERY WEEK", "2024-03-04", "2024-03-11", 2),
    ("Q3W", "2024-01-01", "2024-02-12", 3),  # day 1, 22 and 43
    ("EVERY 3 WEEKS", "2024-01-01", "2024-02-11", 2),
    ("QM", "2024-01-15", "2024-03-15", 3),
    ("QM", "2024-01-15", "2024-03-14", 2),
    ("Q2M", "2024-01-15", "2024-05-15", 3),
    ("", "2024-03-04", "2024-03-04", 1),
    ("UNKNOWN", "2024-03-04", "2024-03-04", 1),
    ("", "2024-03-04", "2024-03-06", -1),
    ("PRN", "2024-03-04", "2024-03-04", -1),
    ("CONTINUOUS", "2024-03-04", "2024-03-06", -1),
    ("TIW", "2024-03-04", "2024-03-17", -1),
    ("QD", "2024-03-04", "", -1),
    ("QD", "2024-03-04", "2024-03", -1),
    ("QD", "2024-03", "2024-03-06", -1),
]


@pytest.mark.parametrize(("frequency", "start", "end", "times"), FREQUENCIES)
def test_the_amount_is_dose_times_administrations(
    frequency: str, start: str, end: str, times: float
) -> None:
    rows = [depletion(frequency, start, end)]
    expected = (times, times * 250 if times > 0 else -1)
    assert of_depletion(*rows) == expected
    found = find_amounts(exposure(CAR, *rows), PROTOCOL)
    assert [f.check for f in found] == (["amount"] if times < 0 else [])


def test_twenty_eight_days_twice_a_day() -> None:
    """Got 4,000 of 112,000: 2,000 mg twice a day on 28 days."""
    row = depletion("BID", "2024-02-05", "2024-03-03", EXDOSE=2000.0, EXDOSU="mg")
    assert of_depletion(row) == (56, 112_000)


def test_a_total_of_a_day_takes_the_place_of_dose_and_frequency() -> None:
    row = depletion("BID", "2024-03-04", "2024-03-06", EXDOSTOT=400.0)
    assert of_depletion(row) == (6, 1200)
    unknown = depletion("", "2024-03-04", "2024-03-06", EXDOSTOT=400.0)
    assert of_depletion(unknown) == (-1, 1200)


def test_records_of_a_drug_that_never_ends_are_points_in_time() -> None:
    assert of_depletion(*(depletion("", f"2024-03-0{d}", "") for d in (4, 5, 6))) == (3, 750)
    # An end that is missing beside others is open: the drug may still be given.
    rows = [depletion("", "2024-03-04", "2024-03-04"), depletion("", "2024-03-05", "")]
    assert of_depletion(*rows) == (-1, -1)


def test_one_part_that_is_not_known_leaves_no_total() -> None:
    rows = [
        depletion("QD", "2024-03-04", "2024-03-05"),
        depletion("PRN", "2024-03-06", "2024-03-06"),
    ]
    assert of_depletion(*rows) == (-1, -1)
    no_dose = depletion("QD", "2024-03-06", "2024-03-06", EXDOSE=float("nan"))
    assert of_depletion(depletion("QD", "2024-03-04", "2024-03-05"), no_dose) == (3, -1)


def test_a_total_is_in_one_unit() -> None:
    """250 mg/m2 and 0.25 g/m2 are 500 mg/m2; with mg there is no total."""
    gram = depletion("ONCE", "2024-03-05", "2024-03-05", EXDOSE=0.25, EXDOSU="g/m2")
    first = depletion("ONCE", "2024-03-04", "2024-03-04")
    assert of_depletion(first, gram) == (2, 500)
    assert of_depletion(first, depletion("ONCE", "2024-03-05", "2024-03-05", EXDOSU="mg")) == (
        2,
        -1,
    )
    # A blank unit is the one all others of the drug share.
    assert of_depletion(first, depletion("ONCE", "2024-03-05", "2024-03-05", EXDOSU="")) == (2, 500)


DM = table(
    """
    | STUDYID | USUBJID | ARM | ACTARM | ARMCD | RFICDTC    | DTHDTC | DTHFL |
    | S       | 1       | DL1 | DL1    | DL1   | 2024-01-01 | .      | .     |
    | S       | 2       | DL2 | DL2    | DL2   | 2024-01-01 | .      | .     |
    """
)


def two(*doses: tuple[float, str]) -> dict[str, pd.DataFrame]:
    """A first dose for each of two subjects."""
    rows = [
        {**CAR, "USUBJID": str(i), "EXDOSE": d, "EXDOSU": u} for i, (d, u) in enumerate(doses, 1)
    ]
    return {**exposure(*rows), "dm": DM}


def percents(sdtm: dict[str, pd.DataFrame], protocol: Protocol = PROTOCOL) -> list[float]:
    adsl = derive_adsl(sdtm, protocol, pd.Timestamp("2024-12-31")).frame
    frame = derive_adex(sdtm, adsl, protocol)
    return list(frame.loc[frame["PARAMCD"] == "PCTDOSE", "AVAL"].fillna(-1))


@pytest.mark.parametrize(
    "doses",
    [
        ((90, "10^6 CELLS"), (260, "10^6 CELLS")),
        ((90, "10^6 CELLS"), (2.6e8, "CELLS")),
        ((9e7, "cells"), (260, "x10^6 cells")),
        ((0.09, "10^9 CELLS"), (260, "10^6 CELLS")),
        ((90, "10^6 CELLS"), (260, "")),
    ],
)
def test_doses_in_two_units_are_of_the_plan(doses: tuple) -> None:
    """Got 1 % of plan. Right: 90 % of 100 and 104 % of 250, in whatever unit of cells."""
    assert percents(two(*doses)) == pytest.approx([90, 104])
    adsl = derive_adsl(two(*doses), PROTOCOL, pd.Timestamp("2024-12-31")).frame
    assert list(adsl["TRT01A"]) == ["DL1", "DL2"]


def test_a_dose_in_a_unit_that_is_not_the_plans_is_no_number() -> None:
    sdtm = two((90, "10^6 CELLS"), (3, "10^6 CELLS/kg"))
    assert percents(sdtm) == [90, -1]
    found = derive_adsl(sdtm, PROTOCOL, pd.Timestamp("2024-12-31")).findings
    assert {"dose-unit", "dose-level"} <= {f.check for f in found}


def test_the_unit_of_the_plan_can_be_declared() -> None:
    exposure_in_cells = EXPOSURE.model_copy(
        update={
            "dose_unit": "CELLS",
            "dose_levels": tuple(
                level.model_copy(
                    update={k: getattr(level, k) * 1e6 for k in ("planned", "low", "high")}
                )
                for level in EXPOSURE.dose_levels
            ),
        }
    )
    protocol = PROTOCOL.model_copy(update={"exposure": exposure_in_cells})
    assert percents(two((90, "10^6 CELLS"), (260, "10^6 CELLS")), protocol) == pytest.approx(
        [90, 104]
    )


def test_units_of_which_none_is_the_plans_are_an_error() -> None:
    """Planned 100 and 250; the doses are neither in grams nor in milligrams near them."""
    sdtm = two((5, "g"), (6000, "mg"))
    doses = given(sdtm, EXPOSURE.study_treatment)
    _, found = with_dose_unit(doses, PROTOCOL, ())
    assert [(f.check, f.severity) for f in found] == [("dose-units", "error")]


def test_an_infusion_with_a_fraction_of_unknown_dose_has_none() -> None:
    rows = [{**CAR, "EXDOSE": 60.0}, {**CAR, "EXDOSE": float("nan")}]
    assert infusion_table(exposure(*rows), PROTOCOL)["DOSE"].isna().all()


def test_drugs_of_a_component_do_not_add_up() -> None:
    """750 mg/m2 of one drug and 75 of another are no total of 825."""
    fludarabine = depletion("QD", "2024-03-04", "2024-03-06", EXTRT="FLU", EXDOSE=25.0)
    frame = derive_adex(
        exposure(CAR, depletion("QD", "2024-03-04", "2024-03-06"), fludarabine), ADSL, PROTOCOL
    )
    own = frame[frame["PARCAT1"] == "LYMPHODEPLETION"]
    assert own.loc[own["PARAMCD"] == "TDOSE", "AVAL"].isna().all()
    assert list(own.loc[own["PARAMCD"] == "NDOSE", "AVAL"]) == [6]
    assert sorted(own.loc[own["PARAMCD"] == "DOSE", "AMOUNT"]) == [75, 750]
