"""Survival by year on the Rotterdam data: params and displays against R 4.2.2, survival 3.5-3.

The values and their call: data/SOURCES.md (survival_by_year_r.csv). Tolerance 1e-6.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.figure import Figure as Canvas
from tests.property.test_results_reduce import check

from csr.displays.catalogue import all_displays, place
from csr.displays.model import Figure, Placed, Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.long_term.long_term import DEATHS_BY_YEAR, SETS, SURVIVAL_BY_YEAR, later_than
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.results import Adam, Output

ROOT = Path(__file__).resolve().parents[2]


def from_r() -> list[dict[str, float]]:
    path = Path(__file__).parent / "data" / "survival_by_year_r.csv"
    with path.open(newline="") as file:
        return [{k: float(v) for k, v in row.items()} for row in csv.DictReader(file)]


@pytest.fixture(scope="module")
def study(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Params, Adam]:
    path = tmp_path_factory.mktemp("params") / "rotterdam.yaml"
    text = (ROOT / "tests" / "data" / "rotterdam.yaml").read_text(encoding="utf-8")
    data = shared / "data" / "A08_survival_reference"
    path.write_text(text.replace("@DATA@", str(data)), encoding="utf-8")
    params = read_params(path)
    return params, check_data(params, path.parent).adam


@pytest.fixture(scope="module")
def outputs(study: tuple[Params, Adam]) -> dict[str, Output]:
    params, adam = study
    return {a.name: a.answer(adam, params) for a in (SURVIVAL_BY_YEAR, DEATHS_BY_YEAR)}


def drawn(name: str, study: tuple[Params, Adam], outputs: dict[str, Output]) -> Placed:
    params, adam = study
    results = pd.concat([o.results for o in outputs.values()], ignore_index=True)
    display = next(d for d in all_displays() if d.name == name)
    return place(display, "14.5.1", results, adam, params)


@pytest.mark.parametrize("name", SETS)
def test_survival_and_at_risk_to_15_years_are_those_of_r(
    name: str, outputs: dict[str, Output]
) -> None:
    found = Lookup.of(outputs["survival-by-year"].results, "survival-by-year")
    assert found.value("N", name, None) == 2982
    for row in from_r():
        year = f"{row['year']:g}"
        for stat, value in (("surv", "surv"), ("lcl", "low"), ("ucl", "high")):
            assert found.value(stat, name, year) == pytest.approx(100 * row[value], rel=1e-6)
        assert found.value("n_risk", name, year) == row["n_risk"]


def test_deaths_in_each_year_are_those_of_r(
    study: tuple[Params, Adam], outputs: dict[str, Output]
) -> None:
    found = Lookup.of(outputs["deaths-by-year"].results, "deaths-by-year")
    counts = [found.value("n", "safety", str(year), None) for year in range(1, 16)]
    assert counts == [row["deaths"] for row in from_r()]
    later = found.value("n", "safety", later_than(study[0]), None)
    assert sum(n or 0 for n in counts) + (later or 0) == 1272  # sum(rotterdam$death) in R


def test_the_table_prints_them(study: tuple[Params, Adam], outputs: dict[str, Output]) -> None:
    table = drawn("survival-by-year", study, outputs).drawing
    assert isinstance(table, Table)
    years = {line.cells[0]: line.cells for line in table.lines if not line.indent}
    # R: 0.7435 (0.7273, 0.7590), 2084 at risk, 146 deaths; and year 15.
    assert years["5"][1:4] == ("2084", "74.4 (72.7, 75.9)", "146")
    assert years["15"][1:4] == ("43", "39.1 (35.3, 42.9)", "3")


def test_the_figure_prints_the_numbers_at_risk(
    study: tuple[Params, Adam], outputs: dict[str, Output], monkeypatch: pytest.MonkeyPatch
) -> None:
    def texts(canvas: Canvas) -> str:
        return " ".join(t.get_text() for t in canvas.axes[1].texts)

    monkeypatch.setattr("csr.displays.long_term.os_long_term.svg_of", texts)  # the glyphs are paths
    figure = drawn("os-long-term", study, outputs).drawing
    assert isinstance(figure, Figure)
    at_risk = " ".join(["2982", *(f"{row['n_risk']:g}" for row in from_r())])
    assert figure.svg == f"Number at risk {at_risk} {at_risk}"
    assert "39.1% at year 15" in figure.alt


@pytest.mark.parametrize("name", ["survival-by-year", "deaths-by-year"])
def test_every_number_reduces_from_its_rows(
    name: str, study: tuple[Params, Adam], outputs: dict[str, Output]
) -> None:
    output = outputs[name]
    assert output.results["result"].is_unique
    for _, line in output.results.iloc[:: max(1, len(output.results) // 83)].iterrows():
        check(output, line, study[0])
