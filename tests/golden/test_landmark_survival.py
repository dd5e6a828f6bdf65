"""Survival from a landmark and from apheresis of the small study, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import PARAMS, adrs, adsl, adtte, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Figure, Table
from csr.endpoints.efficacy.survival_by_response import landmark_records
from csr.params.file import read_params
from csr.pipeline.data import check_data

DISPLAYS = {d.name: d for d in all_displays()}
APHERESED = """
populations:
  enrolled: {label: Enrolled, flag: ALL}
  safety: {label: Safety, flag: SAFFL}
  apheresed: {label: Apheresed, flag: APHERFL}
"""


def study(folder: Path, text: str, **changed: pd.DataFrame) -> tuple:
    path = write_study(folder, **changed)
    path.write_text(text, encoding="utf-8")
    params = read_params(path)
    return params, check_data(params, folder).adam


def test_only_who_reached_the_landmark_and_only_responses_known_there(tmp_path: Path) -> None:
    # OS is 90 + 7·i days. Landmark 110 days: S-01 to S-03 (90, 97, 104) are not in.
    # Responses are dated 1 April, day 81: known. S-01, S-02, S-03, S-10 respond; S-10 is left.
    text = PARAMS + "\nconventions: {response_landmark_days: 110}\n"
    params, adam = study(tmp_path / "a", text)
    own = landmark_records(adam, params)
    assert list(own["USUBJID"]) == [f"S-{i:02d}" for i in range(4, 13)]
    assert own.loc[own["RESPONSE"] == "Responder", "USUBJID"].tolist() == ["S-10"]
    # S-10: 153 days, 43 after the landmark.
    found = own.set_index("USUBJID")["value"]
    assert found["S-10"] == pytest.approx(43 / 30.4375)
    later = adrs().assign(ADT="2026-06-20")
    params, adam = study(tmp_path / "b", text, adrs=later)
    assert set(landmark_records(adam, params)["RESPONSE"]) == {"Non-responder"}


def test_survival_from_apheresis_counts_the_untreated(tmp_path: Path) -> None:
    subjects = adsl().assign(APHERFL="Y")
    subjects.loc[[10, 11], "SAFFL"] = "N"
    own = adtte()[lambda f: f["PARAMCD"] == "OS"].assign(PARAMCD="OSAPH")
    both = pd.concat([adtte(), own, own.assign(PARAMCD="PFSAPH")], ignore_index=True)
    params, adam = study(tmp_path, PARAMS + APHERESED, adsl=subjects, adtte=both)
    for name in ("apheresis-survival", "apheresis-survival-figure"):
        display = DISPLAYS[name]
        results = display.analyses[0].answer(adam, params).results
        drawing = display.draw(results, adam, params)
        if isinstance(drawing, Figure):
            assert "12 subjects, 8 events" in drawing.alt
            continue
        assert isinstance(drawing, Table)
        lines = {line.cells[0]: line.cells[1:] for line in drawing.lines}
        # (i % 3) % 2 = 0 for 8 of 12.
        assert lines["Events, n (%)"] == ("8 (66.7)", "8 (66.7)")
        assert "(N=12)" in drawing.columns[1].label
