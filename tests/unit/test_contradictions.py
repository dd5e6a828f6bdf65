"""Endpoints of one subject that contradict each other are findings, by subject; nothing changes."""

from __future__ import annotations

import pandas as pd
import pytest

from csr.derive.contradictions import find_contradictions
from csr.params.endpoints import Endpoints

ENDPOINTS = Endpoints.model_validate(
    {
        "bor": {"paramcd": "CBOR"},
        "os": {"paramcd": "OS"},
        "pfs": {"paramcd": "PFS", "strategy": "censor"},
        "dor": {"paramcd": "DOR", "strategy": "censor"},
    }
)


def adam() -> dict[str, pd.DataFrame]:
    """Three subjects: A died on day 100 with PFS on day 90; B responds; C is stable, all sound."""
    times = [("A", "PFS", 90, 0), ("A", "OS", 100, 0), ("B", "PFS", 60, 1), ("B", "OS", 80, 1)]
    times += [("B", "DOR", 60, 1), ("C", "PFS", 50, 1), ("C", "OS", 50, 1)]
    adtte = pd.DataFrame(times, columns=["USUBJID", "PARAMCD", "AVAL", "CNSR"])
    adtte["ADT"] = pd.Timestamp("2026-01-01") + pd.to_timedelta(adtte["AVAL"], unit="D")
    adrs = pd.DataFrame(
        {"USUBJID": ["A", "B", "C"], "PARAMCD": "CBOR", "AVALC": ["PD", "PR", "SD"]}
    )
    adsl = pd.DataFrame({"USUBJID": ["A", "B", "C"], "DTHFL": ["Y", "", ""]})
    return {"adsl": adsl, "adrs": adrs, "adtte": adtte}


def found(data: dict[str, pd.DataFrame]) -> dict[str, tuple[str, ...]]:
    return {f.check: f.keys for f in find_contradictions(data, ENDPOINTS)}


def test_sound_data_have_none() -> None:
    assert found(adam()) == {}


def test_progression_free_survival_later_than_overall_survival() -> None:
    data = adam()
    data["adtte"].loc[0, "ADT"] = pd.Timestamp("2026-06-01")
    before = data["adtte"].copy()
    assert found(data) == {"pfs-later-than-os": ("USUBJID=A, PARAMCD=PFS",)}
    pd.testing.assert_frame_equal(data["adtte"], before)


@pytest.mark.parametrize("response", ["SD", "NE", ""])
def test_a_duration_of_response_is_of_a_confirmed_responder(response: str) -> None:
    data = adam()
    data["adrs"].loc[1, "AVALC"] = response
    assert found(data) == {"dor-without-response": ("USUBJID=B, PARAMCD=DOR",)}


def test_another_evaluators_response_does_not_count() -> None:
    data = adam()
    data["adrs"]["RSEVAL"] = ["INVESTIGATOR", "INDEPENDENT ASSESSOR", "INVESTIGATOR"]
    assert list(found(data)) == ["dor-without-response"]


def test_a_death_that_adsl_does_not_know() -> None:
    data = adam()
    data["adsl"].loc[0, "DTHFL"] = ""
    assert found(data) == {"death-not-in-adsl": ("USUBJID=A, PARAMCD=OS",)}


def test_datasets_that_are_not_there_are_not_compared() -> None:
    assert find_contradictions({}, ENDPOINTS) == []
    assert found({"adtte": adam()["adtte"]}) == {}
