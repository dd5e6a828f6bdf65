"""Of how many the window of related events is known (METHODS §10.13), by hand."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import PARAMS, adae, adsl, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Table
from csr.endpoints.adverse_events.trae_windows import TRAE_WINDOWS
from csr.params.file import read_params
from csr.pipeline.data import check_data

# First dose 2026-01-10; a window of 60 days ends on 2026-03-11, of 100 on 2026-04-20.
# S-01 last seen on the last day of the first window, S-02 the day before, S-03 dead on day 30,
# S-04 dead after both, S-05 in therapy of another kind from day 20 and seen to June, S-06 lost on
# day 40 after a related event on day 2, S-07 and on seen to June; S-08 has an event unrelated.
SEEN = ["2026-03-11", "2026-03-10", "2026-02-09", "2026-05-01", "2026-06-01", "2026-02-19"]
SEEN += ["2026-06-01"] * 6
DIED = ["", "", "2026-02-09", "2026-05-01"] + [""] * 8
WINDOWS = PARAMS + "conventions: {related_windows: [60, 100]}\n"


def study(folder: Path, seen: list[str]) -> tuple:
    subjects = adsl().assign(
        LSTALVDT=seen, DTHDT=DIED, NACTDT=["", "", "", "", "2026-01-30"] + [""] * 7
    )
    subjects = subjects.assign(DTHFL=["Y" if d else "" for d in DIED]).drop(columns="TRTEDT")
    events = adae(["NAUSEA", "PYREXIA"]).assign(
        USUBJID=["S-06", "S-08"], AEREL=["RELATED", "NOT RELATED"], ASTDT="2026-01-12"
    )
    path = write_study(folder, adsl=subjects, adae=events)
    path.write_text(WINDOWS, encoding="utf-8")
    params = read_params(path)
    return params, check_data(params, folder).adam


def test_who_is_known_to_the_end_of_a_window_or_had_an_event(tmp_path: Path) -> None:
    params, adam = study(tmp_path, SEEN)
    output = TRAE_WINDOWS.answer(adam, params)
    own = output.rows[output.rows["role"] == "counted"]
    later = [f"S-{i:02d}" for i in range(7, 13)]
    for window, who in (
        ("60", ["S-01", "S-04", "S-05", "S-06", *later]),
        ("100", ["S-04", "S-05", "S-06", *later]),
    ):
        assert sorted(own.loc[own["WINDOW"] == window, "USUBJID"]) == who
    values = output.results.set_index(["level1", "level2", "stat"])["value"]
    assert values["Dose 1", "60", "n"] == 4
    assert values["Dose 1", "60", "N"] == 6
    assert values["Dose 2", "100", "n"] == 6
    assert values["Dose 1", "100", "pct"] == 50


def test_without_a_last_day_it_cant_be_told(tmp_path: Path) -> None:
    params, adam = study(tmp_path, ["", *SEEN[1:]])
    assert adam["adsl"]["LSTOBSDT"].iloc[0] == pd.Timestamp("2026-06-01"), "by overall survival"
    adam["adsl"].loc[0, "LSTOBSDT"] = pd.NaT
    results = TRAE_WINDOWS.answer(adam, params).results
    own = results[results["stat"] == "n"]
    assert len(own) == 6
    assert own["value"].map(math.isnan).all()
    assert set(own["reason"]) == {"the last day under observation is not known of 1 subject(s)"}


def test_an_event_needs_no_last_day(tmp_path: Path) -> None:
    seen = SEEN.copy()
    seen[5] = ""
    params, adam = study(tmp_path, seen)
    values = TRAE_WINDOWS.answer(adam, params).results.set_index(["level1", "level2", "stat"])
    assert values.loc[("Dose 1", "60", "n"), "value"] == 4


def test_the_table_shows_it_beside_n(tmp_path: Path) -> None:
    params, adam = study(tmp_path, SEEN)
    display = next(d for d in all_displays() if d.name == "trae-by-soc-pt-grade")
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    drawn = display.draw(results, adam, params)
    assert isinstance(drawn, Table)
    lines = [line.cells for line in drawn.lines]
    whole = [cells for cells in lines if cells[0] == "Window complete, or such an event"]
    assert [cells[2:] for cells in whole] == [
        ("4 (66.7)", "6 (100.0)", "10 (83.3)"),
        ("3 (50.0)", "6 (100.0)", "9 (75.0)"),
    ]


@pytest.mark.parametrize("missing", ["TRTSDT"])
def test_without_a_first_dose_there_is_no_window(tmp_path: Path, missing: str) -> None:
    params, adam = study(tmp_path, SEEN)
    adam["adsl"] = adam["adsl"].drop(columns=missing)
    results = TRAE_WINDOWS.answer(adam, params).results
    assert results.loc[results["stat"] == "n", "value"].map(math.isnan).all()
