"""The data cut on small patients: what goes in, and what was known on the cut-off.

Each file of tests/spec/cut is a case for people and for the test: a sentence, the cut-off, then a
table a dataset (`ae in`, `ae out`) and the accounts of the cut. Every expected value follows from
METHODS §0a by hand; all comparisons are exact.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csr.cut import Cut, cut_sdtm, declared_rules, fixed_days_cut
from csr.errors import DataError, ParamsError

CASES = sorted((Path(__file__).parent / "cut").glob("*.txt"))
RESETS = sorted(declared_rules().resets)
WITHOUT_DOMAIN = ("supp", "relrec")
ACCOUNTS = ("counts", "resets", "findings")


@dataclass(frozen=True)
class Case:
    cutoff: dt.date
    sdtm: dict[str, pd.DataFrame]
    expected: dict[str, pd.DataFrame]
    accounts: dict[str, pd.DataFrame]


def read_case(path: Path) -> Case:
    """One file of tests/spec/cut."""
    cutoff, source, expected, accounts = None, {}, {}, {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        title, *lines = block.strip().split("\n")
        if title.startswith("cut-off "):
            cutoff = dt.date.fromisoformat(title.removeprefix("cut-off "))
        elif title in ACCOUNTS:
            accounts[title] = read_table(lines)
        elif dataset := re.fullmatch(r"(\w+) (in|out)", title):
            name, side = dataset.groups()
            (source if side == "in" else expected)[name] = read_table(lines)
    assert cutoff is not None
    return Case(cutoff, {n: typed(n, f) for n, f in source.items()}, expected, accounts)


def read_table(lines: list[str]) -> pd.DataFrame:
    rows = [[cell.strip() for cell in line.split("|")] for line in lines]
    return pd.DataFrame(rows[1:], columns=rows[0], dtype=object)


def typed(name: str, table: pd.DataFrame) -> pd.DataFrame:
    """As `read` gives it: sequence numbers and study days as numbers, DOMAIN filled in."""
    frame = table.copy()
    for column in frame.columns:
        if column.endswith(("SEQ", "DY")) or column == "VISITNUM":
            frame[column] = pd.to_numeric(frame[column].replace("", np.nan)).astype(float)
    if not name.startswith(WITHOUT_DOMAIN):
        frame["DOMAIN"] = name.upper()
    return frame


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Back to the words of the table: 3.0 is 3, a missing number is blank."""
    words = {c: [_word(value) for value in frame[c]] for c in frame.columns if c != "DOMAIN"}
    return pd.DataFrame(words, dtype=object)


def _word(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}"
    return str(value)


def check_case(case: Case, cut: Cut) -> None:
    """Every dataset and account of a cut is as the case says."""
    assert set(cut.sdtm) == set(case.expected)
    for name, table in case.expected.items():
        pd.testing.assert_frame_equal(as_text(cut.sdtm[name]), table, obj=name)
    found = {"counts": cut.counts, "resets": cut.resets, "findings": _findings(cut)}
    for account, table in case.accounts.items():
        got = found[account][list(table.columns)].astype(str).astype(object)
        pd.testing.assert_frame_equal(got, table, obj=account)


def _findings(cut: Cut) -> pd.DataFrame:
    rows = [(f.dataset, f.column, f.check, f.severity, f.count) for f in cut.findings]
    return pd.DataFrame(rows, columns=["dataset", "column", "check", "severity", "count"])


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path: Path) -> None:
    case = read_case(path)
    check_case(case, cut_sdtm(case.sdtm, cutoff=case.cutoff))


@pytest.mark.parametrize("reset", RESETS)
def test_each_reset_is_needed(reset: str) -> None:
    """With any one reset switched off, at least one case fails."""
    rules = declared_rules()
    without = replace(rules, resets=rules.resets - {reset})
    failed = []
    for path in CASES:
        case = read_case(path)
        try:
            check_case(case, cut_sdtm(case.sdtm, cutoff=case.cutoff, rules=without))
        except AssertionError:
            failed.append(path.stem)
    assert failed, f"no case notices that the reset '{reset}' is off"


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_source_is_never_modified(path: Path) -> None:
    case = read_case(path)
    before = {name: frame.copy(deep=True) for name, frame in case.sdtm.items()}
    cut = cut_sdtm(case.sdtm, cutoff=case.cutoff)
    for frame in cut.sdtm.values():
        for column in frame.columns:
            frame[column] = frame[column].iloc[::-1].to_numpy()
    for name, frame in before.items():
        pd.testing.assert_frame_equal(case.sdtm[name], frame)


def test_findings_name_source_rows_and_keys_and_no_values() -> None:
    case = read_case(Path(__file__).parent / "cut" / "death.txt")
    cut = cut_sdtm(case.sdtm, cutoff=case.cutoff)
    grade = next(f for f in cut.findings if f.check == "cut-grade-5")
    assert grade.rows == (1, 2, 5)
    assert grade.keys[2] == "USUBJID=03, AESEQ=1"
    assert all(f.values == () for f in cut.findings)


def _dataset(name: str, **columns: list[object]) -> pd.DataFrame:
    return pd.DataFrame({"DOMAIN": [name.upper()] * len(next(iter(columns.values()))), **columns})


