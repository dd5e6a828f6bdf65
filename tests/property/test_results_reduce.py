"""Results reduce from their rows: every number of every analysis, re-derived from `trace` alone.

The re-derivation shares no code with the analyses: plain sets and sums, scipy's beta quantiles for
intervals, and lifelines for Kaplan-Meier (medians within a flat step are checked against R's
midpoint rule in tests/reference).
"""

from __future__ import annotations

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from scipy.stats import beta
from tests.property.ae_checks import is_known, of_adverse_events
from tests.property.arm_checks import is_known_arm, of_arms
from tests.property.dlt_checks import STATS as DOSE_FINDING
from tests.property.dlt_checks import of_dose_finding
from tests.property.exposure_checks import is_known_exposure, of_exposure
from tests.property.kinetics_checks import is_known_kinetics, of_kinetics
from tests.property.rate_checks import is_known_rate, of_rates
from tests.property.survival_checks import is_known_comparison, of_comparison

from csr.demo.write import write_demo
from csr.displays.catalogue import all_displays, columns_of
from csr.params import Params
from csr.params.file import read_params
from csr.pipeline.data import check_data
from csr.results import Output, groups_of, trace

ROOT = Path(__file__).resolve().parents[2]
ANALYSES = {a.name: a for d in all_displays() for a in d.analyses}
# The analyses of the long-term report's own section, which the other cuts do not ask for.
LONG_TERM = {a.name for d in all_displays() if d.section == "14.5" for a in d.analyses}
STUDIES = ("pharmaverse-adam", "cdisc-pilot", "random-cdisc", "demo", "demo-long-term")
DAY = 1e-9
MOST_CHECKED = 601  # of the results of one analysis, evenly spread; odd, to meet every statistic
MOST_CHECKED_OF_MANY, MANY_ROWS = 83, 5000  # tracing takes as long as there are rows
FITTED: dict[int, pd.DataFrame] = {}


@pytest.fixture(scope="module", params=STUDIES)
def study(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Params, dict]:
    path = ROOT / "params" / f"{request.param}.yaml"
    if request.param == "random-cdisc":
        shared = request.getfixturevalue("shared")
        path = tmp_path_factory.mktemp("params") / "random-cdisc.yaml"
        text = (ROOT / "tests" / "data" / "random-cdisc.yaml").read_text(encoding="utf-8")
        data = shared / "data" / "A12_random_cdisc_oncology_400"
        path.write_text(text.replace("@DATA@", str(data)), encoding="utf-8")
    if request.param.startswith("demo"):
        folder = tmp_path_factory.mktemp("demo")
        write_demo(folder)
        name = "interim" if request.param == "demo" else "long-term"
        path = folder / "params" / f"{name}.yaml"
    params = read_params(path)
    return params, check_data(params, path.parent).adam


def can_run(name: str, params: Params, adam: dict[str, pd.DataFrame]) -> bool:
    analysis = ANALYSES[name]
    declared = [e for e in analysis.endpoints if getattr(params.endpoints, e)]
    if analysis.unasked(params):
        return False
    if analysis.endpoints and not declared:
        return False
    return not analysis.reads(params).missing(columns_of(adam))


