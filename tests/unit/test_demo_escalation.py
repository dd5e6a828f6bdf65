"""The demonstration's DSMB cut: an escalation in progress, one replaced and one pending subject."""

from __future__ import annotations

from pathlib import Path

from csr.demo.write import write_demo
from csr.endpoints.dose_escalation.dlt import judged_subjects
from csr.endpoints.dose_escalation.escalation import escalation_steps
from csr.endpoints.dose_escalation.mtd import MTD
from csr.params.file import read_params
from csr.pipeline.data import check_data


def test_the_safety_review_sees_an_escalation_in_progress(tmp_path: Path) -> None:
    """As planted (docs/demo-study.md): 08-0003 replaced by 02-0005, one DLT, one window open."""
    write_demo(tmp_path / "demo")
    path = tmp_path / "demo" / "params" / "dsmb.yaml"
    params = read_params(path)
    checked = check_data(params, path.parent)
    assert not checked.errors
    subjects = judged_subjects(checked.adam, params).set_index("USUBJID")
    replaced = "SIM-CLDN18-08-0003"
    assert subjects.loc[replaced, "STATUS"] == "NOT EVALUABLE"
    assert subjects.loc["SIM-CLDN18-02-0005", "REPLACES"] == replaced
    counts = subjects["STATUS"].value_counts().to_dict()
    assert counts == {"NO DLT": 7, "DLT": 1, "NOT EVALUABLE": 1, "PENDING": 1}
    last = escalation_steps(checked.adam, params)[-1]
    assert last.pending == 1
    assert [d.action for d in last.outcomes] == ["escalate", "de-escalate"]
    results = MTD.answer(checked.adam, params).results
    verdict = results[results["stat"] == "mtd"].iloc[0]
    assert verdict["reason"] == "not yet determined: 1 subject(s) pending"
