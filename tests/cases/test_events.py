"""The cases of events, infusions, CRS and DLT: of each what csr gave, and what is right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML

from csr.compare.analysed import analyse
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data

Case = Callable[..., Checked]


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Case:
    """Reads one case of `endpoints`, with keys of its params changed (`protocol.exposure.x`)."""

    def read(name: str, changed: dict[str, Any] | None = None) -> Checked:
        folder = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(shared / "cases" / "endpoints" / name, folder)
        file = folder / "params.yaml"
        yaml = YAML()
        tree = yaml.load(file)
        for path, value in (changed or {}).items():
            *parents, last = path.split(".")
            place = tree
            for key in parents:
                place = place.setdefault(key, {})
            place[last] = value
        yaml.dump(tree, file)
        return check_data(read_params(file), folder)

    return read


def by(frame: pd.DataFrame, *keys: str) -> pd.DataFrame:
    """Rows by their keys."""
    return frame.set_index(list(keys))


def checks(checked: Checked) -> set[str]:
    """The checks that found something."""
    return {f.check for f in checked.findings}


def test_ae_grouped_lines_improving(case: Case) -> None:
    """Got: both later lines emergent. Right: the one that improved is not."""
    adae = by(case("ae-grouped-lines-improving").adam["adae"], "USUBJID", "AESEQ")
    assert adae["TRTEMFL"].to_dict() == {
        ("S-001", 1): "",
        ("S-001", 2): "",
        ("S-002", 1): "",
        ("S-002", 2): "Y",
    }


def test_ae_start_before_by_reference(case: Case) -> None:
    """Got: Y, for want of a start. Right: blank, AESTRTPT says it began before."""
    checked = case("ae-start-before-by-reference")
    assert list(checked.adam["adae"]["TRTEMFL"]) == [""]
    assert "no-start" not in checks(checked)


def test_ae_worsened_one_line(case: Case) -> None:
    """Got: neither emergent. Right: the neutropenia that worsened is, the unchanged fatigue not."""
    adae = by(case("ae-worsened-one-line").adam["adae"], "USUBJID")
    assert adae["TRTEMFL"].to_dict() == {"S-001": "Y", "S-002": ""}
    worse = adae.loc["S-001"]
    # Without a dated line it counts on T0: infusion 1, its day, the first period.
    assert (worse["AWORSFL"], worse["AINFN"], worse["AINFDY"]) == ("Y", 1, 0)
    assert worse["TRTEMDT"] == pd.Timestamp("2024-03-10")


def test_lab_baseline_after_infusion(case: Case) -> None:
    """Got: BASE 80 and 39.4, CHG 40 and -0.8. Right: 5 and 36.6; 75, 115 and 2.8, 2.0."""
    adam = case("lab-baseline-after-infusion").adam
    for name, base, change in (("adlb", 5, (75, 115)), ("advs", 36.6, (2.8, 2.0))):
        frame = adam[name]
        assert list(frame["ABLFL"]) == ["Y", "", ""]
        assert list(frame["BASE"]) == [base] * 3
        assert list(frame["ONTRTFL"]) == ["", "Y", "Y"]
        assert frame["CHG"].iloc[1:].to_list() == pytest.approx(change)


def test_new_therapy_ended_before_infusion(case: Case) -> None:
    """Got: NACTDT 2024-03-10, BOR NE, PFS on day 1. Right: none, CBOR PD, PFS day 57."""
    adam = case("new-therapy-ended-before-infusion").adam
    assert adam["adsl"]["NACTDT"].isna().all()
    best = adam["adrs"][adam["adrs"]["PARAMCD"].isin(["BOR", "CBOR"])]
    assert set(best["AVALC"]) == {"PD"}
    pfs = adam["adtte"][adam["adtte"]["PARAMCD"].isin(["PFS", "PFSCNS", "PFSNT"])]
    assert len(pfs) == 6
    assert set(zip(pfs["CNSR"], pfs["AVAL"], strict=True)) == {(0, 57)}


def test_split_dose_two_days(case: Case) -> None:
    """Got: DOSE1 30, NINF 2, not evaluable. Right, with infusion_days 1: 100, 1, evaluable."""
    one = case("split-dose-two-days", {"protocol.exposure.infusion_days": 1}).adam
    subject = by(one["adsl"], "USUBJID").loc["S-001"]
    assert (subject["DOSE1"], subject["NINF"], subject["DLTSTAT"]) == (100, 1, "NO DLT")
    assert list(one["adae"]["AINFN"]) == [1]
    # The window ends 28 days after the last fraction, of 11 March.
    assert subject["DLTWENDT"] == pd.Timestamp("2024-04-08")
    two = case("split-dose-two-days")
    assert by(two.adam["adsl"], "USUBJID").loc["S-001", "NINF"] == 2
    assert "infusions-near" in checks(two)


def test_crs_fahrenheit(case: Case) -> None:
    """Got: grade 2 from 99.1 read as °C. Right: 37.3 °C is no fever, grade 1 as reported."""
    adce = case("crs-fahrenheit").adam["adce"]
    assert list(adce["AGRADE"]) == ["1", "1"]
    assert set(adce["AGRREAS"]) == {"no temperature of 38.0 °C or more"}


def test_crs_open_first_record(case: Case) -> None:
    """Got: one episode that never ends. Right: two; the first ends the day before the second."""
    checked = case("crs-open-first-record")
    adce = checked.adam["adce"]
    assert list(adce["AGRADE"]) == ["1", "1"]
    assert list(adce["AENDT"]) == [pd.Timestamp("2024-05-19"), pd.Timestamp("2024-05-22")]
    assert "episode-without-end" in checks(checked)


def test_dlt_after_reinfusion(case: Case) -> None:
    """Got: DLT of the first dose. Right: pending until decided, and a finding."""
    checked = case("dlt-after-reinfusion")
    subject = by(checked.adam["adsl"], "USUBJID").loc["S-001"]
    assert (subject["DLTYN"], subject["DLTSTAT"], subject["DLTFL"]) == ("N", "PENDING", "N")
    assert subject["DLTREAS"] == (
        "to be decided: Cytokine release syndrome grade 4 on day 23, after re-infusion on day 21"
    )
    assert "dlt-to-decide" in checks(checked)


def test_dlt_without_stopping(case: Case, shared: Path) -> None:
    """Got: the notebook of the escalation stopped. Right: the report without the boundaries."""
    checked = case("dlt-without-stopping")
    params = read_params(shared / "cases" / "endpoints" / "dlt-without-stopping" / "params.yaml")
    analysed = analyse(checked.adam, params)
    assert not analysed.failed
    assert {"dlt-summary", "escalation-decisions"} <= set(analysed.results["analysis"])
    assert "stopping-boundaries" not in set(analysed.results["analysis"])


def test_a_decision_on_the_grade_of_an_episode(case: Case, tmp_path: Path) -> None:
    """Not a case of the folder: the first CRS is decided to be grade 4, as listed in the report."""
    decisions = tmp_path / "decided.csv"
    decisions.write_text(
        "subject,item,value,reason,who,date\nS-001,CRS 1,4,ventilated,Committee,2025-01-10\n"
    )
    checked = case("crs-open-first-record", {"decisions": str(decisions)})
    assert list(checked.adam["adce"]["AGRADE"]) == ["4", "1"]
    assert list(checked.decisions["before"]) == ["1"]
    decisions.write_text(
        "subject,item,value,reason,who,date\nS-001,CRS 9,4,typed wrong,Committee,2025-01-10\n"
    )
    [error] = case("crs-open-first-record", {"decisions": str(decisions)}).errors
    assert "no such episode" in error.message
