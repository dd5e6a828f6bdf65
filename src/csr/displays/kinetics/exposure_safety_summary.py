"""Table: exposure by CRS grade and by severe adverse events."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup, heading_line
from csr.endpoints.kinetics.exposure_safety import CRS, EXPOSURE_SAFETY, EXPOSURES, SEVERE
from csr.endpoints.kinetics.kinetics_summary import NAMED, parameter_names
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count, fmt_number, fmt_p

COLUMNS = (
    Column("", "left", 2.6),
    Column("n"),
    Column("Geometric mean", width=1.4),
    Column("Median", width=1.4),
    Column("Test", width=2.0),
)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per exposure and effect: a line per level, the test at its heading."""
    found = Lookup.of(results, EXPOSURE_SAFETY.name)
    names = parameter_names(adam)
    lines: list[Line] = []
    for code in EXPOSURES:
        if code not in found.levels_at(0):
            continue
        lines.append(heading_line(names[code], COLUMNS))
        for effect in (CRS, SEVERE):
            if effect not in found.levels_at(1):
                continue
            lines.append(Line((effect, "", "", "", _test(found, code, effect)), indent=1))
            for level in found.levels_at(2):
                n = found.value("n", code, effect, level)
                if n is None:
                    continue
                values = (found.value(s, code, effect, level) for s in ("geomean", "median"))
                label = f"Grade {level}" if level.isdigit() else level
                cells = (label, fmt_count(n), *(fmt_number(v, 0) for v in values), "")
                lines.append(Line(cells, indent=2))
    return Table(COLUMNS, tuple(lines))


def _test(found: Lookup, code: str, effect: str) -> str:
    if effect == CRS:
        rho = fmt_number(found.value("spearman", code, effect, None), 2)
        return f"ρ = {rho}, p = {fmt_p(found.value('spearman_p', code, effect, None))}"
    return f"p = {fmt_p(found.value('wilcoxon_p', code, effect, None))}"


DISPLAY = Display(
    name="exposure-safety-summary",
    kind="table",
    section="14.4",
    order=145,
    title="Exposure after the first infusion by CRS grade and severe adverse events",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(EXPOSURE_SAFETY,),
    needs=NAMED,
    draw=draw,
    footnotes=(
        "First infusion; geometric means of the values above 0. CRS: Spearman's rank correlation "
        "with the maximum grade after it (none as 0, ungraded left out). Severe events to day 28: "
        "Wilcoxon rank-sum test. Exploratory, without adjustment.",
    ),
    source="ADPP, ADCE, ADAE",
)
