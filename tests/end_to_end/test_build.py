"""Whole builds: the same twice, untouched when killed, and honest about bad data."""

from __future__ import annotations

import hashlib
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from pypdf import PdfReader
from tests.small_study import PARAMS, adae, adsl, write_study

from csr.cli import main
from csr.pipeline.workspace import find_build

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]


# Few displays, where what is tested is the build and not what it draws.
FEW = "displays: {only: [demographics, response-summary, os, data-findings]}\n"


def write_few(folder: Path, **changed: pd.DataFrame) -> Path:
    """The small study with a few displays only."""
    path = write_study(folder, **changed)
    path.write_text(path.read_text(encoding="utf-8") + FEW, encoding="utf-8")
    return path


def digest(folder: Path) -> dict[str, str]:
    files = [p for p in sorted(folder.rglob("*")) if p.is_file()]
    return {
        p.relative_to(folder).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in files
    }


def csr(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "csr", *arguments], capture_output=True, text=True, cwd=ROOT
    )


def test_the_same_build_twice_with_one_job_and_with_two(tmp_path: Path) -> None:
    params = ROOT / "params" / "pharmaverse-adam.yaml"
    digests = []
    for name, jobs in (("one", "1"), ("two", "2")):
        ran = csr("build", str(params), "--out", str(tmp_path / name), "--jobs", jobs)
        assert ran.returncode == 0, ran.stderr
        digests.append(digest(tmp_path / name))
    assert digests[0] == digests[1]
    suffixes = {Path(name).suffix for name in digests[0]}
    assert {".html", ".pdf", ".svg", ".parquet", ".json", ".ipynb", ".md"} <= suffixes


def test_a_build_killed_at_ten_moments_leaves_the_former_whole(tmp_path: Path) -> None:
    params, out = write_few(tmp_path), tmp_path / "out"
    began = time.monotonic()
    assert csr("build", str(params), "--out", str(out)).returncode == 0
    whole = time.monotonic() - began
    former = digest(find_build("SMALL/cut-1", out))
    write_few(tmp_path, adsl=adsl().assign(AGE=70))
    moments = random.Random(20260630)
    killed = 0
    while killed < 10:
        command = [sys.executable, "-m", "csr", "build", str(params), "--out", str(out)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.05, 0.9) * whole)
        if process.poll() is not None:  # it was faster than the first one: put the former back
            write_few(tmp_path)
            assert csr("build", str(params), "--out", str(out)).returncode == 0
            write_few(tmp_path, adsl=adsl().assign(AGE=70))
            whole *= 0.8
            continue
        process.send_signal(signal.SIGKILL)
        process.wait()
        killed += 1
        assert digest(find_build("SMALL/cut-1", out)) == former
    ran = csr("build", str(params), "--out", str(out))
    assert ran.returncode == 0, ran.stderr
    assert digest(find_build("SMALL/cut-1", out)) != former
    assert [p.name for p in (out / "SMALL").iterdir()] == ["cut-1"]


def test_a_build_that_fails_leaves_the_former_and_says_why(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    params, out = write_few(tmp_path), tmp_path / "out"
    assert main(["build", str(params), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert "interim.html" in printed.out
    assert "S-01" not in printed.out + printed.err  # no subject in a log
    former = digest(out)
    write_few(tmp_path, adae=adae().assign(AESER="maybe"))
    assert main(["build", str(params), "--out", str(out)]) == 4
    said = capsys.readouterr().err
    assert "ADAE.AESER" in said
    assert "maybe" in said
    assert digest(out) == former


def test_simulated_data_say_so_on_every_page(tmp_path: Path) -> None:
    params, out = write_study(tmp_path), tmp_path / "out"
    assert main(["build", str(params), "--out", str(out)]) == 0
    rendered = find_build("SMALL/cut-1", out) / "rendered"
    pages = PdfReader(rendered / "interim.pdf").pages
    assert len(pages) > 10
    for page in pages:
        assert "simulated data" in page.extract_text().lower()
    assert "simulated data" in (rendered / "interim.html").read_text(encoding="utf-8").lower()


def test_results_and_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    params, out = write_few(tmp_path), tmp_path / "out"
    assert main(["build", str(params), "--out", str(out)]) == 0
    capsys.readouterr()
    build = ["SMALL/cut-1", "--out", str(out)]
    assert main(["results", *build, "--analysis", "response-summary", "--format", "json"]) == 0
    lines = {line["result"]: line for line in json.loads(capsys.readouterr().out)}
    name = "response-summary/TRTA=Dose 1/SET=safety/ITEM=ORR/n"
    assert lines[name]["value"] == 3  # CR, PR, PR of the six subjects of dose 1
    assert main(["trace", *build[:1], name, *build[1:], "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["USUBJID"] for row in rows] == ["S-01", "S-02", "S-03"]
    assert main(["results", *build, "--analysis", "nothing"]) == 2
    assert "response-summary" in capsys.readouterr().err
    assert main(["trace", *build[:1], "nothing", *build[1:]]) == 2
    assert main(["results", "no/build", "--out", str(out)]) == 2


def test_check_names_everything_that_is_wrong_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    subjects = adsl().drop(columns="TRT01A")
    events = adae()
    events.loc[0, "AESER"] = "yes"
    events.loc[1, "ASTDT"] = "2026-02-30"
    events.loc[2, "USUBJID"] = "S-99"
    events = pd.concat([events, events.iloc[[3]]], ignore_index=True)
    params = write_study(tmp_path, adsl=subjects, adae=events)
    pyreadstat.write_xport(adsl(), str(tmp_path / "data" / "adrs.xpt"), file_format_version=5)
    whole = (tmp_path / "data" / "adrs.xpt").read_bytes()
    (tmp_path / "data" / "adrs.xpt").write_bytes(whole[: len(whole) - 400])
    params.write_text(PARAMS.replace("adrs.csv", "adrs.xpt"), encoding="utf-8")
    assert main(["check", str(params)]) == 4
    said = capsys.readouterr()
    for dataset, column, row in (
        ("ADSL", "TRT01A", ""),  # missing column
        ("ADAE", "AESER", "1"),  # wrong code
        ("ADAE", "ASTDT", "2"),  # impossible date
        ("ADAE", "USUBJID", "3"),  # subject not in ADSL
        ("ADAE", "AESEQ", "4"),  # duplicate key
        ("adrs.xpt", "truncated", ""),
    ):
        matching = [
            line
            for line in said.out.splitlines()
            if dataset in line and column in line and row in line
        ]
        assert matching, (dataset, column, row, said.out)
    assert "Traceback" not in said.out + said.err
