"""The cases of timepoints, lesions and evaluators: what csr gave and what is right.

Inputs and right values: `cases/endpoints` of the shared folder; rules: METHODS §10.1 to §10.4.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from tumour_case import Frames, responses, run, sums, times, tumour_findings, waterfall

from csr.derive.decisions import apply_decisions
from csr.params.file import read_params
from csr.pipeline.data import Checked
from csr.read.decisions import Decision

Case = Callable[[str], Checked]


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Case:
    """Runs a case by its name; its params are in `tmp_path` afterwards."""
    return lambda name: run(shared / "cases" / "endpoints" / name, tmp_path)


def iso(dates: pd.Series) -> list[str]:
    return list(dates.dt.strftime("%Y-%m-%d"))


def test_bor_duplicate_ne(case: Case) -> None:
    """Got SD: one NE recorded twice counted as two. Right: PR, one NE between two PRs."""
    checked = case("bor-duplicate-ne")
    assert list(responses(checked, "CBOR")["AVALC"]) == ["PR"]
    assert list(responses(checked, "OVR")["AVALC"]) == ["PR", "NE", "PR"]
    assert not tumour_findings(checked)


def test_pd_partial_date_reason(case: Case) -> None:
    """Got "No event". Right: the reason says that a progression without a full date was seen."""
    pfs = times(case("pd-partial-date-reason"), "PFS").loc["S-001"]
    assert (pfs["CNSR"], pfs["EVNTDESC"]) == (1, "Progression without a full date")
    assert pfs["ADT"] == pd.Timestamp("2024-04-07")


def test_pfs_baseline_of_other_evaluator(case: Case) -> None:
    """Got S-001 event, S-002 censored. Right: S-001 has no independent baseline, S-002 has one."""
    checked = case("pfs-baseline-of-other-evaluator")
    pfs = times(checked, "PFSIA")
    assert pfs.loc["S-001", ["AVAL", "CNSR", "EVNTDESC"]].tolist() == [
        1,
        1,
        "No baseline assessment",
    ]
    assert pfs.loc["S-002", ["AVAL", "CNSR"]].tolist() == [114, 0]
    own = times(checked, "PFS")
    assert own.loc["S-002", "EVNTDESC"] == "No baseline assessment"
    facts = responses(checked, "MDIS", "INDEPENDENT ASSESSOR").set_index("USUBJID")["AVALC"]
    assert facts.to_dict() == {"S-001": "N", "S-002": "Y"}


def test_recist_baseline_two_visits(case: Case, tmp_path: Path) -> None:
    """Got BASE 30, PD, +20 %. Right: BASE 100 of three lesions, 71, -29 %, SD."""
    checked = case("recist-baseline-two-visits")
    found = sums(checked)
    assert list(found["AVAL"]) == [100, 71]
    assert list(found["BASE"]) == [100, 100]
    assert list(found["PCHG"]) == [0, -29]
    assert list(found["TRGRESP"]) == ["", "SD"]
    assert set(found["LSEXP"]) == {"T01, T02, T03"}
    assert waterfall(checked, tmp_path) == [-29]
    assert not tumour_findings(checked)


def test_recist_group_mixed_case(case: Case, tmp_path: Path) -> None:
    """Got no ADTR at all. Right: the same as TARGET."""
    checked = case("recist-group-mixed-case")
    assert list(sums(checked)["AVAL"]) == [50, 30]
    assert waterfall(checked, tmp_path) == [-40]
    assert not tumour_findings(checked)


def test_recist_lesion_ids_two_evaluators(case: Case, tmp_path: Path) -> None:
    """Got 12, 9, CR: the other's T01 is a node. Right: 20, 14, PR; the node's 16, 14."""
    checked = case("recist-lesion-ids-two-evaluators")
    own, other = sums(checked), sums(checked, "INDEPENDENT ASSESSOR")
    assert list(own["AVAL"]) == [20, 14]
    assert list(own["TRGRESP"]) == ["", "PR"]
    assert list(own["PCHG"]) == [0, -30]
    assert list(other["AVAL"]) == [16, 14]
    assert waterfall(checked, tmp_path) == [-30]
    assert not tumour_findings(checked)


def test_recist_lesions_in_cm(case: Case) -> None:
    """Got 5 and 6.5 "mm", SD. Right: 50 and 65 mm, PD, no finding."""
    checked = case("recist-lesions-in-cm")
    found = sums(checked)
    assert list(found["AVAL"]) == [50, 65]
    assert list(found["CHGNAD"])[1] == 15
    assert list(found["TRGRESP"]) == ["", "PD"]
    assert not tumour_findings(checked)


def test_recist_no_visitnum(case: Case, tmp_path: Path) -> None:
    """Got no sum of 30, SD, -20. Right: nadir 30, then PD; waterfall -40."""
    checked = case("recist-no-visitnum")
    found = sums(checked)
    assert list(found["AVAL"]) == [50, 45, 30, 40]
    assert list(found["NADIR"])[1:] == [50, 45, 30]
    assert list(found["TRGRESP"]) == ["", "SD", "PR", "PD"]
    assert waterfall(checked, tmp_path) == [-40]
    assert not tumour_findings(checked)


def test_recist_node_location(case: Case) -> None:
    """Got 20, the node left out. Right: 38, 8, -78.9 %, CR of both lesions."""
    checked = case("recist-node-location")
    found = sums(checked)
    assert list(found["AVAL"]) == [38, 8]
    assert found["PCHG"][1] == pytest.approx(100 * (8 - 38) / 38)
    assert set(found["LSEXP"]) == {"T01, T02"}
    assert list(found["TRGRESP"]) == ["", "CR"]
    assert not tumour_findings(checked)


def test_recist_nontarget_duplicate(case: Case) -> None:
    """Got a finding against the recorded NE. Right: one of two lesions was not assessed, NE."""
    assert not tumour_findings(case("recist-nontarget-duplicate"))


def test_recist_reappearance_4mm(case: Case) -> None:
    """Got PR and a finding. Right: PD, since after CR any reappearance is PD."""
    checked = case("recist-reappearance-4mm")
    assert list(sums(checked)["TRGRESP"]) == ["", "CR", "CR", "PD"]
    assert not tumour_findings(checked)


def test_recist_split_lesion(case: Case, tmp_path: Path) -> None:
    """Got NE without T01. Right: fragments added, 42, -40 %, PR."""
    checked = case("recist-split-lesion")
    found = sums(checked)
    assert list(found["AVAL"]) == [70, 42]
    assert list(found["TRGRESP"]) == ["", "PR"]
    assert waterfall(checked, tmp_path) == [-40]
    assert not tumour_findings(checked)


def test_recist_too_small(case: Case, tmp_path: Path) -> None:
    """Got NE. Right: 5 mm, 21 in all, -58 %, PR."""
    checked = case("recist-too-small")
    found = sums(checked)
    assert list(found["AVAL"]) == [50, 21]
    assert list(found["TRGRESP"]) == ["", "PR"]
    assert waterfall(checked, tmp_path) == [-58]
    assert not tumour_findings(checked)


def test_recist_unscheduled_visitnum(case: Case) -> None:
    """Got the two dates swapped, event on day 92. Right: PD 2024-09-01, day 176, three sums.

    Under METHODS' default schedule (every 28 days) the visits of day 112 and 140 were missed before
    that PD, so PFS is censored on day 92 by the rule of §4 and day 176 is the event where gaps are
    ignored (PFSGAP), or where the study's schedule has no such visits.
    """
    checked = case("recist-unscheduled-visitnum")
    overall = responses(checked, "OVR")
    assert list(overall["AVALC"]) == ["SD", "SD", "PD"]
    assert iso(overall["ADT"]) == ["2024-05-05", "2024-06-09", "2024-09-01"]
    assert times(checked, "PFSGAP").loc["S-001", ["AVAL", "CNSR"]].tolist() == [176, 0]
    pfs = times(checked, "PFS").loc["S-001"]
    assert pfs[["AVAL", "CNSR"]].tolist() == [92, 1]
    assert pfs["EVNTDESC"] == "Two or more missed visits"
    found = sums(checked)
    assert list(found["AVAL"]) == [50, 45, 46, 70]
    assert list(found["TRGRESP"]) == ["", "SD", "SD", "PD"]
    assert not tumour_findings(checked)


def test_recist_unscheduled_visitnum_scanned_every_eight_weeks(
    shared: Path, tmp_path: Path
) -> None:
    """The same subject where scans are due every 56 days: event on day 176."""
    rules = {"new_therapy": "treatment-policy", "schedule": {"every": [[56, None]]}}
    folder = shared / "cases" / "endpoints" / "recist-unscheduled-visitnum"
    checked = run(folder, tmp_path, time_to_event=rules)
    assert times(checked, "PFS").loc["S-001", ["AVAL", "CNSR"]].tolist() == [176, 0]


def test_waterfall_pd_visit_two_days(case: Case, tmp_path: Path) -> None:
    """Got no bar. Right: one bar, +42.9 %."""
    checked = case("waterfall-pd-visit-two-days")
    assert waterfall(checked, tmp_path) == [pytest.approx(100 * 30 / 70)]
    assert iso(responses(checked, "PD")["ADT"]) == ["2024-05-05"]


def test_an_evaluator_is_one_whatever_the_case_of_the_name(shared: Path, tmp_path: Path) -> None:
    """ "Investigator" in the data, INVESTIGATOR in the params, blank in TU: one evaluator."""
    folder = shared / "cases" / "endpoints" / "recist-lesion-ids-two-evaluators"

    def respelled(frames: Frames) -> Frames:
        for name, frame in frames.items():
            column = f"{name.upper()}EVAL"
            if column in frame:
                frames[name] = frame.assign(**{column: frame[column].str.capitalize()})
        frames["tu"]["TUEVAL"] = frames["tu"]["TUEVAL"].replace("Investigator", "")
        return frames

    checked = run(folder, tmp_path, respelled)
    assert list(sums(checked)["TRGRESP"]) == ["", "PR"]
    assert list(sums(checked, "INDEPENDENT ASSESSOR")["AVAL"]) == [16, 14]
    assert waterfall(checked, tmp_path) == [-30]


def test_a_decision_on_the_best_response_is_of_one_evaluator(shared: Path, tmp_path: Path) -> None:
    """Got both evaluators' best responses changed. Right: that of the response endpoint alone."""
    folder = shared / "cases" / "endpoints" / "recist-lesion-ids-two-evaluators"
    checked = run(folder, tmp_path)
    params = read_params(tmp_path / "params.yaml")
    decision = Decision("S-001", "BOR", "PD", "why", "who", dt.date(2024, 12, 1))
    adam, decided, wrong = apply_decisions(checked.adam, (decision,), params)
    assert not wrong
    assert len(decided) == 1
    found = adam["adrs"].query("PARAMCD == 'CBOR'").set_index("RSEVAL")["AVALC"]
    before = responses(checked, "CBOR", "INDEPENDENT ASSESSOR")["AVALC"].iloc[0]
    assert found.to_dict() == {"INVESTIGATOR": "PD", "INDEPENDENT ASSESSOR": before}
