"""Displays as short text, with numbers worked out by hand from the small study."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.small_study import adae, write_study

from csr.displays.catalogue import all_displays
from csr.displays.model import Figure, Listing, Table
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data

DISPLAYS = {d.name: d for d in all_displays()}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> tuple[Params, dict[str, pd.DataFrame]]:
    folder = tmp_path_factory.mktemp("golden")
    params = read_params(write_study(folder))
    return params, check_data(params, folder).adam


def drawn(name: str, study: tuple[Params, dict[str, pd.DataFrame]]) -> Table | Listing | Figure:
    params, adam = study
    display = DISPLAYS[name]
    results = [a.answer(adam, params).results for a in display.analyses]
    frame = pd.concat(results, ignore_index=True) if results else pd.DataFrame()
    return display.draw(frame, adam, params)


def lines_of(name: str, study: tuple[Params, dict[str, pd.DataFrame]]) -> dict[str, list[str]]:
    table = drawn(name, study)
    assert isinstance(table, Table)
    return {line.cells[0]: list(line.cells[1:]) for line in table.lines}


def test_response_summary(study: tuple[Params, dict[str, pd.DataFrame]]) -> None:
    lines = lines_of("response-summary", study)
    # dose 1: CR PR PR SD SD SD; dose 2: PD PD NE PR SD PD
    assert lines["Complete response (CR)"] == ["1 (16.7)", "0", "1 (8.3)"]
    assert lines["Objective response rate (CR + PR)"] == ["3 (50.0)", "1 (16.7)", "4 (33.3)"]
    assert lines["Disease control rate"] == ["6 (100.0)", "2 (33.3)", "8 (66.7)"]
    table = drawn("response-summary", study)
    assert isinstance(table, Table)
    intervals = [line.cells[1:] for line in table.lines if line.cells[0] == "95% CI"]
    # Clopper-Pearson 3/6, 1/6, 4/12: R binom.test
    assert intervals[0] == ("(11.8, 88.2)", "(0.4, 64.1)", "(9.9, 65.1)")


def test_demographics(study: tuple[Params, dict[str, pd.DataFrame]]) -> None:
    lines = lines_of("demographics", study)
    # ages 41, 44, …, 56 and 59, 62, …, 74: means 48.5 and 66.5; SD of six steps of 3: 3·√3.5
    assert lines["Mean (SD)"] == ["48.5 (5.61)", "66.5 (5.61)", "57.5 (10.82)"]
    assert lines["Median"] == ["48.5", "66.5", "57.5"]
    assert lines["Min, max"] == ["41, 56", "59, 74", "41, 74"]
    assert lines["Female"] == ["3 (50.0)", "3 (50.0)", "6 (50.0)"]


def test_adverse_events(study: tuple[Params, dict[str, pd.DataFrame]]) -> None:
    lines = lines_of("ae-overview", study)
    # five events of five subjects of dose 1: grades 1 2 3 4 1; the 4th serious; 2nd, 4th related
    assert lines["Any TEAE"] == ["5 (83.3) [5]", "0 [0]", "5 (41.7) [5]"]
    assert lines["Serious TEAE"][0] == "1 (16.7) [1]"
    assert lines["Severe or grade ≥ 3 TEAE"][0] == "2 (33.3) [2]"
    assert lines["Related TEAE"][0] == "2 (33.3) [2]"
    terms = lines_of("ae-by-soc-pt", study)
    assert terms["NAUSEA"] == ["2 (33.3)", "0", "2 (16.7)"]


def test_overall_survival(study: tuple[Params, dict[str, pd.DataFrame]]) -> None:
    lines = lines_of("os-summary", study)
    # dose 1: days 90 97 104 111 118 125, of which the 2nd and 5th are censored:
    # S = 5/6 at 90, 5/8 at 104, 5/12 at 111; median 111 d = 3.6 months
    assert lines["Events, n (%)"][0] == "4 (66.7)"
    assert lines["Median (95% CI)"][0].startswith("3.6 (")
    assert lines["3 months"][0].startswith("83.3 (")


def test_no_observations_is_an_empty_table(tmp_path: Path) -> None:
    params = read_params(write_study(tmp_path, adae=adae().assign(TRTEMFL="N")))
    adam = check_data(params, tmp_path).adam
    for name in ("ae-by-soc-pt", "ae-by-soc-pt-grade"):
        table = drawn(name, (params, adam))
        assert isinstance(table, Table)
        assert table.lines == ()


def test_figures_say_in_words_what_they_show(
    study: tuple[Params, dict[str, pd.DataFrame]],
) -> None:
    figure = drawn("os", study)
    assert isinstance(figure, Figure)
    assert "Dose 1: 6 subjects, 4 events, median 3.6 months" in figure.alt
    assert "<dc:date>" not in figure.svg
    again = drawn("os", study)
    assert isinstance(again, Figure)
    assert again.svg == figure.svg
