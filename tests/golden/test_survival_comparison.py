"""Restricted means and the comparison of two arms in the tables, against R 4.2.2, survival 3.5-3.

i <- 0:11; time <- (30 + 7 * i) / 30.4375; ev <- 1 - (i %% 3) %% 2; arm <- i %% 2
survdiff(Surv(time, ev) ~ arm); f <- coxph(Surv(time, ev) ~ arm); summary(f)$conf.int
cox.zph(f, transform = "km", terms = FALSE)
summary(survfit(Surv(time, ev) ~ 1, subset = arm == a), rmean = min(tapply(time, arm, max)))
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import PARAMS, adsl, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Table
from csr.endpoints.efficacy.survival_comparison import comparison_of
from csr.params.file import read_params
from csr.params.time_to_event import PFS
from csr.pipeline.data import check_data

DISPLAYS = {d.name: d for d in all_displays()}
# As R printed them; the limits of the means are mean ± 1.959963984540054·se.
MEANS = {"Dose 1": (2.288843258042, 0.346150199549), "Dose 2": (2.664476386037, 0.288805133225)}
R_VALUES = {
    ("all", "logrank_p"): 0.544378396907,
    ("Dose 2", "hr"): 0.629770526651,
    ("Dose 2", "hr_lcl"): 0.139426403904,
    ("Dose 2", "hr_ucl"): 2.84458972716,
    ("Dose 2", "ph_p"): 0.560401831371,
    **{(dose, "rmean"): mean for dose, (mean, _) in MEANS.items()},
    **{(dose, "rmean_lcl"): mean - 1.959963984540054 * se for dose, (mean, se) in MEANS.items()},
}
HAZARD, LOG_RANK = "0.63 (0.14, 2.84)", "0.5444"
NAMED = PARAMS.replace("treatment:\n", "treatment:\n  reference: Dose 1\n")


def study(folder: Path, text: str) -> tuple:
    arms = adsl().assign(TRT01A=["Dose 1", "Dose 2"] * 6, TRT01P=["Dose 1", "Dose 2"] * 6)
    path = write_study(folder, adsl=arms)
    path.write_text(text, encoding="utf-8")
    params = read_params(path)
    return params, check_data(params, folder).adam


def table(folder: Path, text: str) -> dict[str, tuple[str, ...]]:
    params, adam = study(folder, text)
    display = DISPLAYS["pfs-summary"]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    drawing = display.draw(results, adam, params)
    assert isinstance(drawing, Table)
    return {line.cells[0]: line.cells[1:] for line in drawing.lines}


def test_numbers_equal_r(tmp_path: Path) -> None:
    params, adam = study(tmp_path, NAMED)
    found = comparison_of(PFS).answer(adam, params).results
    values = found.set_index([found["level1"].fillna("all"), "stat"])["value"]
    for (level, stat), expected in R_VALUES.items():
        assert values[level, stat] == pytest.approx(expected, rel=1e-6), (level, stat)


def test_the_table_shows_them_only_where_a_reference_is_named(tmp_path: Path) -> None:
    lines = table(tmp_path / "a", NAMED)
    assert lines["Hazard ratio (95% CI)"][0] == "Reference"
    assert lines["Hazard ratio (95% CI)"][1].startswith(HAZARD)
    assert lines["Log-rank test of all groups, p"][2] == LOG_RANK
    without = table(tmp_path / "b", PARAMS)
    assert "Hazard ratio (95% CI)" not in without
    assert any(label.startswith("Mean restricted to 3.3 months") for label in without)
