"""Curves, dose and re-infusions of the demo, counted again from its ADPC and ADPP by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from csr.demo.write import write_demo
from csr.displays.catalogue import all_displays
from csr.displays.model import Figure
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.results import Adam

DISPLAYS = {d.name: d for d in all_displays()}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Params, Adam]:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder)
    params = read_params(folder / "params" / "interim.yaml")
    return params, check_data(params, folder / "params").adam


def drawn(name: str, demo: tuple[Params, Adam]) -> Any:
    params, adam = demo
    display = DISPLAYS[name]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    return display.draw(results, adam, params)


FIGURES = ("kinetics-mean", "kinetics-individual", "kinetics-by-response", "kinetics-by-dose")


@pytest.mark.parametrize("name", FIGURES)
def test_figures_draw_the_same_twice_and_without_anyone(
    name: str, demo: tuple[Params, Adam]
) -> None:
    params, adam = demo
    figure = drawn(name, demo)
    assert isinstance(figure, Figure)
    assert figure.svg == drawn(name, demo).svg
    nobody = {k: v.iloc[:0] if k in ("adpc", "adpp") else v for k, v in adam.items()}
    empty = drawn(name, (params, nobody))
    assert empty.svg != figure.svg


def test_every_sample_in_the_analysis_is_in_the_individual_figure(
    demo: tuple[Params, Adam],
) -> None:
    _, adam = demo
    own = adam["adpc"]
    own = own[(own["ANL01FL"] == "Y") & (own["PCSPEC"] == "BLOOD") & (own["PKFL"] == "Y")]
    own = own[own["AINFN"].notna() & (own["AVAL"].notna() | (own["BLQFL"] == "Y"))]
    words = drawn("kinetics-individual", demo).alt
    assert f"{own['USUBJID'].nunique()} subjects, {len(own)} samples" in words
    assert f"{(own['BLQFL'] == 'Y').sum()} below the limit" in words


def test_reinfusion_ratios_are_the_quotients(demo: tuple[Params, Adam]) -> None:
    _, adam = demo
    own = adam["adpp"]
    own = own[(own["PARAMCD"] == "CMAX") & (own["PKFL"] == "Y") & (own["PCSPEC"] == "BLOOD")]
    wide = own.pivot_table(index="USUBJID", columns="AINFN", values="AVAL")
    both = wide[(wide[1.0] > 0) & (wide[2.0] > 0)]
    mean = np.exp(np.log(both[2.0] / both[1.0]).mean())
    table = drawn("reinfusion-ratio", demo)
    total = next(line for line in table.lines if line.cells[0] == "Total")
    assert total.cells[2] == str(len(both))
    assert float(total.cells[3]) == pytest.approx(mean, abs=0.006)


def test_the_exponent_and_what_is_said_of_it(demo: tuple[Params, Adam]) -> None:
    _, adam = demo
    own = adam["adpp"]
    own = own[(own["PARAMCD"] == "CMAX") & (own["AINFN"] == 1) & (own["PKFL"] == "Y")]
    own = own[(own["AVAL"] > 0) & (own["PCSPEC"] == "BLOOD")]
    dose = own["USUBJID"].map(adam["adsl"].set_index("USUBJID")["DOSE1"]).astype(float)
    slope = np.polyfit(np.log(dose), np.log(own["AVAL"]), 1)[0]
    line = drawn("dose-proportionality", demo).lines[0].cells
    assert int(line[1]) == len(own)
    assert float(line[2]) == pytest.approx(slope, abs=0.006)
    low, high = (float(x) for x in line[3].strip("()").split(","))
    least, most = (float(x) for x in line[5].split(" to "))
    assert line[6] == ("Yes" if least <= low and high <= most else "No")
