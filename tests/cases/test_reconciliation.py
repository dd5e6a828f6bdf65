"""What datasets say of one fact: each disagreement is found, and none is made up."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from csr.derive.reconciliation import find_disagreements
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data
from csr.results import Adam

PARAMS = Params.model_validate(
    {
        "study": {"id": "R", "title": "Reconciled"},
        "cut": {
            "id": "c", "label": "C", "cutoff": "2024-12-31", "transfer": "2025-01-02",
            "report_date": "2025-01-03",
        },
        "data": {"folder": ".", "datasets": {"adsl": {"file": "adsl.csv"}}},
        "treatment": {"levels": [{"value": "A", "label": "A"}]},
        "endpoints": {
            "bor": {"paramcd": "CBOR"},
            "os": {"paramcd": "OS"},
            "pfs": {"paramcd": "PFS", "strategy": "treatment-policy"},
            "dor": {"paramcd": "DOR", "strategy": "treatment-policy"},
        },
    }
)  # fmt: skip
DAYS = ("ADT", "ASTDT", "AENDT", "DTHDT")


def frame(columns: str, *rows: tuple) -> pd.DataFrame:
    made = pd.DataFrame(list(rows), columns=columns.split())
    return made.assign(**{c: pd.to_datetime(made[c]) for c in DAYS if c in made})


def sound() -> Adam:
    """S1 responds and lives; S2 progresses on 1 May and dies of its fatal sepsis on 1 June; S3 is
    stable, with neutrophils of grade 3 as its event says."""
    return {
        "adsl": frame(
            "USUBJID SAFFL DTHFL DTHDT DTHCAUS",
            ("S1", "Y", "", None, ""),
            ("S2", "Y", "Y", "2024-06-01", "Sepsis"),
            ("S3", "Y", "", None, ""),
        ),
        "adae": frame(
            "USUBJID AESEQ AEDECOD AETOXGR AEOUT ASTDT AENDT",
            ("S2", 1, "Sepsis", "5", "FATAL", "2024-05-20", "2024-06-01"),
            ("S3", 1, "Neutrophil count decreased", "3", "RESOLVED", "2024-02-01", "2024-02-10"),
        ),
        "adlb": frame(
            "USUBJID ADT ATOXDSCL ATOXGRL",
            ("S3", "2024-01-20", "Neutrophil count decreased", "4"),
            ("S3", "2024-02-05", "Neutrophil count decreased", "3"),
            ("S3", "2024-02-09", "Neutrophil count decreased", "2"),
        ),
        "adrs": frame(
            "USUBJID PARAMCD AVALC ADT",
            ("S1", "OVR", "PR", "2024-03-01"),
            ("S1", "CBOR", "PR", "2024-03-01"),
            ("S2", "OVR", "SD", "2024-03-01"),
            ("S2", "OVR", "PD", "2024-05-01"),
            ("S2", "CBOR", "SD", "2024-03-01"),
            ("S3", "OVR", "SD", "2024-03-01"),
            ("S3", "CBOR", "SD", "2024-03-01"),
        ),
        "adtte": frame(
            "USUBJID PARAMCD AVAL CNSR ADT",
            ("S1", "OS", 300, 1, "2024-11-01"),
            ("S2", "OS", 150, 0, "2024-06-01"),
            ("S3", "OS", 300, 1, "2024-11-01"),
            ("S1", "PFS", 200, 1, "2024-03-01"),
            ("S2", "PFS", 120, 0, "2024-05-01"),
            ("S3", "PFS", 200, 1, "2024-03-01"),
            ("S1", "DOR", 100, 1, "2024-03-01"),
        ),
    }


def changed(dataset: str, row: int, **values: object) -> Callable[[Adam], None]:
    def change(adam: Adam) -> None:
        for column, value in values.items():
            new = pd.Timestamp(str(value)) if column in DAYS and value else value
            adam[dataset].loc[row, column] = pd.NaT if column in DAYS and not value else new

    return change


def without(dataset: str, row: int) -> Callable[[Adam], None]:
    def change(adam: Adam) -> None:
        adam[dataset] = adam[dataset].drop(index=row)

    return change


CASES = {
    "fatal-without-death": (changed("adsl", 1, DTHFL="", DTHDT=None, DTHCAUS=""), "AESEQ=1"),
    "fatal-date": (changed("adae", 0, AENDT="2024-06-03"), "AESEQ=1"),
    "fatal-cause": (changed("adsl", 1, DTHCAUS="Disease  Progression"), "AESEQ=1"),
    "death-without-event": (changed("adae", 0, AETOXGR="4", AEOUT="RESOLVED"), "S2"),
    "death-flag": (changed("adsl", 2, DTHDT="2024-12-01"), "S3"),
    "death-not-in-os": (changed("adtte", 1, CNSR=1), "OS"),
    "os-date-of-death": (changed("adtte", 1, ADT="2024-06-02"), "OS"),
    "ae-laboratory-grade": (changed("adae", 1, AETOXGR="2"), "S3, AESEQ=1"),
    "response-after-pd": (changed("adrs", 3, ADT="2024-02-20"), "S2"),
    "response-without-dor": (changed("adrs", 6, AVALC="CR"), "S3"),
    "pfs-event-without-pd": (changed("adtte", 5, CNSR=0), "S3, PARAMCD=PFS"),
    "pfs-censored-after-pd": (changed("adtte", 4, CNSR=1, ADT="2024-06-01"), "S2, PARAMCD=PFS"),
    "code": (changed("adrs", 6, AVALC="Stable disease"), "S3"),
}


def found(adam: Adam) -> dict[str, tuple[str, ...]]:
    return {f.check: f.keys for f in find_disagreements(adam, PARAMS)}


def test_sound_data_have_none() -> None:
    assert found(sound()) == {}


@pytest.mark.parametrize("check", CASES)
def test_each_disagreement_is_found_with_its_subject(check: str) -> None:
    change, key = CASES[check]
    adam = sound()
    change(adam)
    keys = found(adam)
    assert check in keys
    assert keys[check][0].endswith(key)
    assert len(keys[check]) == 1


@pytest.mark.parametrize("dataset", ["adsl", "adae", "adlb", "adrs", "adtte"])
def test_a_dataset_or_column_that_is_not_there_is_not_compared(dataset: str) -> None:
    whole = sound()
    assert found({name: f for name, f in whole.items() if name != dataset}) == {}
    for column in [c for c in whole[dataset] if c not in ("USUBJID", "PARAMCD", "CNSR")]:
        spoiled = {**whole, dataset: whole[dataset].drop(columns=column)}
        assert set(found(spoiled)) <= {"death-without-event"}, column


def read(shared: Path, tmp_path: Path, case: str) -> Checked:
    folder = tmp_path / "case"
    source = shared / "cases" / case
    shutil.copytree(source / "input" if (source / "input").is_dir() else source, folder)
    return check_data(read_params(folder / "params.yaml"), folder)


def test_adrs_words_not_codes(shared: Path, tmp_path: Path) -> None:
    """Got: no finding, ORR 0 (0.0, 26.5). Right: an error that names the words."""
    checked = read(shared, tmp_path, "files/adrs-words-not-codes")
    assert [(f.where(), f.count, "'Complete Response'" in f.message) for f in checked.errors] == [
        ("ADRS.AVALC", 12, True)
    ]


def test_avalc_all_missing(shared: Path, tmp_path: Path) -> None:
    """Got: no finding, 'No assessment 12'. Right: a warning that the column has no value."""
    checked = read(shared, tmp_path, "files/avalc-all-missing")
    assert ("warning", "ADRS.AVALC", "no-value") in {
        (f.severity, f.where(), f.check) for f in checked.findings
    }


def test_os_vs_adsl(shared: Path, tmp_path: Path) -> None:
    """Got: nothing for four deaths that overall survival does not have. Right: a warning."""
    checked = read(shared, tmp_path, "attack/os-vs-adsl")
    assert {f.check: f.count for f in checked.findings}["death-not-in-os"] == 4


def test_cut_date_missing_for_a_subject(shared: Path, tmp_path: Path) -> None:
    """Got: an error of Python that names nobody. Right: a blank is the cut-off of the cut."""
    checked = read(shared, tmp_path, "endpoints/cut-date-missing-for-a-subject")
    assert not [f for f in checked.errors if f.check != "death-date"]
    assert len(checked.adam["adsl"]) > 0
