"""Non-compartmental analysis against R, Phoenix WinNonlin, a worked CAR-T example and PP of SDTM.

Sources: /shared/reference/README.md (independent R NCA and Phoenix exports of Theoph; profiles
worked for CAR-T), pharmaversesdtm PC and PP (see the README of the public data).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from csr.derive.adpp import Analysed, analyse, profiles_of
from csr.derive.nca import Found, Profiles, auc_last
from csr.params.kinetics import BelowLimit, Kinetics, Terminal

METHODS = {"linear": "linear", "linuplogdown": "linear-up-log-down", "log": "linear-up-log-down"}
TOLERANCE = 1e-6


def theoph(shared: Path, method: str) -> Analysed:
    data = pd.read_parquet(shared / "data/A07_nca_theoph/theoph.parquet")
    data = data.assign(Subject=data["Subject"].astype(int)).sort_values(["Subject", "Time"])
    by = data.groupby("Subject")
    time = np.stack([own["Time"] for _, own in by])
    value = np.stack([own["conc"] for _, own in by])
    nothing = np.zeros(time.shape, bool)
    rules = Kinetics.model_validate({"auc": METHODS[method.lower()]})
    return analyse(Profiles(time, value, nothing, ~nothing), rules)


def to_last(found: Analysed) -> np.ndarray:
    log_down = found.rules.auc == "linear-up-log-down"
    return auc_last(found.profiles, found.points, found.tlast, log_down).value


def same(found: np.ndarray, expected: pd.Series, tolerance: float = TOLERANCE) -> None:
    assert len(found) == len(expected) == 12
    np.testing.assert_allclose(found, expected.to_numpy(float), rtol=tolerance)


@pytest.mark.parametrize("method", ["linear", "linuplogdown"])
def test_theophylline_as_an_independent_r_program(shared: Path, method: str) -> None:
    expected = pd.read_csv(shared / "reference/nca_theoph_own_r.csv")
    expected = expected[expected["method"] == method].sort_values("subject")
    found = theoph(shared, method)
    for values, column in (
        (found.cmax.value, "cmax"),
        (found.tmax.value, "tmax"),
        (found.clast.value, "clast"),
        (found.tlast.value, "tlast"),
        (to_last(found), "auclast"),
        (found.fit.rate, "lambda_z"),
        (found.fit.points, "n_points"),
        (found.fit.start, "lz_start"),
        (found.fit.r2adj, "r2adj"),
        (found.fit.half_life, "half_life"),
    ):
        same(values, expected[column])


def test_theophylline_as_phoenix_winnonlin(shared: Path) -> None:
    every = pd.read_csv(shared / "reference/nca_winnonlin_theoph.csv")
    every = every[every["dataset"] == "Theoph"]
    assert every["method"].nunique() == 2
    for method, expected in every.groupby("method"):
        expected = expected.sort_values("Subject")
        found = theoph(shared, str(method))
        for values, column in (
            (found.cmax.value, "Cmax"),
            (found.tmax.value, "Tmax"),
            (found.clast.value, "Clast"),
            (found.tlast.value, "Tlast"),
            (to_last(found), "AUClast"),
            (found.fit.rate, "Lambda_z"),
            (found.fit.points, "No_points_lambda_z"),
            (found.fit.start, "Lambda_z_lower"),
            (found.fit.r2adj, "Rsq_adjusted"),
            (found.fit.half_life, "HL_Lambda_z"),
        ):
            same(values, expected[column])


BLQ_RULES = {
    "BLQ=0 all": BelowLimit(before=0.0, between=0.0, after=0.0),
    "pre-first 0, embedded dropped, after-last 0": BelowLimit(),
    "embedded LLOQ/2": BelowLimit(between=25.0),
}


def car_t(shared: Path, blq_rule: str, method: str) -> Analysed:
    data = pd.read_csv(shared / "reference/cart_pk_input.csv")
    samples = pd.DataFrame(
        {
            "USUBJID": data["subject"],
            "PCSPEC": "BLOOD",
            "AINFN": 1.0,
            "ARELTM": data["day"].astype(float),
            "AVAL": pd.to_numeric(data["copies_per_ug"], errors="coerce"),
            "BLQFL": np.where(data["blq"], "Y", ""),
            "PREDOSFL": "",
        }
    )
    keys = samples[["USUBJID", "PCSPEC", "AINFN"]].drop_duplicates().reset_index(drop=True)
    rules = Kinetics.model_validate(
        {"auc": METHODS[method], "below_limit": BLQ_RULES[blq_rule].model_dump()}
    )
    return analyse(profiles_of(samples, keys), rules)


def test_worked_car_t_profiles_under_each_rule_for_blq(shared: Path) -> None:
    every = pd.read_csv(shared / "reference/cart_pk_expected.csv")
    assert len(every) == 12
    for _, expected in every.iterrows():
        found = car_t(shared, expected["blq_rule"], expected["auc_method"])
        row = int(expected["subject"][1]) - 1
        for values, column in (
            (found.cmax.value, "cmax"),
            (found.tmax.value, "tmax_first"),
            (found.tlast.value, "tlast"),
            (found.clast.value, "clast"),
            (found.area(0.0, 28.0).value, "auc0_28"),
            (to_last(found), "auclast"),
            (found.area(0.0, float(found.profiles.time[row].max(initial=0,
                where=~np.isnan(found.profiles.time[row])))).value, "auc_all_to_last_sample"),
            (found.fit.half_life, "hl_days"),
            (found.fit.points, "hl_n"),
            (found.fit.start, "hl_start"),
        ):  # fmt: skip
            assert values[row] == pytest.approx(expected[column], rel=TOLERANCE), column


def test_a_profile_that_is_all_blq_has_cmax_and_auc_0_and_nothing_else(shared: Path) -> None:
    found = car_t(shared, "BLQ=0 all", "linear")
    s3 = 2
    assert found.cmax.value[s3] == 0
    assert found.area(0.0, 28.0).value[s3] == 0
    missing: list[Found] = [found.tmax, found.tlast, found.clast, found.fitted("half_life")]
    for parameter in missing:
        assert np.isnan(parameter.value[s3])
        assert parameter.reason[s3] == "all samples below the limit of quantification"


def test_the_parameters_of_168_profiles_as_delivered_in_pp(shared: Path) -> None:
    folder = shared / "data/A01_pharmaverse_oncology/sdtm"
    pc, pp = (pd.read_parquet(folder / f"{name}.parquet") for name in ("pc", "pp"))
    pc = pc[pc["PCSPEC"] == "PLASMA"]
    dosed = pc["USUBJID"].isin(pp["USUBJID"])
    pc = pc[dosed & pc["PCTPTNUM"].notna()]
    samples = pd.DataFrame(
        {
            "USUBJID": pc["USUBJID"],
            "PCSPEC": "PLASMA",
            "AINFN": 1.0,
            "ARELTM": pc["PCTPTNUM"].astype(float),
            "AVAL": pc["PCSTRESN"].where(pc["PCSTRESN"] > 0),
            "BLQFL": np.where(pc["PCSTRESN"] > 0, "", "Y"),
            "PREDOSFL": np.where(pc["PCTPTNUM"] < 0, "Y", ""),
        }
    )
    keys = samples[["USUBJID", "PCSPEC", "AINFN"]].drop_duplicates().sort_values("USUBJID")
    keys = keys.reset_index(drop=True)
    rules = Kinetics(
        auc="linear", terminal=Terminal(rule="last-points", points=4, peak_is_a_point=True)
    )
    found = analyse(profiles_of(samples, keys), rules)
    table = pp.pivot_table(index="USUBJID", columns="PPTESTCD", values="PPSTRESN")
    expected = table.reindex(keys["USUBJID"])
    assert len(expected) == 168
    for values, code in (
        (found.cmax.value, "CMAX"),
        (found.tmax.value, "TMAX"),
        (to_last(found), "AUCLST"),
        (found.fit.rate, "LAMZ"),
        # PP was made with ln 2 rounded to 0.693.
        (found.fit.half_life * 0.693 / np.log(2), "LAMZHL"),
    ):
        np.testing.assert_allclose(values, expected[code], rtol=TOLERANCE, err_msg=code)
