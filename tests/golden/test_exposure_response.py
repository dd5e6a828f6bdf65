"""Exposure and response of the demo: counted again from its datasets."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from csr.demo.write import write_demo
from csr.displays.catalogue import all_displays
from csr.endpoints.kinetics.exposure_response import ABOVE, landmark_records
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


def of_blood(adam: Adam, code: str) -> pd.Series:
    own = adam["adpp"]
    keep = (own["PARAMCD"] == code) & (own["AINFN"] == 1) & (own["PCSPEC"] == "BLOOD")
    return own[keep & (own["PKFL"] == "Y")].set_index("USUBJID")["AVAL"]


def test_the_landmark_halves_hold_who_was_followed_past_day_28(demo: tuple[Params, Adam]) -> None:
    params, adam = demo
    own = landmark_records(adam, params)
    tte = adam["adtte"]
    paramcd = (tte["PARAMCD"] == "PFS") & (tte["RSEVAL"] == "INVESTIGATOR")
    days = (tte["ADT"] - tte["STARTDT"]).dt.days[paramcd]
    followed = set(tte.loc[days[days + 1 > 28].index, "USUBJID"])
    cmax, tmax = of_blood(adam, "CMAX"), of_blood(adam, "TMAX")
    wanted = {s for s in cmax.dropna().index if s in followed and not tmax.get(s, 0) > 28}
    half = own[own["PARAMCD"] == "CMAX"]
    assert set(half["USUBJID"]) == wanted
    middle = np.median(cmax[sorted(wanted)])
    above = set(half.loc[half["LEVEL"] == ABOVE, "USUBJID"])
    assert above == {s for s in wanted if cmax[s] > middle}
    assert (half["value"] > 0).all()


def test_a_peak_after_day_28_is_not_known_at_the_landmark(demo: tuple[Params, Adam]) -> None:
    params, adam = demo
    first = landmark_records(adam, params)
    who = first.loc[first["PARAMCD"] == "CMAX", "USUBJID"].iloc[0]
    adpp = adam["adpp"].copy()
    mine = (adpp["USUBJID"] == who) & (adpp["AINFN"] == 1) & (adpp["PARAMCD"] == "TMAX")
    adpp.loc[mine, "AVAL"] = 29.0
    later = landmark_records({**adam, "adpp": adpp}, params)
    assert who not in set(later.loc[later["PARAMCD"] == "CMAX", "USUBJID"])
    assert who in set(later.loc[later["PARAMCD"] == "AUC28", "USUBJID"])


def test_the_table_counts_every_subject_with_a_peak(demo: tuple[Params, Adam]) -> None:
    params, adam = demo
    display = DISPLAYS["exposure-response-summary"]
    results = pd.concat([a.answer(adam, params).results for a in display.analyses])
    cells = [line.cells for line in display.draw(results, adam, params).lines]
    n = {c[0]: int(c[1]) for c in reversed(cells) if c[1]}
    assert n["CR or PR"] + n["Other or none"] == of_blood(adam, "CMAX").notna().sum()


@pytest.mark.parametrize("name", ["exposure-response", "exposure-response-summary"])
def test_without_parameters_nothing_is_said(name: str, demo: tuple[Params, Adam]) -> None:
    params, adam = demo
    nobody = {**adam, "adpp": adam["adpp"].iloc[:0]}
    display = DISPLAYS[name]
    results = pd.concat([a.answer(nobody, params).results for a in display.analyses])
    drawing = display.draw(results, nobody, params)
    if name == "exposure-response-summary":
        assert not drawing.lines
    else:
        assert drawing.svg
