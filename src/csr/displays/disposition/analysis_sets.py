"""Table of analysis sets: how many subjects each holds, and why the others are out."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import Lookup, count_line, group_columns
from csr.endpoints.disposition.analysis_sets import ANALYSIS_SETS, EXCLUDED, INCLUDED, NAME
from csr.params import Params
from csr.results import LEVELS, Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per set, with the reasons for exclusion below it."""
    found = Lookup.of(results, NAME)
    lines: list[Line] = []
    for name, population in params.populations.items():
        lines.append(count_line(params, found, population.label, name, INCLUDED))
        for why in _reasons(results, name):
            label = why if why == EXCLUDED else f"{EXCLUDED}: {why}"
            lines.append(count_line(params, found, label, name, why, indent=1))
    return Table(group_columns(params, _sizes(found), INCLUDED), tuple(lines))


def _reasons(results: pd.DataFrame, name: str) -> list[str]:
    own = results[(results["analysis"] == NAME) & (results[LEVELS[1]] == name)]
    return [why for why in own[LEVELS[2]].unique() if why != INCLUDED]


def _sizes(found: Lookup) -> Lookup:
    """The number of subjects of a group is the same whatever the set."""
    values: dict[tuple[str | None, ...], float] = {
        (key[0], INCLUDED, "N"): value for key, value in found.values.items() if key[3] == "N"
    }
    return Lookup(values, {})


DISPLAY = Display(
    name="analysis-sets",
    kind="table",
    section="14.1",
    order=20,
    title="Analysis sets",
    population="all",
    audience=frozenset({"open", "closed"}),
    analyses=(ANALYSIS_SETS,),
    needs=Needs(),
    draw=draw,
    footnotes=("Percentages are of all subjects in the column.",),
    source="Listing 16.2.3",
)
