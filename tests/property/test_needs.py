"""Needs by column, over every analysis and display: what is declared is what is read.

Only declared columns are handed over, so that a column that is not declared can't be read. From
there: results of the declared columns equal results of all; a needed column that is gone leaves
its displays out by name; an optional one has its consequence, and no number changes but where the
consequence says that another definition takes its place.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from tests.recorded import ROOT, frames_of, results_for, run_all, small_demo

from csr.displays.catalogue import Planned, columns_of, plan_report
from csr.displays.model import Display
from csr.params import Params
from csr.results import DENOMINATOR_STATS, Adam, Output

SOURCES = ("interim", "long-term", "pharmaverse-adam")
# By analysis, the columns without which another definition takes the place of the first, as their
# consequences say.
OTHERWISE = {
    "medical-history": {"ADMH.MHBODSYS", "ADMH.MHDECOD"},
    "concomitant-medication": {"ADCM.CMCLAS", "ADCM.CMDECOD"},
    "protocol-deviations": {"ADDV.DVCAT"},
    "disposition": {"ADSL.DCSREAS"},
    "analysis-sets": {"ADSL.SAFXREAS", "ADSL.EFFXREAS", "ADSL.DLTXREAS", "ADSL.PKXREAS"},
    "stopping-boundaries": {"ADAE.AREL", "ADAE.AINFN", "ADAE.ACONTFL"},
    "ae-exposure-adjusted": {"ADSL.DTHDT"},
    "trae-windows": {"ADSL.DTHDT"},
    "ae-by-period": {"ADSL.DTHDT", "ADSL.LDSTDT", "ADSL.APHDT"},
    "infections": {"ADSL.DTHDT", "ADSL.LDSTDT", "ADSL.APHDT"},
    "aesi-summary": {"ADAE.AINFDY"},
    "exposure-other": {"ADEX.ADMINS", "ADEX.AMOUNT"},
    "narrative-subjects": {"ADSL.DTHCAUS"},
    "waterfall": {"ADSL.NACTDT"},
    "censoring-reasons": {"ADTTE.EVNTDESC", "ADTTE.CNSDTDSC"},
    "survival-by-response": {"ADRS.CONFDT"},
    "spider": {"ADSL.NACTDT"},
    "kinetics-individual": {"ADPC.ADT", "ADSL.TRTSDT"},
    "persistence-at-day": {"ADPC.ADT", "ADSL.TRTSDT"},
}

# The same, whatever the analysis: the analysis grade, when an event begins, who is seen.
OTHERWISE_ANYWHERE = {"ADAE.AGRADE", "ADAE.TRTEMDT", "ADAE.ACONTFL", "ADSL.LSTALVDT", "ADSL.EOSDT"}


def file_of(source: str) -> Path:
    beside = ROOT / "params" / f"{source}.yaml"
    return beside if beside.is_file() else small_demo() / "params" / f"{source}.yaml"


@lru_cache(maxsize=len(SOURCES))
def outputs_of(source: str) -> dict[str, Output]:
    params, adam, plan = frames_of(file_of(source))
    return run_all(plan, adam, params)


def planned_of(source: str) -> tuple[Planned, ...]:
    return frames_of(file_of(source))[2].displays


def without(adam: Adam, dataset: str, column: str) -> Adam:
    return {**adam, dataset: adam[dataset].drop(columns=column)}


@pytest.mark.parametrize("source", SOURCES)
def test_results_of_the_declared_columns_equal_those_of_all(source: str) -> None:
    params, adam, plan = frames_of(file_of(source))
    for name, analysis in plan.analyses.items():
        whole, declared = analysis.answer(adam, params), outputs_of(source)[name]
        assert_frame_equal(whole.results, declared.results, obj=name)
        assert_frame_equal(whole.rows, declared.rows, obj=name)


@pytest.mark.parametrize("source", SOURCES)
def test_displays_of_the_declared_columns_equal_those_of_all(source: str) -> None:
    params, adam, _ = frames_of(file_of(source))
    for planned in planned_of(source):
        display = planned.display
        if not display.reads(params).datasets:
            continue
        results = results_for(display, outputs_of(source))
        declared = display.draw(results, display.of(adam, params), params)
        assert display.draw(results, adam, params) == declared, display.name


@pytest.mark.parametrize("source", SOURCES)
def test_each_needed_column_leaves_out_its_displays_and_no_other(source: str) -> None:
    params, adam, plan = frames_of(file_of(source))
    columns = columns_of(adam)
    reads = {p.display.name: p.display.reads(params) for p in plan.displays}
    firm = {p for own in reads.values() for p in own.needed if p[0] not in own.spared}
    needed = sorted(firm)
    for dataset, column in needed:
        gone = {**columns, dataset: columns[dataset] - {column}}
        planned = plan_report(params, gone)
        out = {n for n, own in reads.items() if own.missing(gone)}
        assert out == {n for n in reads if n in planned.left_out}
        assert all(f"{dataset.upper()}.{column}" in planned.left_out[n] for n in out)
        told = {p.display.name: dict(p.without) for p in planned.displays}
        for name, own in reads.items():
            if (dataset, column) in own.needed and name not in out:
                assert dataset in own.spared, name
                assert any(column in where for where in told[name]), name


@pytest.mark.parametrize("source", SOURCES)
def test_each_dataset_that_can_be_done_without_has_its_consequence(source: str) -> None:
    params, adam, plan = frames_of(file_of(source))
    spared = {(p.display.name, d) for p in plan.displays for d in p.display.reads(params).spared}
    for name, dataset in sorted(spared):
        display = next(p.display for p in plan.displays if p.display.name == name)
        if dataset not in adam:
            continue
        needs = display.reads(params)
        lost = [c for d, c in needs.needed if d == dataset][:1]
        frames = {d: f for d, f in adam.items() if d != dataset}
        for given in (frames, {**frames, dataset: adam[dataset].drop(columns=lost)}):
            assert needs.spared[dataset] in dict(needs.without(columns_of(given))).values()
            outputs = dict(outputs_of(source))
            for analysis in display.analyses:
                outputs[analysis.name] = analysis.run(given, params)
                where = f"{dataset.upper()} of {name}"
                check_no_other_number(
                    outputs_of(source)[analysis.name], outputs[analysis.name], where
                )
            draw(display, outputs, given, params)


def optional_of(source: str) -> list[tuple[str, str]]:
    params, adam, plan = frames_of(file_of(source))
    every = [p.display.reads(params).optional for p in plan.displays]
    pairs = {pair for own in every for pair, consequence in own.items() if consequence}
    return sorted((d, c) for d, c in pairs if c in adam[d])


@pytest.mark.parametrize("source", SOURCES)
def test_each_optional_column_has_its_consequence_and_changes_no_number(source: str) -> None:
    params, adam, plan = frames_of(file_of(source))
    for dataset, column in optional_of(source):
        where, frames = f"{dataset.upper()}.{column}", without(adam, dataset, column)
        now = plan_report(params, columns_of(frames))
        told = {p.display.name for p in now.displays if where in dict(p.without)}
        outputs = dict(outputs_of(source))
        for name, analysis in plan.analyses.items():
            if (dataset, column) in analysis.reads(params).optional:
                outputs[name] = analysis.run(frames, params)
                if where not in OTHERWISE.get(name, set()) | OTHERWISE_ANYWHERE:
                    check_no_other_number(outputs_of(source)[name], outputs[name], where)
        for planned in plan.displays:
            display = planned.display
            if (dataset, column) in display.reads(params).optional:
                if display.name in now.left_out:  # of several columns none is left
                    continue
                assert display.name in told, f"{display.name}: {where}"
                draw(display, outputs, frames, params)


def draw(display: Display, outputs: dict[str, Output], adam: Adam, params: Params) -> None:
    results = results_for(display, outputs)
    display.draw(results, display.of(adam, params), params)


def check_no_other_number(before: Output, after: Output, where: str) -> None:
    """Each result is the same, not there, or not estimable with its reason."""
    old, new = (
        out.results.drop_duplicates("result").set_index("result") for out in (before, after)
    )
    came = new.index[~new.index.isin(old.index) & ~new["stat"].isin(DENOMINATOR_STATS)]
    assert not len(came), f"{where}: {list(came[:3])}"
    both = new.index.intersection(old.index)
    left, right = old.loc[both], new.loc[both]
    same = (left["value"] == right["value"]) | (right["value"].isna() & (right["reason"] != ""))
    assert same.all(), f"{where}: {list(both[~same][:3])}"


def test_every_number_has_a_reason_or_a_value() -> None:
    """The check above can fail: another number, and a missing one without a reason, are seen."""
    result = {"result": ["a"], "stat": ["n"], "value": [1.0], "reason": [""]}
    before = Output(pd.DataFrame(), pd.DataFrame(result))
    for changed in ({"value": [2.0]}, {"value": [float("nan")]}, {"result": ["b"]}):
        after = Output(pd.DataFrame(), pd.DataFrame({**result, **changed}))
        with pytest.raises(AssertionError):
            check_no_other_number(before, after, "ADSL.X")