def test_undeclared_datasets_stop_the_cut_all_named() -> None:
    sdtm = {
        "dm": _dataset("dm", USUBJID=["01"], RFICDTC=["2014-01-01"]),
        "zx": _dataset("zx", USUBJID=["01"], ZXDTC=["2014-01-01"]),
        "adsl": pd.DataFrame({"USUBJID": ["01"]}),
    }
    with pytest.raises(DataError, match=r"no cut rule for adsl, zx; .*kind: dated"):
        cut_sdtm(sdtm, cutoff=dt.date(2014, 6, 1))


def test_a_study_adds_and_replaces_rules() -> None:
    sdtm = {
        "zx": _dataset("zx", USUBJID=["01", "01"], ZXDTC=["2014-06-01", "2014-06-02"]),
        "lb": _dataset("lb", USUBJID=["01"], LBDTC=["2014-01-01"]),
    }
    rules = declared_rules({"zx": {"kind": "dated", "dates": ["--DTC"]}, "lb": {"kind": "drop"}})
    cut = cut_sdtm(sdtm, cutoff=dt.date(2014, 6, 1), rules=rules)
    assert list(cut.sdtm) == ["zx"]
    assert cut.sdtm["zx"]["ZXDTC"].tolist() == ["2014-06-01"]
    assert cut.counts["removed"].tolist() == [1, 1]


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"kind": "dated"}, "needs `dates`"),
        ({"kind": "sometimes"}, "kind"),
        ({"kind": "drop", "dates": ["LBDTC"]}, "neither `dates`"),
        ({"kind": "drop", "date": "LBDTC"}, "date"),
    ],
)
def test_a_rule_that_is_none_is_refused(rule: dict[str, object], message: str) -> None:
    with pytest.raises(ParamsError, match=f"cut rule of 'lb'.*{message}"):
        declared_rules({"lb": rule})


@pytest.mark.parametrize(
    ("name", "domain"),
    [("rs_onco", "RS"), ("qsph", "QS"), ("face_vaccine", "FACE"), ("lb", "LB")],
)
def test_a_dataset_follows_the_rule_of_its_domain(name: str, domain: str) -> None:
    prefix = domain[:2]
    frame = _dataset(domain, USUBJID=["01", "01"])
    frame[f"{prefix}DTC"] = ["2014-06-01", "2014-06-02"]
    cut = cut_sdtm({name: frame}, cutoff=dt.date(2014, 6, 1))
    assert len(cut.sdtm[name]) == 1


def test_a_dataset_without_its_date_variable_stays_with_a_warning() -> None:
    frame = _dataset("tu", USUBJID=["01", "01"])
    cut = cut_sdtm({"tu_onco_recist": frame}, cutoff=dt.date(2014, 6, 1))
    assert len(cut.sdtm["tu_onco_recist"]) == 2
    assert [(f.severity, f.check) for f in cut.findings] == [("warning", "cut-no-date-variable")]


def test_split_supplements_follow_their_namesake() -> None:
    """SUPPQSPH is of QSPH although QSSL has the same DOMAIN and sequence numbers."""
    sdtm = {
        "qsph": _dataset("qs", USUBJID=["01"], QSSEQ=[1.0], QSDTC=["2014-06-02"]),
        "qssl": _dataset("qs", USUBJID=["01"], QSSEQ=[1.0], QSDTC=["2014-06-01"]),
    }
    row = {"RDOMAIN": "QS", "USUBJID": "01", "IDVAR": "QSSEQ", "IDVARVAL": "1", "QNAM": "X"}
    sdtm |= {name: pd.DataFrame([{**row, "QVAL": "Y"}]) for name in ("suppqsph", "suppqssl")}
    cut = cut_sdtm(sdtm, cutoff=dt.date(2014, 6, 1))
    assert {name: len(frame) for name, frame in cut.sdtm.items()} == {
        "qsph": 0,
        "qssl": 1,
        "suppqsph": 0,
        "suppqssl": 1,
    }


def test_a_date_for_each_subject() -> None:
    sdtm = {"lb": _dataset("lb", USUBJID=["01", "02"], LBDTC=["2014-05-01", "2014-05-01"])}
    dates = {"01": dt.date(2014, 5, 1), "02": dt.date(2014, 4, 30)}
    cut = cut_sdtm(sdtm, cutoff=dates)
    assert cut.sdtm["lb"]["USUBJID"].tolist() == ["01"]
    with pytest.raises(DataError, match="1 of 2 subjects have no cut-off date") as error:
        cut_sdtm(sdtm, cutoff={"01": dt.date(2014, 5, 1)})
    assert error.value.findings[0].keys == ("USUBJID=02",)


def test_fixed_days_after_the_first_infusion() -> None:
    """10 January + 28 days = 7 February 2014 (day 29 of study); capped at the data cut-off."""
    dm = _dataset(
        "dm",
        USUBJID=["01", "02", "03"],
        RFSTDTC=["2014-01-01", "2014-02-20", ""],
        RFXSTDTC=["2014-01-10T09:00", "", ""],
    )
    with pytest.raises(DataError, match="1 of 3 subjects have no first infusion"):
        fixed_days_cut({"dm": dm}, 28)
    assert fixed_days_cut({"dm": dm}, 28, cutoff=dt.date(2014, 3, 1)) == {
        "01": dt.date(2014, 2, 7),
        "02": dt.date(2014, 3, 1),
        "03": dt.date(2014, 3, 1),
    }
    assert fixed_days_cut({"dm": dm.iloc[:2]}, 28)["02"] == dt.date(2014, 3, 20)
    with pytest.raises(DataError, match="0 or more"):
        fixed_days_cut({"dm": dm}, -1)
    with pytest.raises(DataError, match="no DM"):
        fixed_days_cut({}, 28)
