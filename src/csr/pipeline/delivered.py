"""Delivered ADaM, completed with what it does not bring itself; what can't be told stays absent."""

from __future__ import annotations

import pandas as pd

from csr.derive.adlb_delivered import complete_laboratory
from csr.derive.assumed import INFUSION, SPECIMEN, assume, assume_evaluator, with_baselines
from csr.derive.delivered_units import age_in_years, in_days, in_one_unit
from csr.derive.kinetics_delivered import complete_kinetics
from csr.derive.toxicity_link import with_analysis_grades
from csr.errors import Finding
from csr.params import Params
from csr.params.cell_toxicity import CellToxicity
from csr.params.parts import Records
from csr.results import Adam


def complete_delivered(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    """ADaM with csr's grades and kinetics, and with columns that could only say one thing.

    Nothing is made up for a column that is not there: displays that read it are left out by name.
    """
    if params.data.standard != "adam":
        return adam, []
    found: list[Finding] = []
    steps = (_units, _baselines, _laboratory, _kinetics, _parameters, _responses, _episodes)
    for complete in steps:
        adam, more = complete(adam, params)
        found += more
    return adam, found


def delivers_kinetics(frames: Adam, params: Params) -> bool:
    """Whether csr completes a delivered ADPC, and with it the kinetics set."""
    return params.data.standard == "adam" and params.kinetics is not None and "adpc" in frames


# Datasets of which each parameter is put into one unit, and the unit where it is fixed.
ONE_UNIT: dict[str, dict[str, str]] = {
    "advs": {},
    "adeg": {"time": "ms"},
    "adtr": {"length": "mm"},
    "adpp": {},
    "admfg": {"time": "DAYS"},
}


def _units(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    """Ages, durations and parameters in one unit, by the unit beside each number."""
    found: list[Finding] = []
    done = dict(adam)
    for name, wanted in ONE_UNIT.items():
        if name in done:
            done[name], more = in_one_unit(done[name], name.upper(), wanted)
            found += more
    for name, columns, units in TIMES:
        if name in done:
            done[name], more = in_days(done[name], name.upper(), columns, units)
            found += more
    if "adsl" in done:
        done["adsl"], more = age_in_years(done["adsl"])
        found += more
    return done, found


# Times that are read in days, and the columns that may hold their unit.
TIMES = (
    ("adae", ("ADURN",), ("ADURU",)),
    ("adce", ("ADURN",), ("ADURU",)),
    ("adpc", ("AFRLT", "NFRLT"), ("FRLTU", "AFRLTU")),
    ("adpc", ("ARELTM", "NRELTM", "ARRLT", "NRRLT"), ("RELTMU", "ARELTMU", "RRLTU")),
)


def _baselines(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    measured = [name for name in ("adlb", "advs", "adeg", "adecog", "adis") if name in adam]
    return {**adam, **{name: with_baselines(adam[name]) for name in measured}}, []


def _laboratory(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    if params.laboratory is None or "adlb" not in adam:
        return adam, []
    done = complete_laboratory(adam["adlb"], params.laboratory)
    return {**adam, "adlb": done.frame}, done.findings


def _kinetics(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    if params.kinetics is None or not delivers_kinetics(adam, params):
        return adam, []
    return complete_kinetics(adam, params.kinetics)


def _parameters(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    if params.kinetics is None or "adpp" not in adam:
        return adam, []
    infused = [c for c in ("AINFN",) if c in adam["adpp"]]
    main, keys = params.kinetics.main_specimen, ["USUBJID", "PARAMCD"]
    adpp, found = assume(adam["adpp"], "PCSPEC", main, [*keys, *infused], SPECIMEN)
    adpp, more = assume(adpp, "AINFN", 1.0, [*keys, "PCSPEC"], INFUSION)
    return {**adam, "adpp": adpp}, [*found, *more]


def _responses(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    if "adrs" not in adam:
        return adam, []
    ends = params.endpoints
    best = [e.paramcd for e in (ends.bor, ends.bor_unconfirmed, ends.bor_other) if e is not None]
    adrs, found = assume_evaluator(adam["adrs"], best)
    return {**adam, "adrs": adrs}, found


def _episodes(adam: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    """The analysis grades of a delivered ADCE in ADAE, where that has none of its own."""
    needed = {"adae": {"AETOXGR", "ASTDT", "AENDT"}, "adce": {"CESEQ", "ASTDT", "AENDT", "AGRADE"}}
    there = all(name in adam and columns <= set(adam[name]) for name, columns in needed.items())
    if not there or "AGRADE" in adam["adae"]:
        return adam, []
    rules = CellToxicity(episodes={s: Records(domain="ce") for s in set(adam["adce"]["ACAT1"])})
    return with_analysis_grades(adam, {}, rules, pd.Timestamp(params.cut.cutoff))
