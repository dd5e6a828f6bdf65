"""How 3+3 and BOIN would do in the scenarios of the params: simulated, from the seed of the params.

The rows are the simulated quantities themselves, one each: no subject of the trial is behind them.
"""

from __future__ import annotations

from typing import Literal

import pandas as pd

from csr.endpoints.dose_escalation.dlt import rules_of
from csr.params import Params
from csr.params.dose_escalation import DoseEscalation
from csr.results import COUNTED, Adam, Analysis, Groups, Needs, Output, ResultList, make_rows
from csr.stats.dose_finding_simulation import Characteristics, Design, simulate_design

NAME = "design-characteristics"
ITEMS = ("RULE", "SCENARIO", "DOSE", "QUANTITY")
NONE = "None"
ALL = "All"
SELECTED, TREATED, DLTS, TRIED, OVER = "selected", "treated", "dlts", "tried", "over"
RULES: tuple[Literal["3+3", "boin"], ...] = ("3+3", "boin")
PERCENT = {SELECTED, TRIED, OVER}


def designs(rules: DoseEscalation) -> dict[str, Design]:
    """The two designs as the params set them, by their names."""
    return {
        name: Design(
            rule=name,
            target=rules.target,
            cohort_size=rules.cohort_size,
            max_subjects=rules.boin.max_subjects,
            deescalate=rules.deescalate,
            expand_at_top=rules.expand_at_top,
            eliminate_above=rules.eliminate_above,
            low=rules.boin.low,
            high=rules.boin.high,
        )
        for name in RULES
    }


def simulated(params: Params) -> pd.DataFrame:
    """One row per RULE, SCENARIO, DOSE and QUANTITY, with its value (shares in percent).

    `selected`, `tried`: percent of trials; `treated`, `dlts`: mean subjects a trial; `over`: mean
    percent of subjects at doses above the target. DOSE is a dose's label, None or All. Empty where
    the params declare no simulation.
    """
    rules, lines = rules_of(params), []
    if rules.simulation is not None:
        own = rules.simulation
        for name, design in designs(rules).items():
            for scenario, truth in own.scenarios.items():
                found = simulate_design(design, truth, own.trials, own.seed)
                lines += [(name, scenario, *cell) for cell in _cells(found, rules)]
    return pd.DataFrame(lines, columns=[*ITEMS, "value"])


def _cells(found: Characteristics, rules: DoseEscalation) -> list[tuple[str, str, float]]:
    arrays = {
        SELECTED: found.selected,
        TRIED: found.tried,
        TREATED: found.treated,
        DLTS: found.dlts,
    }
    cells = [
        (dose.label, quantity, float(values[i]) * (100 if quantity in PERCENT else 1))
        for quantity, values in arrays.items()
        for i, dose in enumerate(rules.doses)
    ]
    totals = {TREATED: found.treated.sum(), DLTS: found.dlts.sum(), OVER: 100 * found.over}
    cells += [(ALL, quantity, float(value)) for quantity, value in totals.items()]
    return [*cells, (NONE, SELECTED, 100 * found.none)]


def answer(adam: Adam, params: Params) -> Output:
    """The operating characteristics of both rules in every scenario."""
    rules, table = rules_of(params), simulated(params)
    out = ResultList(NAME, "")
    how = ""
    if rules.simulation is not None:
        how = f"{rules.simulation.trials} simulated trials, seed {rules.simulation.seed}"
    for line in table.to_dict("records"):
        where: Groups = tuple((item, str(line[item])) for item in ITEMS)
        unit = "%" if line["QUANTITY"] in PERCENT else "subjects"
        out.add(where, "mean", float(line["value"]), unit=unit, method=how)
    rows = table.assign(
        role=COUNTED, USUBJID="", SRCDOM="PARAMS", SRCKEY="endpoints.dlt.simulation"
    )
    return Output(make_rows(rows), out.frame())


DESIGN_CHARACTERISTICS = Analysis(NAME, answer, "METHODS §2", ("dlt",), needs=Needs())
