"""Builds and params of the former version stay readable: `csr diff`, `cut.since` (issue 14.4).

`tests/data/former_build` was made by csr 38f2082, before endpoints were declared as data.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from csr.compare.analysed import Build, analyse
from csr.compare.difference import compare_builds
from csr.compare.told import ABSENT
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data
from csr.pipeline.provenance import sources_frame
from csr.pipeline.stored import changed_since, derive_again, digests, read_build

FORMER = Path(__file__).parents[1] / "data" / "former_build"
EFS = "  time_to_event: [{name: efs, label: Event-free survival, paramcd: PFS2}]\n"


@pytest.fixture(scope="module")
def former() -> Build:
    return read_build(FORMER / "SMALL" / "cut-1")


def now(params_file: Path) -> tuple[Build, Checked]:
    """What a build of the same data by the present code holds, without the report."""
    params: Params = read_params(params_file)
    checked = check_data(params, params_file.parent)
    assert checked.errors == ()
    frames, adam = checked.adam, tuple(sorted(checked.adam))
    sources = digests(sources_frame(checked.sources))
    return Build(params, frames, adam, analyse(frames, params), sources), checked


def test_params_and_frames_are_read(former: Build) -> None:
    chosen = former.params.endpoints.of("pfs")
    assert chosen is not None
    assert (chosen.paramcd, former.params.endpoints.strategy("pfs")) == ("PFS", "treatment-policy")
    assert [e.name for e in former.params.endpoints.declared] == ["os", "pfs"]
    assert former.adam == ("adrs", "adsl", "adtte")


def test_its_numbers_are_those_of_the_present_code(former: Build) -> None:
    """Every result, run again from its own frames: to the last bit."""
    again = analyse(former.data, former.params)
    assert not again.failed
    values = again.results.set_index("result")["value"]
    stored = former.analysed.results.set_index("result")["value"]
    assert len(stored) > 200
    pd.testing.assert_series_equal(values[stored.index], stored, check_exact=True)


def test_diff_finds_no_number_changed(former: Build) -> None:
    new, _ = now(FORMER / "params.yaml")
    assert new.sources == former.sources
    diff = compare_builds(former, new, derive_again(former, new, FORMER / "params.yaml"))
    both = diff.numbers[diff.numbers["in_old"] & diff.numbers["in_new"]]
    assert both.empty


def test_since_tells_what_came_of_an_own_endpoint(tmp_path: Path) -> None:
    """A later cut that declares EFS, in a folder of builds beside the former one."""
    out = tmp_path / "out"
    shutil.copytree(FORMER / "SMALL", out / "SMALL")
    shutil.copytree(FORMER / "data", tmp_path / "data")
    times = pd.read_csv(FORMER / "data" / "adtte.csv", keep_default_na=False)
    more = times[times["PARAMCD"] == "PFS"].assign(PARAMCD="PFS2")
    pd.concat([times, more]).to_csv(tmp_path / "data" / "adtte.csv", index=False)
    text = (FORMER / "params.yaml").read_text(encoding="utf-8")
    text = text.replace("id: cut-1,", "id: cut-2, since: SMALL/cut-1,")
    text = text.replace("censoring-reasons]", "censoring-reasons, efs-summary, changed-since]")
    text = text.replace("  os: {paramcd: OS}\n", "  os: {paramcd: OS}\n" + EFS)
    path = tmp_path / "params.yaml"
    path.write_text(text, encoding="utf-8")
    new, checked = now(path)
    frames = {**checked.adam, "sources": sources_frame(checked.sources)}
    staging = out / "SMALL" / "cut-2"
    told = changed_since(new.params, frames, set(checked.adam), path, staging)["changed_since"]
    own = told.set_index("what").loc["efs, total":]
    assert own.loc["All: n", "now"] == "12"
    assert own.loc["All: n", "before"] == ABSENT
    assert not told["what"].str.startswith(("os,", "pfs,")).any()
