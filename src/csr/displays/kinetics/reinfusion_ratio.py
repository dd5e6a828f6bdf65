"""Table: exposure after further infusions as a ratio to the first."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.kinetics_table import groups_shown
from csr.displays.tables.layout import Lookup, heading_line
from csr.endpoints.kinetics.kinetics_summary import NAMED, parameter_names
from csr.endpoints.kinetics.reinfusion import REINFUSION
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count, fmt_number

COLUMNS = (
    Column("", "left", 3.4),
    Column("n", width=0.6),
    Column("n>0", width=0.6),
    Column("Geometric\nmean ratio", width=1.2),
    Column("CI", width=1.4),
    Column("Median"),
    Column("Min, max", width=1.3),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per infusion and parameter, a line per group."""
    found = Lookup.of(results, REINFUSION.name)
    names = parameter_names(adam)
    lines: list[Line] = []
    for infusion in found.levels_at(1):
        lines.append(heading_line(f"Infusion {infusion} over infusion 1", COLUMNS))
        for code in found.levels_at(2):
            shown = groups_shown(found, params, infusion, code)
            if not shown:
                continue
            lines.append(heading_line(names.get(code, code), COLUMNS, indent=1))
            lines += [_line(found, label, (group, infusion, code)) for group, label in shown]
    return Table(COLUMNS, tuple(lines))


def _line(found: Lookup, label: str, levels: tuple[str | None, ...]) -> Line:
    mean, low, high, middle, least, most = (
        fmt_number(found.value(stat, *levels), 2)
        for stat in ("geomean", "geomean_lcl", "geomean_ucl", "median", "min", "max")
    )
    counts = (fmt_count(found.value(stat, *levels)) for stat in ("n", "n_pos"))
    return Line((label, *counts, mean, f"({low}, {high})", middle, f"{least}, {most}"), indent=2)


DISPLAY = Display(
    name="reinfusion-ratio",
    kind="table",
    section="14.4",
    order=80,
    title="Exposure after further infusions as a ratio to the first",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(REINFUSION,),
    needs=NAMED,
    draw=draw,
    footnotes=(
        "n: subjects with the parameter's record of both infusions; n>0: those with both values "
        "above 0, who make the ratios. CI by Student's t of the logarithms. What was left of the "
        "first infusion before the next is part of the later one's exposure.",
    ),
    source="ADPP",
)
