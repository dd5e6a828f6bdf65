"""`csr diff` on whole builds: the demonstration's second and third transfer, and two at once.

Which numbers a correction moved is known from elsewhere: the later transfer cut at the earlier
cut-off gives what the earlier report would have said, had its data been right.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import PARAMS, adae, adsl, write_study

from csr.cli import main
from csr.compare.analysed import Analysed, Build, analyse
from csr.compare.causes import CODE, CORRECTED, NEW, numbers_of
from csr.compare.difference import compare_builds
from csr.demo.write import write_demo
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.pipeline.stored import read_build
from csr.pipeline.workspace import find_build

pytestmark = pytest.mark.slow
ROOT = Path(__file__).resolve().parents[2]
SINCE = "SMALL/cut-1"


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "csr", *arguments]


def demo_build(params: Params, base: Path) -> Build:
    """What a build of the demonstration holds, without the report."""
    checked = check_data(params, base)
    assert not checked.errors
    sources = tuple(sorted((s.dataset, s.sha256) for s in checked.sources))
    frames = checked.adam
    return Build(params, frames, tuple(sorted(frames)), analyse(frames, params), sources)


def numbers(analysed: Analysed) -> dict[str, str]:
    """Ten significant digits: two ways to the same number may differ in the last bits."""
    return {name: f"{value:.9e}" for name, value in numbers_of(analysed.results).items()}


def test_every_number_between_transfers_2_and_3_has_its_planted_cause(tmp_path: Path) -> None:
    write_demo(tmp_path / "study")
    base = tmp_path / "study" / "params"
    interim, final = (read_params(base / f"{name}.yaml") for name in ("interim", "csr"))
    old, new = demo_build(interim, base), demo_build(final, base)
    diff = compare_builds(old, new)
    corrected_data = interim.model_copy(update={"data": final.data})
    right = numbers(demo_build(corrected_data, base).analysed)
    before, after = numbers(old.analysed), numbers(new.analysed)
    assert set(diff.numbers["result"]) == {
        n for n in {*before, *after} if before.get(n) != after.get(n)
    }
    assert len(diff.numbers) > 1000
    wrong = []
    for result, causes in zip(diff.numbers["result"], diff.numbers["causes"], strict=True):
        expected = []
        if right.get(result) != after.get(result):
            expected.append(NEW)
        if before.get(result) != right.get(result):
            expected.append(CORRECTED)
        if causes != tuple(expected):
            wrong.append((result, causes, expected))
    assert not wrong, f"{len(wrong)} of {len(diff.numbers)}, such as {wrong[:5]}"
    assert diff.numbers["causes"].map(lambda c: CORRECTED in c).sum() > 50
    planted(diff.corrections.to_dict("records"))


def planted(corrections: list[dict[str, str]]) -> None:
    """docs/demo-study.md: grades, relationships, one withdrawn event, the late death of 06-0025."""
    columns = {line["column"] for line in corrections if line["dataset"] == "ADAE"}
    assert {"AETOXGR", "AEREL", "record removed"} <= columns
    assert columns <= {"AETOXGR", "AEREL", "AREL", "record removed"} | {
        c
        for c in columns
        if c.startswith(("AEREL", "AREL", "CQ", "AEDLT", "AOCC", "AGRD", "AGRADE"))
    }
    removed = [line for line in corrections if line["column"] == "record removed"]
    assert [line["dataset"] for line in removed] == ["ADAE"]
    died = {line["subject"] for line in corrections if line["column"] == "DTHDT"}
    assert died == {"SIM-CLDN18-06-0025"}


def test_the_command_on_two_builds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "out")]
    assert main(["build", str(write_study(tmp_path / "a")), *out]) == 0
    later = write_study(tmp_path / "b", adae=regraded())
    text = PARAMS.replace("id: cut-1", "id: cut-2").replace(
        "report_date: 2026-07-10", f"report_date: 2026-07-10, since: {SINCE}"
    )
    later.write_text(text + "conventions: {km_interval: plain}\n", encoding="utf-8")
    assert main(["build", str(later), *out]) == 0
    capsys.readouterr()
    assert main(["diff", SINCE, SINCE, *out]) == 0
    assert "None of" in capsys.readouterr().out
    page = tmp_path / "diff.html"
    assert main(["diff", SINCE, "SMALL/cut-2", "--out-html", str(page), *out]) == 0
    said = capsys.readouterr().out
    assert "conventions.km_interval: log-log → plain" in said
    assert "S-02" not in said
    assert "S-02" in page.read_text(encoding="utf-8")
    assert main(["diff", SINCE, "SMALL/cut-2", "--format", "json", *out]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["numbers"]
    of_events = {a for a in {n["analysis"] for n in told["numbers"]} if a.startswith("ae-")}
    for number in told["numbers"]:
        cause = "changed data" if number["analysis"] in of_events else "convention"
        if number["analysis"] in {"os", "pfs", *of_events}:
            assert number["causes"] == [cause], number["result"]
        assert CODE not in number["causes"]
    report = find_build("SMALL/cut-2", tmp_path / "out") / "rendered" / "interim.html"
    html = report.read_text(encoding="utf-8")
    assert "Changed since the earlier data cut" in html
    assert "NAUSEA, 2026-01-12: AETOXGR" in html
    params = PARAMS.replace("report_date: 2026-07-10", "report_date: 2026-07-10, since: no/cut")
    later.write_text(params, encoding="utf-8")
    assert main(["build", str(later), *out]) == 2
    assert "no/cut: no build there" in capsys.readouterr().err


def regraded() -> pd.DataFrame:
    """S-02's nausea of grade 2 was of grade 3 all along."""
    events = adae()
    events.loc[1, "AETOXGR"] = "3"
    return events


def test_two_builds_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Two cuts of one study into one folder of builds, started together, then each alone."""
    params = [write_study(tmp_path / "a"), write_study(tmp_path / "b", adsl=adsl().assign(AGE=70))]
    text = PARAMS.replace("id: cut-1", "id: cut-2")
    params[1].write_text(text, encoding="utf-8")
    together, alone = str(tmp_path / "together"), str(tmp_path / "alone")
    running = [
        subprocess.Popen(
            command("build", str(p), "--out", together, "--jobs", "1"),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for p in params
    ]
    for process in running:
        _, said = process.communicate()
        assert process.returncode == 0, said.decode()
    for p in params:
        subprocess.run(
            command("build", str(p), "--out", alone), cwd=ROOT, check=True, capture_output=True
        )
    for cut in ("cut-1", "cut-2"):
        both = [find_build(f"SMALL/{cut}", Path(place)) for place in (together, alone)]
        assert compare_builds(*(read_build(place) for place in both)).numbers.empty
        manifests = [json.loads((p / "manifest.json").read_text("utf-8")) for p in both]
        assert manifests[0]["files"] == manifests[1]["files"]
    assert sorted(p.name for p in (tmp_path / "together" / "SMALL").iterdir()) == ["cut-1", "cut-2"]
