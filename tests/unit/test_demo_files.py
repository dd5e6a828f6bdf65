"""What `csr demo` writes: the same bytes every time, and what any reader of the format reads."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from ruamel.yaml import YAML

from csr.demo.files import SUFFIX, Format
from csr.demo.simulate import simulate_study
from csr.demo.state import write_state
from csr.demo.variables import label_of, layouts
from csr.demo.write import SEED, write_demo
from csr.demo.xpt import write_xpt
from csr.errors import UsageError
from csr.params.protocol import Protocol
from csr.read.decisions import read_decisions
from csr.read.files import read_dataset

FORMATS: tuple[Format, ...] = ("xpt", "dataset-json", "parquet")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[Format, Path]:
    folders = {fmt: tmp_path_factory.mktemp("demo") / fmt for fmt in FORMATS}
    for fmt, folder in folders.items():
        write_demo(folder, subjects=60, fmt=fmt)
    return folders


def digests(folder: Path) -> dict[str, str]:
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_the_same_seed_gives_the_same_bytes(written: dict[Format, Path], tmp_path: Path) -> None:
    write_demo(tmp_path / "again", subjects=60)
    assert digests(tmp_path / "again") == digests(written["xpt"])


def test_another_seed_gives_another_study() -> None:
    first, second = (simulate_study(seed, 60).subjects for seed in (SEED, SEED + 1))
    assert [s.planned_infusion for s in first] != [s.planned_infusion for s in second]


def test_each_format_reads_back_as_what_was_known(written: dict[Format, Path]) -> None:
    truth = simulate_study(SEED, 60)
    day = dt.date.fromordinal(truth.cuts[1].transfer)
    sdtm = write_state(truth, day, entered_by=day)
    for fmt, folder in written.items():
        for name, frame in sdtm.items():
            path = folder / "transfers" / day.isoformat() / f"{name}.{SUFFIX[fmt]}"
            back = read_dataset(path)
            pd.testing.assert_frame_equal(back, frame, obj=f"{name} as {fmt}")
            assert back.attrs["label"] == layouts()[name].label


def test_transport_files_are_read_by_pyreadstat_too(written: dict[Format, Path]) -> None:
    """An independent reader (ReadStat) agrees on values, labels and Chinese text."""
    path = sorted((written["xpt"] / "transfers").glob("*/ae.xpt"))[-1]
    frame, meta = pyreadstat.read_xport(str(path), encoding="utf-8")
    ours = read_dataset(path)
    pd.testing.assert_frame_equal(frame, ours, check_dtype=False)
    assert frame["AETERM"].str.contains("细胞因子释放综合征").any()
    assert meta.column_names_to_labels["AETOXGR"] == label_of("AETOXGR")
    assert meta.table_name == "AE"


def test_numbers_survive_the_transport_format_exactly(tmp_path: Path) -> None:
    """IBM numbers carry 53 bits at least: a float64 in range comes back as it was."""
    rng = np.random.default_rng(1)
    drawn = rng.normal(0, 1, 500) * 10.0 ** rng.integers(-30, 30, 500)
    numbers = np.concatenate([[0.0, 1.0, -1.0, 0.1, 250000000.0, np.nan], drawn])
    frame = pd.DataFrame({"AVAL": numbers})
    write_xpt(tmp_path / "x.xpt", "X", "Test", frame, {"AVAL": "Value"}, dt.date(2020, 1, 1))
    back, _ = pyreadstat.read_xport(str(tmp_path / "x.xpt"))
    np.testing.assert_array_equal(back["AVAL"].to_numpy(), numbers)


def test_text_longer_than_the_format_allows_is_refused(tmp_path: Path) -> None:
    frame = pd.DataFrame({"TERM": ["药" * 67]})
    with pytest.raises(ValueError, match="201 bytes"):
        write_xpt(tmp_path / "x.xpt", "X", "", frame, {"TERM": ""}, dt.date(2020, 1, 1))


def test_a_demo_says_that_it_is_simulated(written: dict[Format, Path]) -> None:
    folder = written["xpt"]
    assert (folder / "README.txt").read_text(encoding="utf-8").startswith("Simulated data.")
    for params in (folder / "params").glob("*.yaml"):
        assert "simulated: true" in params.read_text(encoding="utf-8")
    ts = read_dataset(next((folder / "transfers").glob("*/ts.xpt")))
    assert ts.loc[ts["TSPARMCD"] == "SIMDATA", "TSVAL"].str.startswith("Y").all()


def test_four_cuts_each_with_params_a_transfer_and_decisions(written: dict[Format, Path]) -> None:
    folder = written["xpt"]
    assert len(list((folder / "transfers").iterdir())) == 4
    for cut in ("dsmb", "interim", "csr", "long-term"):
        text = (folder / "params" / f"{cut}.yaml").read_text(encoding="utf-8")
        assert f"decisions: decisions-{cut}.csv" in text
        assert "$" not in text
    decided = read_decisions(folder / "params" / "decisions-csr.csv")
    assert {d.item for d in decided} == {"BOR", "EFFFL"}


def test_the_protocol_of_the_params_is_one(written: dict[Format, Path]) -> None:
    """Every key of the block is one that csr.params.protocol knows."""
    for path in (written["xpt"] / "params").glob("*.yaml"):
        tree = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        assert Protocol.model_validate(tree["protocol"]).exposure.apheresis is not None


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    with pytest.raises(UsageError, match="not an empty folder"):
        write_demo(tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--format sas7bdat: must be one of xpt, dataset-json"):
        write_demo(tmp_path / "x", fmt="sas7bdat")  # type: ignore[arg-type]
