"""Table: why kinetic parameters are missing."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    group_columns,
    group_levels,
    heading_line,
)
from csr.endpoints.kinetics.kinetics_summary import (
    KINETICS_MISSING,
    MISSING,
    NAMED,
    parameter_names,
)
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per infusion; per parameter how many have it, and the reasons of the others."""
    found = Lookup.of(results, MISSING)
    columns = group_columns(params, found, None, None, None, label_width=4.0)
    names = parameter_names(adam)
    lines: list[Line] = []
    for infusion in found.levels_at(1):
        codes = [c for c in found.levels_at(2) if found.value("n", None, infusion, c, None)]
        lines.append(heading_line(f"Infusion {infusion}", columns))
        if codes:
            lines.append(_line("Profiles", found, params, (infusion, codes[0], None), 1))
        for code in codes:
            reasons = [
                r for r in found.levels_at(3) if r and found.value("n", None, infusion, code, r)
            ]
            lines.append(_line(names[code], found, params, (infusion, code, ""), 1))
            lines += [_line(r, found, params, (infusion, code, r), 2) for r in reasons]
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _line(
    label: str, found: Lookup, params: Params, levels: tuple[str | None, ...], indent: int
) -> Line:
    cells = [fmt_count(found.value("n", g, *levels) or 0) for g in group_levels(params)]
    return Line((label, *cells), indent=indent)


DISPLAY = Display(
    name="kinetics-missing",
    kind="table",
    section="14.4",
    order=30,
    title="Kinetic parameters present and missing, with reasons",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(KINETICS_MISSING,),
    needs=NAMED,
    draw=draw,
    footnotes=(
        "Subjects with the parameter; indented below, subjects without it by reason. Profiles: "
        "subjects who had that infusion.",
    ),
    source="ADPP",
)
