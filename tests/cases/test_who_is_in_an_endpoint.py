"""DOR, TTR and DDC are of those who responded or had disease control (METHODS §10.18)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import adrs, adtte, write_study

from csr.displays.efficacy.time_to_event import displays_of
from csr.endpoints.efficacy import time_to_event
from csr.endpoints.efficacy.time_to_response import answer as answer_ttr
from csr.params import time_to_event as declared
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data

ENDPOINTS = """\
  dor: {paramcd: DOR, strategy: treatment-policy}
  ttr: {paramcd: TTR}
  ddc: {paramcd: DDC, strategy: treatment-policy}
"""
RESPONDERS, CONTROLLED = 4, 8


def delivered(folder: Path, responses: pd.DataFrame, endpoints: str = ENDPOINTS) -> Checked:
    """The small study with DOR, TTR and DDC delivered for all of its twelve subjects."""
    os = adtte().query("PARAMCD == 'OS'")
    times = pd.concat([adtte(), *(os.assign(PARAMCD=code) for code in ("DOR", "TTR", "DDC"))])
    file = write_study(folder, adtte=times, adrs=responses)
    file.write_text(file.read_text(encoding="utf-8") + endpoints, encoding="utf-8")
    return check_data(read_params(file), file.parent)


@pytest.mark.parametrize(
    ("name", "check", "n"),
    [
        ("dor", "dor-without-response", RESPONDERS),
        ("ttr", "ttr-without-response", RESPONDERS),
        ("ddc", "ddc-without-control", CONTROLLED),
    ],
)
def test_delivered_times_of_others_are_left_out_and_counted(
    tmp_path: Path, name: str, check: str, n: int
) -> None:
    """Got twelve "responders" under the footnote. Right: CR 1, PR 3 (and SD 4 for DDC)."""
    checked = delivered(tmp_path, adrs())
    params = read_params(tmp_path / "params.yaml")
    endpoint = getattr(declared, name.upper())
    own = time_to_event.records_of(checked.adam, params, endpoint)
    assert len(own) == n
    [finding] = [f for f in checked.findings if f.check == check]
    assert finding.count == 12 - n


def test_without_confirmation_the_unconfirmed_responders_count(tmp_path: Path) -> None:
    unconfirmed = adrs().assign(PARAMCD="BOR", AVALC="PR")
    both = pd.concat([adrs(), unconfirmed])
    more = ENDPOINTS + "  bor_unconfirmed: {paramcd: BOR}\n  unconfirmed_responders: true\n"
    checked = delivered(tmp_path, both, more)
    params = read_params(tmp_path / "params.yaml")
    assert len(time_to_event.records_of(checked.adam, params, declared.DOR)) == 12
    assert len(time_to_event.records_of(checked.adam, params, declared.DDC)) == CONTROLLED


def test_where_nobody_is_in_it_nothing_is_estimated(tmp_path: Path) -> None:
    """No subject: no estimate, and no "not reached"."""
    checked = delivered(tmp_path, adrs().assign(AVALC="PD"))
    params = read_params(tmp_path / "params.yaml")
    found = time_to_event.answer(checked.adam, params, declared.DOR).results
    estimates = found[found["stat"].isin(["q25", "median", "q75", "surv"])]
    assert estimates["value"].isna().all()
    assert set(estimates["reason"]) == {time_to_event.NOBODY}
    times = answer_ttr(checked.adam, params).results
    assert set(times.loc[times["stat"] == "median", "reason"]) == {time_to_event.NOBODY}


def test_footnotes_say_whether_responses_are_confirmed(tmp_path: Path) -> None:
    file = write_study(tmp_path)
    text = file.read_text(encoding="utf-8")
    more = "  bor_unconfirmed: {paramcd: BOR}\n  unconfirmed_responders: true\n"
    for endpoints, said in ((ENDPOINTS, "confirmed response"), (ENDPOINTS + more, "or not")):
        file.write_text(text + endpoints, encoding="utf-8")
        [summary] = [d for d in displays_of(read_params(file)) if d.name == "dor-summary"]
        assert said in " ".join(summary.footnotes)
