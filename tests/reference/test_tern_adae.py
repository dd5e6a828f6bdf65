"""tern's oncology ADAE (Apache-2.0, ../shared/data/A03) summarised by CTCAE grade.

Expected: counted here from the file itself with sets of subjects, nothing of csr's. Exact.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from tests.reference.test_tern import PARAMS

from csr.displays.tables.layout import Lookup
from csr.endpoints.adverse_events.adverse_events import AE_OVERVIEW, ANY
from csr.endpoints.adverse_events.ae_by_grade import AE_BY_SOC_PT_GRADE, TRAE_BY_SOC_PT_GRADE
from csr.endpoints.adverse_events.ae_by_term import AE_GRADE3PLUS, SAE
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data

ARMS = ("A: Drug X", "B: Placebo", "C: Combination")


@pytest.fixture(scope="module")
def tern(
    shared: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Params, Checked, pd.DataFrame]:
    data = shared / "data" / "A03_tern_oncology_adam"
    path = tmp_path_factory.mktemp("tern") / "tern.yaml"
    path.write_text(PARAMS.replace("@DATA@", str(data)), encoding="utf-8")
    params = read_params(path)
    source = pd.read_parquet(data / "tern_ex_adae.parquet")
    return params, check_data(params, path.parent), source


def test_nothing_is_found_in_it(tern: tuple[Params, Checked, pd.DataFrame]) -> None:
    _, checked, _ = tern
    of_data = [f for f in checked.findings if f.check != "missing-for-displays"]
    assert [f for f in of_data if f.dataset.lower() == "adae"] == []


def test_every_class_and_term_by_maximum_grade(
    tern: tuple[Params, Checked, pd.DataFrame],
) -> None:
    params, checked, source = tern
    found = Lookup.of(AE_BY_SOC_PT_GRADE.answer(checked.adam, params).results, "ae-by-soc-pt-grade")
    levels = ([], ["AEBODSYS"], ["AEBODSYS", "AEDECOD"])
    compared = 0
    for terms in levels:
        worst = source.groupby(["USUBJID", "ACTARM", *terms])["AETOXGR"].max().reset_index()
        for key, own in worst.groupby(["ACTARM", *terms, "AETOXGR"]):
            arm, *where, grade = key
            at = (*where, *[ANY] * (2 - len(where)), grade)
            assert found.value("n", arm, *at) == own["USUBJID"].nunique()
            compared += 1
    total = sum(v for k, v in found.values.items() if k[-1] == "n" and k[0] in ARMS)
    everyone = sum(source.groupby(["USUBJID", *terms]).ngroups for terms in levels)
    assert compared == 75
    assert total == everyone


def test_overview_severe_and_serious(tern: tuple[Params, Checked, pd.DataFrame]) -> None:
    params, checked, source = tern
    overview = Lookup.of(AE_OVERVIEW.answer(checked.adam, params).results, AE_OVERVIEW.name)
    severe = Lookup.of(AE_GRADE3PLUS.answer(checked.adam, params).results, AE_GRADE3PLUS.name)
    serious = Lookup.of(SAE.answer(checked.adam, params).results, SAE.name)
    which = {
        "Any TEAE": source["AESER"] != "",
        "Related TEAE": source["AEREL"] == "Y",
        "Severe or grade ≥ 3 TEAE": source["AETOXGR"].astype(int) >= 3,
        "Serious TEAE": source["AESER"] == "Y",
    }
    for arm in ARMS:
        here = source["ACTARM"] == arm
        expected = {name: source[here & own]["USUBJID"].nunique() for name, own in which.items()}
        for name, n in expected.items():
            assert overview.value("n", arm, name) == n
        assert severe.value("n", arm, None, None) == expected["Severe or grade ≥ 3 TEAE"]
        assert serious.value("n", arm, None, None) == expected["Serious TEAE"]


def test_related_events_by_window(tern: tuple[Params, Checked, pd.DataFrame]) -> None:
    params, checked, source = tern
    answer = TRAE_BY_SOC_PT_GRADE.answer(checked.adam, params).results
    found = Lookup.of(answer, TRAE_BY_SOC_PT_GRADE.name)
    days = (source["ASTDTM"].dt.normalize() - source["TRTSDTM"].dt.normalize()).dt.days
    related = source["AEREL"] == "Y"
    for window, last in (("182", 182), ("365", 365), ("All", 10**6)):
        for arm in ARMS:
            own = source[related & (days <= last) & (source["ACTARM"] == arm)]
            assert found.value("n", arm, window, ANY, ANY, None) == own["USUBJID"].nunique()
