"""Params that name what the data do not hold, and data no param names: got and right."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import adrs, adsl, adtte, write_study

import csr
from csr.derive.params_against_data import find_absent_records
from csr.pipeline.data import Checked


def errors(checked: Checked) -> dict[str, str]:
    return {f"{f.where()} {f.check}": f.message for f in checked.errors}


@pytest.mark.parametrize(
    ("case", "where", "says"),
    [
        ("attack/endpoint-absent/params.yaml", "ADTTE.PARAMCD parameter-absent", "nearest is 'os'"),
        ("attack/group-not-declared/params.yaml", "ADSL.TRT01A no-level", "'Middle'"),
        ("files/arm-not-in-levels/input/params.yaml", "ADSL.TRT01A no-level", "for 'Dose 1'?"),
        (
            "files/endpoint-paramcd-absent/input/params.yaml",
            "ADRS.PARAMCD parameter-absent",
            "nearest is 'BOR'",
        ),
    ],
)
def test_the_cases(shared: Path, case: str, where: str, says: str) -> None:
    """Got no finding and a column that holds nobody, or an endpoint with n = 0; right: an error."""
    assert says in errors(csr.check(shared / "cases" / case))[where]


def test_a_level_nobody_is_in_is_a_warning(tmp_path: Path) -> None:
    first = sorted(set(adsl()["TRT01A"]))[0]
    checked = csr.check(write_study(tmp_path, adsl=adsl().assign(TRT01A=first, TRT01P=first)))
    assert "ADSL.TRT01A no-level" not in errors(checked)
    assert any(f.check == "level-empty" for f in checked.findings)


def test_those_not_treated_need_no_level(tmp_path: Path) -> None:
    someone = adsl()
    someone.loc[0, ["SAFFL", "TRT01A", "TRT01P"]] = ["N", "", "Screen failure"]
    assert "ADSL.TRT01A no-level" not in errors(csr.check(write_study(tmp_path, adsl=someone)))


def test_evaluators_and_flags(tmp_path: Path) -> None:
    other = adrs().assign(RSEVAL="INDEPENDENT ASSESSOR")
    found = errors(csr.check(write_study(tmp_path, adrs=other)))
    assert "INDEPENDENT ASSESSOR" in found["ADRS.RSEVAL evaluator-absent"]
    found = errors(csr.check(write_study(tmp_path, adsl=adsl().assign(SAFFL=""))))
    assert "ADSL.SAFFL flag-blank" in found


def test_an_endpoint_of_some_may_have_no_record_yet(tmp_path: Path) -> None:
    """Nobody has responded: no DOR; a misspelt PFS is an error."""
    path = write_study(tmp_path, adtte=adtte()[adtte()["PARAMCD"] != "DOR"])
    assert not [e for e in errors(csr.check(path)) if "parameter-absent" in e]


def test_what_a_protocol_selects_must_be_there(shared: Path) -> None:
    params = csr.read_params(shared / "cases" / "endpoints" / "split-dose-two-days" / "params.yaml")
    dm = pd.DataFrame({"USUBJID": ["1"]})
    where = params.protocol.exposure.study_treatment.where if params.protocol else {}
    column, values = next(iter(where.items()))

    def found(ex: pd.DataFrame | None) -> set[tuple[str, str]]:
        sdtm = {"dm": dm} | ({} if ex is None else {"ex": ex})
        absent = find_absent_records(sdtm, params)
        return {(f.check, f.severity) for f in absent if f.dataset == "EX"}

    assert ("domain-absent", "error") in found(None)
    ex = pd.DataFrame({"USUBJID": ["1"], column: [values[0]]})
    assert not {f for f in found(ex) if f[1] == "error"}
    assert ("value-absent", "error") in found(ex.assign(**{column: f"{values[0]} X"}))
    assert ("value-absent", "error") in found(ex.assign(**{column: "SOMETHING ELSE"}))
    assert ("column-absent", "error") in found(ex.rename(columns={column: f"{column}X"}))
