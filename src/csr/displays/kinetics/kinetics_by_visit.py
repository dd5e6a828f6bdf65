"""Table: copies of the transgene at each planned visit of each infusion."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.kinetics_table import (
    COLUMNS,
    decimals,
    groups_shown,
    heading,
    summary_line,
)
from csr.displays.tables.layout import Lookup
from csr.endpoints.kinetics.kinetics_summary import BY_VISIT, KINETICS_BY_VISIT
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per infusion and group, a line per visit."""
    found = Lookup.of(results, BY_VISIT)
    places = decimals(results.loc[results["stat"].isin(["min", "max"]), "value"].tolist())
    lines: list[Line] = []
    for infusion in found.levels_at(1):
        visits = list(results.loc[results["level2"] == infusion, "level3"].unique())
        present = {g for v in visits for g in groups_shown(found, params, infusion, v)}
        labels = [*(lv.label for lv in params.treatment.levels), params.treatment.total]
        for group, label in sorted(present, key=lambda g: labels.index(g[1])):
            lines.append(heading(f"Infusion {infusion}: {label}"))
            for visit in visits:
                if found.value("n", group, infusion, visit):
                    lines.append(summary_line(found, visit, (group, infusion, visit), places))
    return Table(COLUMNS, tuple(lines), landscape=True)


DISPLAY = Display(
    name="kinetics-by-visit",
    kind="table",
    section="14.4",
    order=10,
    title="Transgene copies in the main specimen by visit and infusion",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(KINETICS_BY_VISIT,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "n: subjects with a sample; n>0: quantifiable samples, of which alone the geometric mean "
        "and CV are; in all other statistics samples below the limit of quantification count as 0.",
        "One sample per subject and visit, the nearest to the planned day. After a further "
        "infusion only visits planned from that infusion; samples at other visits are in the "
        "listing only. NE: not estimable.",
    ),
    source="ADPC",
)
