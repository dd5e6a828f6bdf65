"""The cases of denominators, windows and missing dates: what csr gave, and what is right."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ruamel.yaml import YAML
from tests.small_study import adae, adsl

from csr.endpoints.adverse_events.ae_incidence import CUMULATIVE_INCIDENCE, SEVERE
from csr.endpoints.adverse_events.ae_incidence import UNDATED as NO_CURVE
from csr.endpoints.adverse_events.ae_of_interest import INFECTIONS, PERIOD
from csr.endpoints.adverse_events.ae_rates import AE_EXPOSURE_ADJUSTED, UNDATED
from csr.endpoints.adverse_events.ae_strata import ANY, ANY_EVENT, answer_by_period
from csr.endpoints.adverse_events.observation import observed_until, window_complete
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import Checked, check_data
from csr.results import Adam, Analysis

Read = Callable[..., tuple[Params, Checked]]
DAY_29, DAY_183 = "Day 29 to day 182", "Day 183 to day 365"
AFTER = {"Infusion to day 28": 3.0, DAY_29: 4.0, DAY_183: 5.0, "After day 365": 6.0}


@pytest.fixture
def case(shared: Path, tmp_path: Path) -> Read:
    """Reads one case of `files`, with keys of its params changed (`conventions.x`)."""

    def read(name: str, changed: dict[str, Any] | None = None) -> tuple[Params, Checked]:
        folder = tmp_path / f"{name}-{len(list(tmp_path.iterdir()))}"
        shutil.copytree(shared / "cases" / "files" / name / "input", folder)
        file = folder / "params.yaml"
        yaml = YAML()
        tree = yaml.load(file)
        for path, value in (changed or {}).items():
            *parents, last = path.split(".")
            place = tree
            for key in parents:
                place = place.setdefault(key, {})
            place[last] = value
        yaml.dump(tree, file)
        params = read_params(file)
        return params, check_data(params, folder)

    return read


def values(analysis: Analysis, adam: Adam, params: Params) -> dict[str, float]:
    """result → value."""
    found = analysis.run(adam, params).results
    return dict(zip(found["result"], found["value"], strict=True))


def rate(stat: str, term: str = ANY, soc: str = ANY) -> str:
    return f"ae-exposure-adjusted/TRTA=*/AEBODSYS={soc}/AEDECOD={term}/{stat}"


def test_no_last_contact_date(case: Read) -> None:
    """Got: 0.30 person-years, 329 per 100, incidence 100 % at day 100. Right: 8.3 %: overall
    survival says that they were seen on day 143: 11 × 143 + 100 days = 4.58 person-years."""
    params, checked = case("no-last-contact-date")
    found = values(AE_EXPOSURE_ADJUSTED, checked.adam, params)
    assert found[rate("years")] == pytest.approx((11 * 143 + 100) / 365.25)
    curve = values(CUMULATIVE_INCIDENCE, checked.adam, params)
    share = curve[f"cumulative-incidence/TRTA=*/OUTCOME={SEVERE}/TIME=100/incidence"]
    assert share == pytest.approx(100 / 12)


def test_no_last_contact_date_watched_to_the_cutoff(case: Read) -> None:
    """Right where params say so: 11 × 172 + 100 days = 5.45 person-years, 18.3 per 100."""
    params, checked = case("no-last-contact-date", {"conventions.ongoing_to_cutoff": True})
    found = values(AE_EXPOSURE_ADJUSTED, checked.adam, params)
    assert found[rate("years")] == pytest.approx((11 * 172 + 100) / 365.25)
    assert round(found[rate("rate")], 1) == 18.3


def test_no_last_contact_date_anywhere(case: Read) -> None:
    """Right without any day on which they were seen: a finding, and nothing is estimable."""
    params, checked = case("no-last-contact-date")
    adam = {"adsl": checked.adam["adsl"].drop(columns="LSTOBSDT"), "adae": checked.adam["adae"]}
    rates = AE_EXPOSURE_ADJUSTED.run(adam, params).results.set_index("result")
    assert rates.loc[[rate("years"), rate("rate")], "value"].isna().all()
    assert rates.loc[rate("rate"), "reason"].startswith("12 subject(s)")
    curves = CUMULATIVE_INCIDENCE.run(adam, params).results
    assert not (curves["level3"].notna()).any()
    assert curves.loc[curves["stat"] == "incidence", "value"].isna().all()


def test_no_last_contact_date_is_found(case: Read, tmp_path: Path) -> None:
    """Right: a warning, with the twelve subjects; events and exposure alone are no contact."""
    only = {"data.datasets": {n: {"file": f"{n}.csv"} for n in ("adsl", "adae")}, "endpoints": {}}
    _, checked = case("no-last-contact-date", only)
    found = [f for f in checked.findings if f.check == "last-seen"]
    assert [(f.severity, f.count) for f in found] == [("warning", 12)]


def test_ae_without_start_date(case: Read) -> None:
    """Got: every event on the first day, 36,525 per 100 person-years. Right: in no rate and no
    curve, in the counts of subjects, with their number."""
    params, checked = case("ae-without-start-date")
    n = len(checked.adam["adae"])
    found = values(AE_EXPOSURE_ADJUSTED, checked.adam, params)
    assert found[rate("events")] == 0
    assert found[rate("rate")] == 0
    assert found[rate("undated", UNDATED)] == n
    severe = int(checked.adam["adae"]["AETOXGR"].isin(["3", "4", "5"]).sum())
    curve = values(CUMULATIVE_INCIDENCE, checked.adam, params)
    assert curve[f"cumulative-incidence/TRTA=*/OUTCOME={NO_CURVE}/undated"] == severe
    assert curve[f"cumulative-incidence/TRTA=*/OUTCOME={SEVERE}/events"] == 0
    assert [f.count for f in checked.findings if f.check == "no-start"] == [n]


def late_study() -> tuple[Adam, Params]:
    """Twelve subjects treated on 2024-01-01, cut-off 2026-06-30; by hand: who was seen how long."""
    seen = [10, 28, 29, 100, 182, 183, 183, 200, 365, 366, 400, None]
    t0 = pd.Timestamp("2024-01-01")
    people = adsl().assign(TRTSDT=t0, TRTEDT=t0, DTHFL="", EOSSTT="ONGOING", DCSREAS="")
    people["LSTALVDT"] = [t0 + pd.Timedelta(days=d) if d is not None else pd.NaT for d in seen]
    events = adae(["PNEUMONIA"] * 3).assign(AEBODSYS="INFECTIONS")
    day = pd.Series([5, 190, 300])
    events["USUBJID"] = [people["USUBJID"][i] for i in (0, 3, 7)]
    events["ASTDT"] = t0 + pd.to_timedelta(day, unit="D")
    names = pd.Series(["Infusion to day 28", DAY_183, DAY_183])
    events = events.assign(APERIODC=names, APERIOD=names.map(AFTER))
    params = Params.model_validate(
        {
            "study": {"id": "LATE", "title": "Late"},
            "cut": {
                "id": "c", "label": "C", "cutoff": "2026-06-30", "transfer": "2026-07-01",
                "report_date": "2026-07-02",
            },
            "data": {"folder": ".", "datasets": {"adsl": {"file": "adsl.csv"}}},
            "treatment": {"levels": [{"value": "Dose 1", "label": "1"},
                                     {"value": "Dose 2", "label": "2"}]},
            "aesi": {"Infection": {"AEBODSYS": ["Infections"]}},
            "safety": {"infections": "Infection"},
        }
    )  # fmt: skip
    return {"adsl": people, "adae": events}, params


def test_period_is_of_those_watched_to_its_first_day() -> None:
    """Got: every period over everyone treated. Right, by hand: to day 183 or later were seen six
    (183, 183, 200, 365, 366, 400), and one more has an event in it; of the last nothing is known,
    so that neither its group nor all can be counted."""
    adam, params = late_study()
    known = {**adam, "adsl": adam["adsl"][:11]}
    found = answer_by_period(known, params).results.set_index("result")["value"]

    def at(group: str, period: str, stat: str) -> float:
        path = f"PERIOD={period}/CATEGORY={ANY_EVENT}/AEBODSYS={ANY}/AEDECOD={ANY}"
        return float(found[f"ae-by-period/TRTA={group}/{path}/{stat}"])

    assert [at("*", "Infusion to day 28", s) for s in ("n", "N")] == [1, 11]
    assert [at("*", DAY_183, s) for s in ("n", "N", "pct")] == [2, 7, pytest.approx(200 / 7)]
    assert [at("Dose 1", DAY_183, s) for s in ("n", "N")] == [1, 2]
    found = answer_by_period(adam, params).results.set_index("result")["value"]
    assert at("Dose 1", DAY_183, "N") == 2
    assert pd.isna(at("Dose 2", DAY_183, "N"))
    assert pd.isna(at("*", DAY_183, "pct"))
    assert at("*", DAY_183, "n") == 2


def test_infections_by_period_have_the_same_denominator() -> None:
    """The sibling: the periods of the table of infections."""
    adam, params = late_study()
    found = values(INFECTIONS, {**adam, "adsl": adam["adsl"][:11]}, params)
    late = f"infections/TRTA=*/CATEGORY={PERIOD}{DAY_183}/TERM=*"
    assert [found[f"{late}/{s}"] for s in ("n", "N")] == [2, 7]
    assert found["infections/TRTA=*/CATEGORY=Any event/TERM=*/N"] == 11


def test_window_complete_and_end_of_observation() -> None:
    """By hand: seven of the twelve were seen to day 182; one has no last day."""
    adam, params = late_study()
    assert int(window_complete(adam["adsl"], params, 182).sum()) == 7
    assert observed_until(adam["adsl"], params).isna().tolist() == [False] * 11 + [True]
