"""The demonstration's laboratory and vital signs, written as sites do, are what they are."""

from __future__ import annotations

import pandas as pd
import pytest

from csr.demo import measurement_habits as habits
from csr.demo.write import write_demo
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data
from csr.read.source import read_source

Study = tuple[Checked, dict[str, pd.DataFrame]]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    folder = tmp_path_factory.mktemp("habits")
    write_demo(folder, subjects=60)
    path = folder / "params" / "csr.yaml"
    params = read_params(path)
    return check_data(params, path.parent), read_source(params.data, path.parent).frames


def of_site(frame: pd.DataFrame, site: str) -> pd.Series:
    return frame["USUBJID"].str.split("-").str[-2] == site


def test_temperatures_in_fahrenheit_are_in_celsius(study: Study) -> None:
    checked, sdtm = study
    vs = sdtm["vs"][sdtm["vs"]["VSTESTCD"] == "TEMP"].set_index(["USUBJID", "VSSEQ"])
    own = vs[(vs["VSSTRESU"] == "F").to_numpy()]
    assert len(own) > 10
    advs = checked.adam["advs"].set_index(["USUBJID", "VSSEQ"])
    read = advs.loc[advs.index.intersection(own.index), "AVAL"]
    assert len(read) > 10
    degrees = (pd.to_numeric(own["VSSTRESN"]).reindex(read.index) - 32) * 5 / 9
    assert read.to_numpy() == pytest.approx(degrees.to_numpy())
    assert advs.loc[advs["ATESTCD"] == "TEMP", "AVAL"].between(34, 43).all()


def test_counts_are_in_one_unit_and_graded(study: Study) -> None:
    adlb = study[0].adam["adlb"]
    counts = adlb[adlb["ATESTCD"].isin(["NEUT", "PLAT", "WBC", "LYM"]) & adlb["AVAL"].notna()]
    assert set(counts["AVALU"]) == {"10^9/L"}
    site = counts[of_site(counts, habits.IN_GIGA)]
    assert len(site) > 20
    assert set(site.loc[site["ATESTCD"] == "PLAT", "ATOXGRL"]) <= {"0", "1", "2", "3", "4"}


def test_neutrophils_below_detection_are_of_grade_4(study: Study) -> None:
    adlb = study[0].adam["adlb"]
    below = adlb[adlb["AQUAL"] == "<"]
    assert len(below) > 0
    assert set(below["ATESTCD"]) == {"NEUT"}
    assert set(below["ATOXGRL"]) == {"4"}


def test_urine_is_no_baseline_of_serum(study: Study) -> None:
    adlb = study[0].adam["adlb"]
    urine, serum = adlb[adlb["PARAMCD"] == "CREAT_U"], adlb[adlb["PARAMCD"] == "CREAT"]
    assert len(urine) > 0
    assert urine["AVAL"].min() > 2000
    assert serum["BASE"].max() < 500


def test_another_laboratorys_limit_grades_its_own_results(study: Study) -> None:
    """A baseline of 0 to 55 is normal there; beyond 55 and up to three times that is grade 1."""
    adlb = study[0].adam["adlb"]
    alt = adlb[(adlb["PARAMCD"] == "ALT") & of_site(adlb, habits.OTHER_LIMIT)]
    alt = alt[alt["AVAL"].notna() & (alt["BASE"] <= habits.UPPER_ALT)]
    assert len(alt) > 10
    assert set(alt["ANRHI"]) == {habits.UPPER_ALT}
    limits = [habits.UPPER_ALT * t for t in (1, 3, 5, 20)]
    expected = [str(sum(value > limit for limit in limits)) for value in alt["AVAL"]]
    assert list(alt["ATOXGRH"]) == expected


def test_none_of_it_is_in_doubt(study: Study) -> None:
    assert not {f.check for f in study[0].findings} & {"lab-unit", "unit-differs", "lab-limits"}