@pytest.mark.parametrize("name", sorted(ANALYSES))
def test_results_reduce_from_their_rows(name: str, study: tuple[Params, dict]) -> None:
    params, adam = study
    if params.report.template == "long-term" and name not in LONG_TERM:
        return
    if not can_run(name, params, adam):
        unasked = ANALYSES[name].unasked(params)
        assert params.report.template != "long-term", f"{name} must run on the long-term cut"
        assert unasked or params.study.id != "SIM-CLDN18", f"{name} must run on the demonstration"
        return
    output = ANALYSES[name].answer(adam, params)
    if output.results.empty:  # all of it told by columns that the data can do without
        assert ANALYSES[name].reads(params).without(columns_of(adam)), name
        return
    assert len(output.results) > 10
    assert output.results["result"].is_unique
    most = MOST_CHECKED if len(output.rows) < MANY_ROWS else MOST_CHECKED_OF_MANY
    stride = max(1, len(output.results) // most)
    for _, line in output.results.iloc[::stride].iterrows():
        check(output, line, params)


def check(output: Output, line: pd.Series, params: Params) -> None:
    if math.isnan(line["value"]):
        assert line["reason"], line["result"]
        return
    expected = derive(output, line, params)
    assert line["value"] == pytest.approx(expected, rel=1e-9, abs=1e-9), line["result"]


def denominator(output: Output, line: pd.Series) -> int:
    as_size = line.copy()
    as_size["stat"] = "N"
    return trace(output.rows, as_size)["USUBJID"].nunique()


CHECKERS = (
    (is_known_comparison, of_comparison),
    (is_known_arm, of_arms),
    (is_known, of_adverse_events),
    (is_known_rate, of_rates),
    (is_known_exposure, of_exposure),
    (is_known_kinetics, lambda output, line, params: of_kinetics(output, line)),
)


def derive(output: Output, line: pd.Series, params: Params) -> float:
    for known, derive_it in CHECKERS:
        if known(line):
            return derive_it(output, line, params)
    own = trace(output.rows, line)
    n = own["USUBJID"].nunique()
    stat, groups = line["stat"], dict(groups_of(line))
    if "TIME" in groups or "LANDMARK" in groups:
        return on_curve(own, stat, float(groups.get("TIME") or groups["LANDMARK"]), params)
    simple = {"n": n, "N": n, "events": len(own), "mean": own["value"].mean()}
    if stat in ("n", "N"):
        return float(simple[stat])
    if stat in DOSE_FINDING:
        return of_dose_finding(output, line, n, denominator(output, line), params)
    if "event" in own and own["event"].notna().any():
        return of_survival(own, stat, params)
    if stat == "events" or (stat == "censored" and own.empty):
        return float(len(own))
    if stat == "pct":
        return 100 * n / base_of(output, line)
    if stat in ("lcl", "ucl"):
        return exact_limit(n, denominator(output, line), stat, params.conventions.conf_level)
    return of_values(own["value"].to_numpy(), stat)


def base_of(output: Output, line: pd.Series) -> int:
    """Demographics: of those with a value; everything else: of the population."""
    if line["analysis"] != "demographics":
        return denominator(output, line)
    any_level = line.copy()
    any_level["level3"] = None
    return trace(output.rows, any_level)["USUBJID"].nunique()


def exact_limit(n: int, total: int, stat: str, level: float) -> float:
    tail = (1 - level) / 2
    if stat == "lcl":
        return 100 * (beta.ppf(tail, n, total - n + 1) if n else 0.0)
    return 100 * (beta.ppf(1 - tail, n + 1, total - n) if n < total else 1.0)


def of_values(values: np.ndarray, stat: str) -> float:
    ordered = np.sort(values)

    def averaged(p: float) -> float:  # SAS PCTLDEF=5, by its own definition
        np_ = len(ordered) * p
        j = math.floor(np_ + 1e-9)
        if abs(np_ - j) < 1e-9:
            return float((ordered[j - 1] + ordered[j]) / 2)
        return float(ordered[j])

    known = {
        "mean": lambda: float(np.sum(ordered) / len(ordered)),
        "sd": lambda: float(np.sqrt(np.sum((ordered - ordered.mean()) ** 2) / (len(ordered) - 1))),
        "min": lambda: float(ordered[0]),
        "max": lambda: float(ordered[-1]),
        "median": lambda: averaged(0.5),
        "q1": lambda: averaged(0.25),
        "q3": lambda: averaged(0.75),
    }
    return known[stat]()


def fitted(own: pd.DataFrame) -> pd.DataFrame:
    """lifelines' curve of these rows: a line per time with S(t), at risk, events and the sum of
    Greenwood's terms; fitted once for each set of rows."""
    key = hash((tuple(own["value"]), tuple(own["event"])))
    if key not in FITTED:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = KaplanMeierFitter().fit(own["value"], own["event"])
        table = fit.event_table
        risk, died = table["at_risk"], table["observed"]
        terms = (died / (risk * (risk - died))).where(died > 0, 0.0)
        surv = fit.survival_function_["KM_estimate"]
        FITTED[key] = pd.DataFrame(
            {
                "surv": surv.to_numpy(),
                "risk": risk.to_numpy(),
                "died": died.to_numpy(),
                "censored": table["censored"].to_numpy(),
                "greenwood": terms.cumsum().to_numpy(),
            },
            index=surv.index,
        )
    return FITTED[key]


def on_curve(own: pd.DataFrame, stat: str, time: float, params: Params) -> float:
    if stat == "n_risk":
        return float((own["value"] >= time - DAY).sum())
    if stat == "n_censor":
        there = own[(own["value"] - time).abs() < DAY]
        return float((there["event"] < 0.5).sum())
    curve = fitted(own)
    last = curve[curve.index <= time + DAY].iloc[-1]
    if stat == "surv":
        return 100 * float(last["surv"])
    return 100 * log_log_limit(last, stat, params)


def log_log_limit(at: pd.Series, stat: str, params: Params) -> float:
    assert params.conventions.km_interval == "log-log"
    if not 0 < at["surv"] < 1:
        return float("nan")
    se = math.sqrt(at["greenwood"]) / abs(math.log(at["surv"]))
    sign = 1 if stat == "lcl" else -1
    return float(at["surv"] ** math.exp(sign * 1.959963984540054 * se))


def of_survival(own: pd.DataFrame, stat: str, params: Params) -> float:
    events = own["event"].sum()
    simple = {
        "events": events,
        "censored": len(own) - events,
        "events_pct": 100 * events / len(own),
        "censored_pct": 100 * (len(own) - events) / len(own),
        "time_min": own["value"].min(),
        "time_max": own["value"].max(),
    }
    if stat in simple:
        return float(simple[stat])
    name, _, limit = stat.partition("_")
    p = {"q25": 0.75, "median": 0.5, "q75": 0.25}[name]
    curve = fitted(own).iloc[1:]
    levels = list(curve["surv"])
    if limit:
        levels = [log_log_limit(at, limit, params) for _, at in curve.iterrows()]
    return first_below(curve.index.to_numpy(), levels, p)


def first_below(times: np.ndarray, curve: list[float], p: float) -> float:
    for i, level in enumerate(curve):
        if math.isnan(level):
            continue
        if abs(level - p) < 1e-9:
            later = [t for t, s in zip(times, curve, strict=True) if t > times[i] and s < p - 1e-9]
            return float((times[i] + (later[0] if later else times[-1])) / 2)
        if level < p:
            return float(times[i])
    raise AssertionError("a quantile that the curve does not reach must be missing")
