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
from csr.endpoints.dose_escalation.dlt import counts_by_dose, judged_subjects, rules_of
from csr.endpoints.dose_escalation.escalation import prescribe
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data

Case = Callable[..., Checked]


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Case:
    """Reads one case of `endpoints`, with keys of its params changed (`protocol.exposure.x`) and
    files of its folder replaced or added."""

    def read(
        name: str, changed: dict[str, Any] | None = None, files: dict[str, str] | None = None
    ) -> Checked:
        folder = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(shared / "cases" / "endpoints" / name, folder)
        for file_name, content in (files or {}).items():
            (folder / file_name).unlink(missing_ok=True)
            (folder / file_name).write_text(content)
        file = folder / "params.yaml"
        yaml = YAML()
        tree = yaml.load(file)
        for path, value in (changed or {}).items():
            *parents, last = path.split(".")
            place = tree
            for key in parents:
                place = place.setdefault(key, {})
            place[last] = value
        file.chmod(0o644)
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


AE_HEAD = (
    "STUDYID,DOMAIN,USUBJID,AESEQ,AETERM,AEDECOD,AEBODSYS,AETOXGR,AESER,AEREL,AEACN,AEOUT,AESDTH,"
    "AESTDTC,AEENDTC,AEDLT\n"
)


def ae(*rows: str) -> str:
    """Lines of AE: `subject term grade start end dlt`, "-" for blank."""
    lines = []
    for i, row in enumerate(rows, start=1):
        who, term, grade, start, end, dlt = (c.replace("-", "", c == "-") for c in row.split("|"))
        said = f"{term},{term},General disorders,{grade},N,RELATED"
        lines.append(f"S,AE,{who},{i},{said},,,,{start},{end},{dlt}")
    return AE_HEAD + "\n".join(lines) + "\n"


def test_a_dlt_after_part_of_the_dose_counts(case: Case, shared: Path) -> None:
    """METHODS §1 as corrected. Got: 30 of 100 given, DLT on day 4: not evaluable, 0/2 go on.

    Right: a DLT, 1 of 3: three more at the dose.
    """
    folder = shared / "cases" / "endpoints" / "dlt-without-stopping"
    ex = (folder / "ex.csv").read_text()
    part = ex.replace("S,EX,S-001,2,CAR-T,CAR-T,100", "S,EX,S-001,2,CAR-T,CAR-T,30")
    assert part != ex
    # Of everyone else a sample months later, so that the windows are seen to have been observed.
    rs = (folder / "rs.csv").read_text()
    rs += "".join(f"S,RS,S-00{i},1,OVRLRESP,SD,INVESTIGATOR,3,V3,2024-05-05\n" for i in (2, 3))
    events = ae("S-001|Chills|3|2024-03-14|2024-03-16|Y")
    checked = case("dlt-without-stopping", files={"ex.csv": part, "ae.csv": events, "rs.csv": rs})
    subjects = by(checked.adam["adsl"], "USUBJID")
    assert subjects.loc["S-001", "DLTSTAT"] == "DLT"
    assert subjects.loc["S-001", "DLTREAS"] == "DLT on day 4 (received 30% of the planned dose)"
    params = read_params(folder / "params.yaml")
    n, dlt = counts_by_dose(judged_subjects(checked.adam, params), rules_of(params))
    assert (n[0], dlt[0]) == (3, 1)
    decision = prescribe(n[:1], dlt[:1], 0, rules_of(params))
    assert (decision.action, decision.dose) == ("stay", 0)


