"""A delivered ADaM that lacks columns: `check` says which displays go, and the rest is made.

A small made-up study, a column (or several) taken away, through the reader, the steps before the
plan, every analysis and every display.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

import pandas as pd
import pytest
from tests import small_study
from tests.recorded import results_for

from csr.displays.catalogue import place
from csr.params.file import read_params
from csr.pipeline.chapters import read_frames
from csr.pipeline.data import Checked, check_data
from csr.results import Adam

ROOT = Path(__file__).resolve().parents[2]
# What no build can do without: keys, values, and what params name.
FIRM = {"USUBJID", "PARAMCD", "AVAL", "AVALC", "CNSR", "AESEQ", "TRT01A", "TRT01P", "SAFFL"}


def adcm() -> pd.DataFrame:
    """Two medications a subject, one of them after treatment began."""
    n = len(small_study.SUBJECTS)
    return pd.DataFrame(
        {
            "STUDYID": "SMALL",
            "USUBJID": small_study.SUBJECTS * 2,
            "CMSEQ": [1] * n + [2] * n,
            "CMTRT": ["PARACETAMOL"] * n + ["IBUPROFEN"] * n,
            "CMCLAS": "ANALGESICS",
            "ASTDT": ["2025-12-01"] * n + ["2026-01-20"] * n,
            "ONTRTFL": [""] * n + ["Y"] * n,
        }
    )


def frames() -> Adam:
    """The datasets of the study, subjects with the dates of death and of the last contact."""
    died = small_study.adsl()["DTHFL"] == "Y"
    adsl = small_study.adsl().assign(
        DTHDT=died.map({True: "2026-04-20", False: ""}),
        LSTALVDT=died.map({True: "2026-04-19", False: "2026-06-20"}),
    )
    adae = small_study.adae(["PYREXIA", "NAUSEA", "CYTOKINE RELEASE SYNDROME"] * 8)
    return {
        "adsl": adsl,
        "adae": adae,
        "adrs": small_study.adrs(),
        "adtte": small_study.adtte(),
        "adcm": adcm(),
    }


def write(folder: Path, gone: Collection[tuple[str, str]], more: str = "") -> Path:
    """The study without the columns `gone`."""
    lacking = {
        name: frame.drop(columns=[c for d, c in gone if d == name])
        for name, frame in frames().items()
    }
    params = small_study.write_study(folder, **lacking)
    text = small_study.PARAMS.replace(
        "    adtte: {file: adtte.csv}\n",
        "    adtte: {file: adtte.csv}\n    adcm: {file: adcm.csv}\n",
    )
    params.write_text(text + more, encoding="utf-8")
    return params


def made_without(folder: Path, *gone: tuple[str, str]) -> Checked:
    """What `check` says of the study without these columns; every display of it is drawn."""
    file = write(folder, gone)
    params, checked = read_params(file), check_data(read_params(file), file.parent)
    assert not checked.errors, checked.errors
    about = ("findings", "decisions", "sources", "versions", "left_out", "accounts")
    outputs = {n: a.run(checked.adam, params) for n, a in checked.plan.analyses.items()}
    for planned in checked.plan.displays:
        display = planned.display
        if set(display.reads(params).datasets) & set(about):
            continue
        drawn = place(display, planned.number, results_for(display, outputs), checked.adam, params)
        assert drawn.drawing
    return checked


def told_of(checked: Checked, where: str) -> str:
    """What the findings say of a column."""
    found = [f for f in checked.findings if f.where() == where]
    return " ".join(f.message for f in found if f.check == "missing-for-displays")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The displays of the whole study."""
    made = made_without(tmp_path_factory.mktemp("whole"))
    return {p.display.name for p in made.plan.displays}


@pytest.mark.parametrize(
    ("dataset", "column", "left_out"),
    [
        # Rates, curves and the timeline need the start of an event; the timeline needs its end.
        ("adae", "ASTDT", {"ae-exposure-adjusted", "cumulative-incidence", "ae-timeline"}),
        ("adae", "AENDT", {"ae-timeline"}),
        # Without it nobody knows what was taken on treatment.
        ("adcm", "ONTRTFL", {"concomitant-medication"}),
    ],
)
def test_check_names_the_displays_and_the_column(
    tmp_path: Path, whole: set[str], dataset: str, column: str, left_out: set[str]
) -> None:
    checked = made_without(tmp_path, (dataset, column))
    assert whole - {p.display.name for p in checked.plan.displays} == left_out
    told = told_of(checked, f"{dataset.upper()}.{column}")
    assert all(name in told for name in left_out)
    assert all(f"{dataset.upper()}.{column}" in checked.plan.left_out[name] for name in left_out)


def test_windows_of_days_are_left_out_without_a_start(tmp_path: Path) -> None:
    # Not "the same subjects in every window": a window can't be told without the start.
    checked = made_without(tmp_path, ("adae", "ASTDT"))
    params = read_params(tmp_path / "params.yaml")
    related = checked.plan.analyses["trae-by-soc-pt-grade"].run(checked.adam, params)
    assert set(related.results["level2"].dropna()) == {"All"}
    told = told_of(checked, "ADAE.ASTDT")
    assert "the windows of days after the first treatment are left out" in told


def test_no_action_taken_is_not_said_where_it_is_not_known(tmp_path: Path) -> None:
    checked = made_without(tmp_path, ("adae", "AEACN"))
    params = read_params(tmp_path / "params.yaml")
    overview = checked.plan.analyses["ae-overview"].run(checked.adam, params).results
    stopped = overview[overview["level2"] == "TEAE leading to discontinuation of treatment"]
    counts = stopped[stopped["stat"] == "n"]
    assert len(counts)
    assert counts["value"].isna().all()
    assert (counts["reason"] == "AEACN is not in ADAE").all()
    assert "ae-discontinuation" in checked.plan.left_out


def droppable() -> list[tuple[str, str]]:
    """Every column of the study that is no key."""
    return [(n, c) for n, frame in frames().items() for c in frame if c not in FIRM]


@pytest.mark.parametrize("seed", range(10))
def test_any_columns_may_be_missing(tmp_path: Path, seed: int) -> None:
    """Four random columns at once: no step before the plan, no analysis and no display stops."""
    made_without(tmp_path, *random.Random(seed).sample(droppable(), 4))


@pytest.mark.slow
def test_csr_build_makes_the_rest(tmp_path: Path) -> None:
    only = "ae-overview, ae-timeline, concomitant-medication, ae-listing, displays-left-out"
    gone = [("adae", "ASTDT"), ("adae", "AENDT"), ("adcm", "ONTRTFL")]
    params = write(tmp_path, gone, f"displays: {{only: [{only}]}}\n")
    command = [sys.executable, "-m", "csr", "build", str(params), "--out", str(tmp_path / "out")]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=dict(os.environ))
    assert done.returncode == 0, done.stderr
    place_of = tmp_path / "out" / "SMALL" / "cut-1"
    left_out = read_frames(place_of)["left_out"].set_index("display")["why"]
    assert left_out["ae-timeline"] == "the data hold no ADAE.AENDT, ADAE.ASTDT"
    assert left_out["concomitant-medication"] == "the data hold no ADCM.ONTRTFL"
    html = (place_of / "rendered" / "interim.html").read_text(encoding="utf-8")
    assert "Any TEAE" in html
    assert "the data hold no ADCM.ONTRTFL" in html
