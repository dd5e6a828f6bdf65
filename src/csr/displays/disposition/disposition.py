"""Table of disposition."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import Lookup, as_words, count_line, group_columns
from csr.endpoints.disposition.disposition import DISPOSITION, NAME
from csr.params import Params
from csr.results import LEVELS, Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per step; the reasons for discontinuation below theirs, the commonest first."""
    found = Lookup.of(results, NAME)
    lines: list[Line] = []
    for step in found.levels_at(1):
        lines.append(count_line(params, found, step, step, None))
        for why in _reasons(results, found, step):
            lines.append(count_line(params, found, as_words(why), step, why, indent=1))
    return Table(group_columns(params, found, "Screened", None), tuple(lines))


def _reasons(results: pd.DataFrame, found: Lookup, step: str) -> list[str]:
    own = results[(results["analysis"] == NAME) & (results[LEVELS[1]] == step)]
    whys = [why for why in own[LEVELS[2]].dropna().unique() if why]
    return sorted(whys, key=lambda why: (-(found.value("n", None, step, why) or 0), why))


DISPLAY = Display(
    name="disposition",
    kind="table",
    section="14.1",
    order=10,
    title="Subject disposition",
    population="all",
    audience=frozenset({"open", "closed"}),
    analyses=(DISPOSITION,),
    needs=Needs(),
    draw=draw,
    footnotes=("Percentages are of all subjects in the column.",),
    source="Listing 16.2.1",
)
