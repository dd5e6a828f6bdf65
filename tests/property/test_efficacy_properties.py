"""What holds of responses and times whatever the subjects: random visits, fixed seed.

Categories sum to N; a duration of response only for confirmed responders; progression-free survival
not after overall survival; swapping the groups inverts the hazard ratio.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from csr.demo.write import write_demo
from csr.endpoints.efficacy.response import (
    CATEGORIES,
    DCR,
    ORR,
    RESPONSE_SUMMARY,
    RESPONSE_UNCONFIRMED,
)
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.stats.cox import cox


@pytest.fixture(scope="module", params=[1, 2])
def study(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Params, dict[str, pd.DataFrame]]:
    """A simulated study cut in its course: three transfers' worth of dates, two seeds."""
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, seed=request.param, subjects=60)
    path = folder / "params" / "csr.yaml"
    params = read_params(path)
    return params, check_data(params, path.parent).adam


@pytest.mark.parametrize("analysis", [RESPONSE_SUMMARY, RESPONSE_UNCONFIRMED])
def test_categories_sum_to_the_population(study, analysis) -> None:
    params, adam = study
    results = analysis.answer(adam, params).results
    for _, group in results.groupby(["level1", "level2"], dropna=False):
        values = group.set_index(["level3", "stat"])["value"]
        size = values[(CATEGORIES[0], "N")]
        assert sum(values[(c, "n")] for c in CATEGORIES) == size
        assert values[(ORR, "n")] == values[("CR", "n")] + values[("PR", "n")]
        assert values[(ORR, "n")] <= values[(DCR, "n")] <= size


def test_unconfirmed_responses_are_never_fewer(study) -> None:
    params, adam = study
    found = []
    for analysis in (RESPONSE_SUMMARY, RESPONSE_UNCONFIRMED):
        results = analysis.answer(adam, params).results
        own = results[(results["stat"] == "n") & (results["level3"] == ORR)]
        found.append(own.set_index(["level1", "level2"])["value"])
    assert (found[1] >= found[0]).all()


def test_a_duration_of_response_is_only_of_confirmed_responders(study) -> None:
    _, adam = study
    adrs, adtte = adam["adrs"], adam["adtte"]
    own = adrs[(adrs["PARAMCD"] == "CBOR") & (adrs["RSEVAL"] == "INVESTIGATOR")]
    responders = set(own.loc[own["AVALC"].isin(["CR", "PR"]), "USUBJID"])
    assert responders
    for paramcd in ("DOR", "DORTP", "DORCNS", "TTR"):
        assert set(adtte.loc[adtte["PARAMCD"] == paramcd, "USUBJID"]) == responders


def test_no_other_end_comes_after_overall_survival(study) -> None:
    """PFS, DOR, DDC and TTP end on or before OS; a policy that censors never ends later."""
    adtte = study[1]["adtte"]
    ends = adtte.pivot_table(index="USUBJID", columns="PARAMCD", values="ADT", aggfunc="first")
    for paramcd in ("PFS", "DOR", "DDC", "TTP", "PFSGAP", "PFSNT"):
        assert not (ends[paramcd] > ends["OS"]).any()
    assert not (ends["PFSCNS"] > ends["PFSTP"]).any()
    assert not (ends["TTP"] > ends["PFSTP"]).any()


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_swapping_the_groups_inverts_the_hazard_ratio(ties: str) -> None:
    """HR and limits to 1e-9 (relative)."""
    rng = np.random.default_rng(6)
    for _ in range(20):
        n = int(rng.integers(20, 80))
        time, event = rng.integers(1, 30, n), rng.integers(0, 2, n)
        group = rng.integers(0, 2, n).astype(float)
        one = cox(time, event, group, ties)
        other = cox(time, event, 1 - group, ties)
        assert one.hr[0] * other.hr[0] == pytest.approx(1, rel=1e-9)
        assert one.low[0] * other.high[0] == pytest.approx(1, rel=1e-9)
