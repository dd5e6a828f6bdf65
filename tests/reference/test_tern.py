"""tern's oncology ADaM (Apache-2.0, ../shared/data/A03): overall survival of arm B.

Source: tern's own surv_time output, as given in ../shared/data/README.md: median 23.91143 (plain
95 % interval 18.25878-32.85945), quartiles 9.822926/41.981812; months of 30.4375 days.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from csr.displays.tables.layout import Lookup
from csr.endpoints.efficacy.time_to_event import OS_ANALYSIS
from csr.params.file import read_params
from csr.pipeline.data import check_data

PARAMS = """\
study: {id: AB12345, title: tern example data}
cut: {id: tern, label: Test, cutoff: 2030-12-31, transfer: 2030-12-31, report_date: 2031-01-01}
data:
  folder: "@DATA@"
  datasets:
    adsl: {file: tern_ex_adsl.parquet, columns: {TRT01A: ACTARM, TRT01P: ARM}}
    adae: {file: tern_ex_adae.parquet}
    adrs: {file: tern_ex_adrs.parquet}
    adtte: {file: tern_ex_adtte.parquet}
treatment:
  levels:
    - {value: "A: Drug X", label: Drug X}
    - {value: "B: Placebo", label: Placebo}
    - {value: "C: Combination", label: Combination}
endpoints:
  os: {paramcd: OS}
conventions: {km_interval: plain}
"""


def test_overall_survival_of_arm_b(shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "tern.yaml"
    data = shared / "data" / "A03_tern_oncology_adam"
    path.write_text(PARAMS.replace("@DATA@", str(data)), encoding="utf-8")
    params = read_params(path)
    checked = check_data(params, tmp_path)
    assert checked.errors == ()
    found = Lookup.of(OS_ANALYSIS.answer(checked.adam, params).results, "os")
    expected = {
        "median": 23.91143,
        "median_lcl": 18.25878,
        "median_ucl": 32.85945,
        "q25": 9.822926,
        "q75": 41.981812,
    }
    for stat, value in expected.items():
        assert found.value(stat, "B: Placebo", None) == pytest.approx(value, abs=5e-6), stat
