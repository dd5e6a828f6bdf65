"""Decisions: complete or refused, applied to ADaM, and listed with what they replaced."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import write_study

from csr.errors import ParamsError
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.read.decisions import read_decisions

HEAD = "subject,item,value,reason,who,date\n"


def study(folder: Path, lines: str) -> Path:
    path = write_study(folder)
    path.write_text(path.read_text(encoding="utf-8") + "decisions: d.csv\n", encoding="utf-8")
    (folder / "d.csv").write_text(HEAD + lines, encoding="utf-8")
    return path


def test_a_set_and_a_response_are_changed_and_what_stood_there_is_kept(tmp_path: Path) -> None:
    path = study(
        tmp_path,
        "S-01,SAFFL,N,never infused,Dr A,2026-07-03\n"
        'S-02,BOR,SD,"confirmation scan, not CR or PR",Committee,2026-07-04\n',
    )
    checked = check_data(read_params(path), tmp_path)
    assert checked.errors == ()
    adsl, adrs = checked.adam["adsl"], checked.adam["adrs"]
    assert adsl.set_index("USUBJID").loc["S-01", "SAFFL"] == "N"
    assert adrs.set_index("USUBJID").loc["S-02", "AVALC"] == "SD"
    assert checked.decisions["before"].tolist() == ["Y", "PR"]
    assert checked.decisions["reason"].tolist()[1] == "confirmation scan, not CR or PR"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("S-99,SAFFL,N,x,y,2026-07-03", "not in ADSL"),
        ("S-01,SAFFL,maybe,x,y,2026-07-03", "allowed are Y, N"),
        ("S-01,BOR,cr,x,y,2026-07-03", "allowed are CR, PR"),
        ("S-01,NOTHING,N,x,y,2026-07-03", "unknown item 'NOTHING'"),
        ("S-01,SAFFL,N,x,y,2026-07-11", "after the report date"),
    ],
)
def test_a_decision_that_cannot_be_applied_stops_the_build(
    tmp_path: Path, line: str, said: str
) -> None:
    path = study(tmp_path, line + "\n")
    checked = check_data(read_params(path), tmp_path)
    assert [said in finding.message for finding in checked.errors] == [True]
    untouched = check_data(read_params(write_study(tmp_path / "other")), tmp_path / "other").adam
    pd.testing.assert_frame_equal(checked.adam["adsl"], untouched["adsl"])


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("S-01,SAFFL,N,,Dr A,2026-07-03\n", "'reason' is blank"),
        ("S-01,SAFFL,N,x,Dr A,2026-02-30\n", "is no date"),
        ("S-01,SAFFL,N,x,a,2026-07-03\nS-01,SAFFL,Y,x,a,2026-07-03\n", "decided twice"),
        ("S-01,SAFFL,N,a, b,Dr A,2026-07-03\n", "quote cells"),
    ],
)
def test_an_incomplete_line_is_refused_with_its_number(
    tmp_path: Path, lines: str, said: str
) -> None:
    (tmp_path / "d.csv").write_text(HEAD + lines, encoding="utf-8")
    with pytest.raises(ParamsError, match=said) as error:
        read_decisions(tmp_path / "d.csv")
    assert ", line " in str(error.value)


def test_a_file_without_the_columns_or_that_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("subject,value\nS-01,Y\n", encoding="utf-8")
    with pytest.raises(ParamsError, match="item, reason, who, date missing"):
        read_decisions(tmp_path / "d.csv")
    with pytest.raises(ParamsError, match="can't be read"):
        read_decisions(tmp_path / "none.csv")
    (tmp_path / "d.csv").write_text(HEAD, encoding="utf-8")
    assert read_decisions(tmp_path / "d.csv") == ()
