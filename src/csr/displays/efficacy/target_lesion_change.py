"""Table: sums of target lesion diameters, and their changes, by visit."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import Lookup, group_columns, group_levels, heading_line
from csr.endpoints.efficacy.tumour_burden import BY_VISIT, TARGET_LESION_CHANGE
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count, fmt_number

LABELS = {
    "AVAL": "Sum of diameters (mm)",
    "PCHG": "Change from baseline (%)",
    "PCHGNAD": "Change from nadir (%)",
}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """For each measure a block of visits: n, mean (SD), median and range."""
    found = Lookup.of(results, BY_VISIT)
    columns = group_columns(params, found, None, None)
    lines: list[Line] = []
    for measure, label in LABELS.items():
        for visit in found.levels_at(2):
            if found.value("n", None, measure, visit) is None:
                continue
            lines.append(heading_line(f"{label}, {visit.capitalize()}", columns))
            lines += _block(found, params, measure, visit)
    return Table(columns, tuple(lines), landscape=True)


def _block(found: Lookup, params: Params, measure: str, visit: str) -> list[Line]:
    groups = group_levels(params)

    def said(stat: str, group: str | None, decimals: int) -> str:
        return fmt_number(found.value(stat, group, measure, visit), decimals)

    spread = [f"{said('mean', g, 1)} ({said('sd', g, 2)})" for g in groups]
    middle = [
        f"{said('median', g, 1)} ({said('min', g, 1)} to {said('max', g, 1)})" for g in groups
    ]
    sizes = [fmt_count(found.value("n", g, measure, visit)) for g in groups]
    return [
        Line(("n", *sizes), indent=1),
        Line(("Mean (SD)", *spread), indent=1),
        Line(("Median (min to max)", *middle), indent=1),
    ]


DISPLAY = Display(
    name="target-lesion-change",
    kind="table",
    section="14.2",
    order=18,
    title="Sums of target lesion diameters by visit",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(TARGET_LESION_CHANGE,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Efficacy-evaluable subjects; visits at which every target lesion was measured. "
        "The nadir is the smallest sum before the visit, baseline included.",
    ),
    source="Listing 16.2.6",
)
