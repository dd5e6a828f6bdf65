"""A delivered ADLB, ADVS or ADPC that lacks a column: said by name, and the rest is drawn."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from tests.recorded import frames_of, results_for, run_all
from tests.small_study import PARAMS, SUBJECTS, write_study

from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data

EXTRA = """\
populations:
  enrolled: {label: Enrolled, flag: ALL}
  safety: {label: Treated, flag: SAFFL}
  kinetics: {label: Kinetics set, flag: PKFL}
laboratory: {}
measurements: {}
kinetics: {analyte: CAR, main_specimen: BLOOD, units: copies/ug}
"""
KEYS = {"USUBJID", "PARAMCD", "AVAL", "STUDYID"}
VISITS = {"Baseline": ("2026-01-09", 0), "Day 7": ("2026-01-17", 7), "Day 28": ("2026-02-07", 28)}


def measured(paramcd: str, param: str, value: float, **columns: object) -> pd.DataFrame:
    """Three visits of every subject: the value, then 30 % less, then a fifth of it."""
    rows = [
        {
            "STUDYID": "SMALL",
            "USUBJID": who,
            "PARAMCD": paramcd,
            "PARAM": param,
            "AVISIT": visit,
            "AVISITN": day,
            "ADT": date,
            "AVAL": value * share,
            "BASE": value,
            "CHG": "" if day == 0 else value * (share - 1),
            "ABLFL": "Y" if day == 0 else "",
            "ONTRTFL": "" if day == 0 else "Y",
            "ANL01FL": "Y",
            **columns,
        }
        for who in SUBJECTS
        for (visit, (date, day)), share in zip(VISITS.items(), (1.0, 0.7, 0.2), strict=True)
    ]
    return pd.DataFrame(rows)


def adlb() -> pd.DataFrame:
    platelets = measured("PLAT", "Platelets (10^9/L)", 200.0, AVALU="10^9/L", ANRLO=150, ANRHI=400)
    liver = [
        measured(code, f"{code} ({unit})", 5.0 * high, AVALU=unit, ANRLO=low, ANRHI=high)
        for code, unit, low, high in (("ALT", "U/L", 5, 40), ("BILI", "umol/L", 3, 20))
    ]
    return pd.concat([platelets, *liver], ignore_index=True).assign(LBSEQ=range(1, 109))


def advs() -> pd.DataFrame:
    own = measured("SYSBP", "Systolic blood pressure (mmHg)", 130.0, AVALU="mmHg")
    where = own["AVAL"].lt(90).map({True: "LOW", False: "NORMAL"})
    return own.assign(ANRIND=where, VSSEQ=range(1, 37))


def adpc() -> pd.DataFrame:
    own = measured("CAR", "CAR (copies/ug)", 1000.0, AVALU="copies/ug", PCSPEC="BLOOD", LLOQ=10)
    days = own["AVISITN"].where(own["AVISITN"] > 0, -1)
    own = own.assign(AVALC=own["AVAL"].astype(str), AINFN=1, ARELTM=days, NRELTM=days)
    return own.assign(VISIT=own["AVISIT"], PCSEQ=range(1, 37))


FRAMES = {"adlb": adlb, "advs": advs, "adpc": adpc}


def checked(folder: Path, **changed: pd.DataFrame) -> Checked:
    """The small study with all three, `changed` in their place."""
    frames = {name: make() for name, make in FRAMES.items()} | changed
    path = write_study(folder, **frames)
    more = "".join(f"    {name}: {{file: {name}.csv}}\n" for name in FRAMES)
    text = PARAMS.replace("  datasets:\n", f"  datasets:\n{more}")
    path.write_text(text + EXTRA, encoding="utf-8")
    return check_data(read_params(path), path.parent)


def draw_all(found: Checked, folder: Path) -> set[str]:
    """Runs the analyses of the plan and draws its displays; their names."""
    params, adam, plan = frames_of(folder / "params.yaml")
    outputs = run_all(plan, adam, params)
    for planned in plan.displays:
        own = planned.display
        own.draw(results_for(own, outputs), own.of(adam, params), params)
    return {p.display.name for p in found.plan.displays}


@lru_cache(maxsize=1)
def whole(folder: Path) -> frozenset[str]:
    """The displays of the study with every column."""
    return frozenset(draw_all(checked(folder), folder))


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> frozenset[str]:
    return whole(tmp_path_factory.mktemp("whole"))


def test_the_study_has_the_displays_that_columns_can_cost(every: frozenset[str]) -> None:
    assert {"lab-shift-grade", "hys-law", "vitals-by-visit", "kinetics-by-visit"} <= every


@pytest.mark.parametrize(
    ("dataset", "column", "left_out"),
    [
        ("adlb", "ANRLO", {"lab-shift-grade", "lab-grade3plus", "lab-worst-profile"}),
        ("adlb", "ABLFL", {"lab-shift-grade", "lab-worst-profile"}),
        ("advs", "ADT", {"vitals-by-visit"}),
        ("adpc", "PCSPEC", {"kinetics-by-visit", "kinetics-mean"}),
    ],
)
def test_displays_and_column_are_named_and_the_rest_is_drawn(
    dataset: str, column: str, left_out: set[str], every: frozenset[str], tmp_path: Path
) -> None:
    found = checked(tmp_path, **{dataset: FRAMES[dataset]().drop(columns=column)})
    assert not found.errors
    where = f"{dataset.upper()}.{column}"
    about = [f for f in found.findings if f.check == "missing-for-displays" and f.where() == where]
    assert all(any(name in f.message for f in about) for name in left_out)
    drawn = draw_all(found, tmp_path)
    assert not drawn & left_out
    gone = {name: found.plan.left_out[name] for name in every - drawn}
    # What csr makes of the samples, the kinetics set among it, is not there either.
    made = ("ADPP", "PKFL", "REASEXC") if dataset == "adpc" else ()
    assert all(where in why or any(name in why for name in made) for why in gone.values())


def columns() -> list[tuple[str, str]]:
    return [(d, c) for d, make in FRAMES.items() for c in make() if c not in KEYS]


@pytest.mark.slow
@pytest.mark.parametrize(("dataset", "column"), columns())
def test_any_column_can_be_absent(dataset: str, column: str, tmp_path: Path) -> None:
    found = checked(tmp_path, **{dataset: FRAMES[dataset]().drop(columns=column)})
    assert not found.errors
    assert draw_all(found, tmp_path)