CE = (
    "STUDYID,DOMAIN,USUBJID,CESEQ,CETERM,CECAT,CETOXGR,CESTDTC,CEENDTC,CELNKID\n"
    "S,CE,S-001,1,CRS,CRS,1,2024-03-12,2024-03-16,1\n"
    "S,CE,S-002,1,CRS,CRS,3,2024-03-12,2024-03-14,1\n"
)
FA = "STUDYID,DOMAIN,USUBJID,FASEQ,FATESTCD,FATEST,FAOBJ,FAORRES,FAORRESU,FASTRESC,FALNKID,FADTC\n"
FA += "".join(
    f"S,FA,{who},{i},{code},{code},CRS,{result},{unit},{result},1,2024-03-13\n"
    for who, pressure in (("S-001", "ONE VASOPRESSOR"), ("S-002", "NONE"))
    for i, (code, result, unit) in enumerate(
        (("TEMPMAX", "39.0", "C"), ("HYPOTENS", pressure, ""), ("OXYGEN", "NONE", "")), start=1
    )
)
CRS_TERM = "Cytokine release syndrome"
SEVERE_CRS = {"where": {"AEDECOD": [CRS_TERM]}, "grade": 3, "attribution": None}


def test_crs_has_one_grade_in_every_table(case: Case, tmp_path: Path) -> None:
    """Not a case of the folder. Got: grade 3 in one subject by ASTCT, in another by AE.

    Right: S-001, reported 1 and by components 3, everywhere; S-002, reported 3, has grade 1. A
    pneumonia that began on the day of the CRS is not severe for it.
    """
    events = ae(
        f"S-001|{CRS_TERM}|1|2024-03-12|2024-03-16|-",
        "S-001|Pneumonia|2|2024-03-12|2024-03-20|-",
        f"S-002|{CRS_TERM}|3|2024-03-12|2024-03-14|-",
    )
    changed = {
        "data.datasets.ce": {"file": "ce.csv"},
        "data.datasets.fa": {"file": "fa.csv"},
        "protocol.cell_toxicity": {
            "episodes": {"CRS": {"domain": "ce", "where": {"CECAT": ["CRS"]}}}
        },
        "aesi": {"CRS": {"AEDECOD": [CRS_TERM]}, "Infection": {"AEDECOD": ["Pneumonia"]}},
        "narratives": {"special": ["CRS", "Infection"]},
        "endpoints.dlt.stopping": [{"label": "CRS", "event": SEVERE_CRS, "p0": 0.2}],
        "endpoints.dlt.rules": [{"name": "severe CRS", **SEVERE_CRS}],
    }
    files = {"ae.csv": events, "ce.csv": CE, "fa.csv": FA}
    checked = case("dlt-without-stopping", changed, files)
    folder = max(tmp_path.glob("dlt-without-stopping-*"))
    analysed = analyse(checked.adam, read_params(folder / "params.yaml"))
    assert not analysed.failed
    adae = by(checked.adam["adae"], "USUBJID", "AEDECOD")
    assert adae["AGRADE"].to_dict() == {
        ("S-001", CRS_TERM): "3",
        ("S-001", "Pneumonia"): "2",
        ("S-002", CRS_TERM): "1",
    }
    assert adae["AETOXGR"].to_list() == ["1", "2", "3"]
    rows = analysed.rows
    severe = {
        "crs-summary": {"CATEGORY": "Grade ≥ 3"},
        "aesi-summary": {"AESI": "CRS", "CATEGORY": "Severe or grade ≥ 3"},
        "ae-grade3plus": {},
        "ae-by-soc-pt-grade": {"MAXGRADE": "3"},
        "stopping-boundaries": {"RULE": "CRS"},
        "narrative-subjects": {},
    }
    for name, where in severe.items():
        own = rows[name][rows[name]["role"] == "counted"]
        for column, level in where.items():
            own = own[own[column] == level]
        assert set(own["USUBJID"]) == {"S-001"}, name
    # The rule takes it as well, and the footnote says that both differ from what was reported.
    assert by(checked.adam["adsl"], "USUBJID").loc["S-001", "DLTSTAT"] == "DLT"
    assert by(checked.adam["adsl"], "USUBJID").loc["S-002", "DLTYN"] == "N"
