"""What sites write their own way says the same: the answers of a tidy study, whatever the habit.

The demonstration is simulated twice from one seed: tidily, and as its sites write
(`demo/habits.py`, `demo/planted_records.py`). The simulator knows what happened, so every value
that ADaM has of it must be equal in both; what a habit itself changes (a sign instead of a number,
a record more) is said here line by line.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
import pytest

from csr.demo.params_files import write_params
from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.write import SEED
from csr.errors import Finding
from csr.params.file import read_params
from csr.pipeline.from_sdtm import FromSdtm, adam_from_sdtm
from csr.read.check import check_datasets

SUBJECTS = 60
NTH = "NTH"
RESULT = ["USUBJID", "PARAMCD", "ADT", NTH]


@lru_cache(maxsize=2)
def derived(tidy: bool) -> tuple[FromSdtm, tuple[Finding, ...]]:
    truth = simulate_study(SEED, SUBJECTS, tidy=tidy)
    cut = next(c for c in truth.cuts if c.name == "csr")
    frames = write_state(truth, dt.date.fromordinal(cut.transfer))
    with TemporaryDirectory() as folder:
        names = [f"{name}.xpt" for name in frames]
        file = write_params(Path(folder) / "csr.yaml", truth, cut, names)
        params = read_params(file).model_copy(update={"decisions": None})
        sdtm, found = check_datasets(frames, standard="sdtm", cutoff=params.cut.cutoff)
        return adam_from_sdtm(sdtm, params, Path(folder)), tuple(found)


def untidy() -> dict[str, pd.DataFrame]:
    return derived(False)[0].adam


def numbered(frame: pd.DataFrame) -> pd.DataFrame:
    """Results with their number among those of one test, subject and day, in the order given."""
    sequence = "LBSEQ" if "LBSEQ" in frame else "VSSEQ"
    ordered = frame.sort_values(sequence, kind="stable")
    return ordered.assign(**{NTH: ordered.groupby(["USUBJID", "PARAMCD", "ADT"]).cumcount()})


def both(dataset: str, keys: list[str], columns: list[str]) -> pd.DataFrame:
    """The records of both studies side by side, `_u` untidy and `_t` tidy."""
    ours, tidy = untidy()[dataset], derived(True)[0].adam[dataset]
    if NTH in keys:
        ours, tidy = numbered(ours), numbered(tidy)
    if dataset == "adtr":  # a baseline over two days has the date of its last
        ours, tidy = (frame[frame["ADT"] > frame["TRTSDT"]] for frame in (ours, tidy))
    if dataset == "adrs":
        ours, tidy = (frame[frame["PARAMCD"] != "TUBL"] for frame in (ours, tidy))
    for frame in (ours, tidy):
        assert not frame.duplicated(keys).any(), f"{dataset}: {keys} are no key"
    return ours[[*keys, *columns]].merge(
        tidy[[*keys, *columns]], on=keys, how="outer", suffixes=("_u", "_t"), indicator=True
    )


def unlike(table: pd.DataFrame, column: str) -> pd.DataFrame:
    a, b = table[f"{column}_u"], table[f"{column}_t"]
    same = (a == b) | (a.isna() & b.isna())
    if pd.api.types.is_numeric_dtype(a):
        same |= (a - b).abs() < 1e-9 * b.abs().clip(lower=1)
    return table[~same]


def test_no_habit_is_an_error() -> None:
    result, found = derived(False)
    assert [f for f in (*found, *result.findings) if f.severity == "error"] == []


@pytest.mark.parametrize(
    ("dataset", "keys", "columns"),
    [
        ("adtte", ["USUBJID", "PARAMCD"], ["AVAL", "CNSR", "ADT", "EVNTDESC"]),
        ("adtr", ["USUBJID", "PARAMCD", "TREVAL", "ADT"], ["AVAL", "BASE", "PCHG", "TRGRESP"]),
        ("adsl", ["USUBJID"], ["TRTSDT", "DOSE1", "NINF", "NACTDT", "DLTFL", "EFFFL", "MEASFL"]),
        ("adce", ["USUBJID", "CESEQ"], ["AGRADE", "ASTDT", "AENDT"]),
        ("adpp", ["USUBJID", "PARAMCD", "PCSPEC", "AINFN"], ["AVAL"]),
    ],
)
def test_the_answers_are_those_of_the_tidy_study(
    dataset: str, keys: list[str], columns: list[str]
) -> None:
    """Centimetres, fragments, two visits of one baseline, shared and missing visit numbers,
    readers who number alike, a dose in two bags, an earlier therapy: nothing changes."""
    table = both(dataset, keys, columns)
    assert (table["_merge"] == "both").all(), table[table["_merge"] != "both"]
    for column in columns:
        assert unlike(table, column).empty, unlike(table, column)


def test_a_response_recorded_twice_is_one() -> None:
    table = both("adrs", ["USUBJID", "PARAMCD", "RSEVAL", "ADT"], ["AVALC"])
    assert (table["_merge"] == "both").all()
    assert unlike(table, "AVALC").empty


def test_laboratory_results_are_those_of_the_tidy_study() -> None:
    """Units, codes, two laboratories, times of day. Signs count as their limit, with the grade."""
    columns = ["AVAL", "BASE", "ATOXGRL", "ATOXGRH", "ONTRTFL"]
    table = both("adlb", RESULT, columns)
    more = table[table["_merge"] == "left_only"]
    assert set(table["_merge"]) == {"both", "left_only"}
    assert set(more["PARAMCD"]) == {"CREAT_U", "CRP"}  # urine; the evening of the infusion
    assert set(more.loc[more["PARAMCD"] == "CRP", "ONTRTFL_u"]) == {"Y"}
    known = table[table["_merge"] == "both"]
    other = unlike(known, "AVAL")
    assert set(other["PARAMCD"]) == {"NEUT", "INTLK6"}
    assert set(other.loc[other["PARAMCD"] == "NEUT", "AVAL_u"]) == {0.5}
    assert (other.loc[other["PARAMCD"] == "NEUT", "AVAL_t"] < 0.5).all()
    for column in ("BASE", "ATOXGRL", "ONTRTFL"):
        assert unlike(known, column).empty, unlike(known, column)
    # Other limits are the only reason for another grade.
    liver = unlike(known, "ATOXGRH")
    assert set(liver["PARAMCD"]) <= {"ALT", "AST"}
    assert set(liver["USUBJID"].str.split("-").str[-2]) <= {"05", "07"}


def test_vital_signs_are_those_of_the_tidy_study() -> None:
    table = both("advs", RESULT, ["AVAL", "BASE"])
    assert set(table["_merge"]) == {"both", "left_only"}
    assert len(table[table["_merge"] == "left_only"]) > 5  # standing; the evening of the infusion
    known = table[table["_merge"] == "both"]
    degrees = known["PARAMCD"] == "TEMP"
    for column in ("AVAL", "BASE"):
        assert unlike(known[~degrees], column).empty, unlike(known[~degrees], column)
        # A decimal of a degree Fahrenheit, rounded, is up to 0.028 of a degree Celsius.
        gap = (known.loc[degrees, f"{column}_u"] - known.loc[degrees, f"{column}_t"]).abs()
        assert gap.max() < 0.0279


def test_events_are_emergent_by_what_is_known_of_their_start() -> None:
    keys = ["USUBJID", "AETERM", "ASTDT", "AEENDTC", "AETOXGR", "AESEQ"]
    adae, tidy = untidy()["adae"], derived(True)[0].adam["adae"]
    starts = ["USUBJID", "AETERM", "ASTDT"]
    told = tidy[[*starts, "TRTEMFL"]].drop_duplicates()
    known = adae.merge(told, on=starts, how="left", suffixes=("", "_t"))
    same = known["TRTEMFL"] == known["TRTEMFL_t"]
    planted = known[~same & known["TRTEMFL_t"].isna()][[*keys, "TRTEMFL", "AEGRPID", "AESTRTPT"]]
    assert same.sum() + len(planted) == len(known)
    worsened = planted[planted["AEGRPID"] != ""].sort_values("AESEQ")
    assert worsened["TRTEMFL"].tolist() == ["", "Y"]
    assert planted.loc[planted["AESTRTPT"] == "BEFORE", "TRTEMFL"].tolist() == [""]
    assert planted.loc[planted["AETERM"].str.startswith("STRANGE"), "TRTEMFL"].tolist() == ["Y"]
    assert len(planted) == 4
