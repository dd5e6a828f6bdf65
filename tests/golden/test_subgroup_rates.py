"""Response rates in subgroups of the small study, worked by hand."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from tests.small_study import PARAMS, adsl, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Table
from csr.params.file import read_params
from csr.pipeline.data import check_data

DISPLAY = {d.name: d for d in all_displays()}["response-subgroup-rates"]
MORE = """
subgroups: {STAGE: Stage}
populations:
  enrolled: {label: Enrolled, flag: ALL}
  safety: {label: Safety, flag: SAFFL}
  efficacy: {label: Evaluable, flag: EFFFL}
"""


def test_rates_of_both_sets_with_the_words_of_params(tmp_path: Path) -> None:
    # CR PR PR SD SD SD PD PD NE PR SD PD; late is every second subject, from the first.
    subjects = adsl().assign(STAGE=["Late", "Early"] * 6, EFFFL=["Y"] * 8 + ["N"] + ["Y"] * 3)
    path = write_study(tmp_path, adsl=subjects)
    path.write_text(PARAMS + MORE, encoding="utf-8")
    params = read_params(path)
    adam = check_data(params, tmp_path).adam
    results = pd.concat([a.answer(adam, params).results for a in DISPLAY.analyses])
    table = DISPLAY.draw(results, adam, params)
    assert isinstance(table, Table)
    lines = {line.cells[0]: line.cells[1:] for line in table.lines}
    # Evaluable: 11 (without S-09, NE): 4 CR or PR, 8 with SD; treated: of 12.
    assert [cell.split(":")[0] for cell in lines["All subjects"]] == [
        "4/11",
        "8/11",
        "4/12",
        "8/12",
    ]
    # Late: S-01 CR, 03 PR, 05 SD, 07 PD, 09 NE, 11 SD.
    assert [cell.split(":")[0] for cell in lines["Late"]] == ["2/5", "4/5", "2/6", "4/6"]
    # Clopper-Pearson of 2/6: R binom.test(2, 6).
    assert lines["Late"][2] == "2/6: 33.3 (4.3, 77.7)"
    assert "Stage" in lines
