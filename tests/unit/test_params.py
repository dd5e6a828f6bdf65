"""Params: every mistake is named with its line, and with the nearest key."""

from __future__ import annotations

from pathlib import Path

import pytest

from csr.errors import ParamsError
from csr.params import params_hash
from csr.params.file import read_params
from csr.params.page import params_page

GOOD = """\
study: {id: S1, title: A study}
cut: {id: c1, label: Cut 1, cutoff: 2026-01-31, transfer: 2026-02-02, report_date: 2026-02-10}
data: {folder: data, datasets: {adsl: {file: adsl.xpt}}}
treatment:
  levels:
    - {value: A, label: Dose A}
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "p.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_good_file_has_the_documented_defaults(tmp_path: Path) -> None:
    params = read_params(write(tmp_path, GOOD))
    assert params.conventions.km_interval == "log-log"  # METHODS §9
    assert params.conventions.quantile_type == 2
    assert params.conventions.proportion_interval == "clopper-pearson"
    assert params.conventions.missing_relationship == "related"
    assert params.population("safety").flag == "SAFFL"
    assert params.cut.cutoff.isoformat() == "2026-01-31"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            ("treatment:", "conventions:\n  conf_levle: 0.9\ntreatment:"),
            "line 5: unknown key 'conventions.conf_levle'. Did you mean 'conf_level'?",
        ),
        (("study: {id: S1,", "study: {id: S1, spnsor: X,"), "Did you mean 'sponsor'?"),
        (("title: A study", ""), "the key 'study.title' is missing"),
        (("cutoff: 2026-01-31", "cutoff: 2026-01-32"), "'cut.cutoff'"),
        (("cutoff: 2026-01-31", "cutoff: 2026-03-31"), "cutoff ≤ transfer ≤ report_date"),
        (("levels:", "level:"), "Did you mean 'levels'?"),
        (("id: c1", "id: ../../etc"), "'cut.id'"),
        (("treatment:", "conventions: {km_interval: loglog}\ntreatment:"), "'log-log'"),
        (("treatment:", "endpoints: {pfs: {paramcd: PFS}}\ntreatment:"), "endpoints.pfs.strategy"),
        (("study: {", "study: {{"), "not YAML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, change: tuple[str, str], expected: str) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(ParamsError) as error:
        read_params(path)
    assert expected in str(error.value)
    assert str(path) in str(error.value)


def test_all_mistakes_are_named_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("title: A study", "titel: A study").replace("label: Cut 1", "lable: x")
    with pytest.raises(ParamsError) as error:
        read_params(write(tmp_path, text))
    assert len(str(error.value).splitlines()) == 4


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text\n"])
def test_a_file_without_keys_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(ParamsError, match="keys and values"):
        read_params(write(tmp_path, text))


def test_a_missing_file_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(ParamsError, match="no such file"):
        read_params(tmp_path / "none.yaml")
    path = tmp_path / "b.yaml"
    path.write_bytes(b"\xff\xfe\x00study")
    with pytest.raises(ParamsError, match="UTF-8"):
        read_params(path)


def test_two_files_that_mean_the_same_have_the_same_hash(tmp_path: Path) -> None:
    one = params_hash(read_params(write(tmp_path, GOOD)))
    other = params_hash(read_params(write(tmp_path, "# a comment\n" + GOOD + "\n")))
    assert one == other


def test_the_params_of_the_project_can_be_read(root: Path) -> None:
    files = sorted((root / "params").glob("*.yaml"))
    assert files
    for path in files:
        read_params(path)


def test_the_page_of_the_params_is_up_to_date(root: Path) -> None:
    said = (root / "docs" / "params.md").read_text(encoding="utf-8")
    assert said == params_page(), "run: make docs"
