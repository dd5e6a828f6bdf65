"""Table: the power model of exposure by dose."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.kinetics.dose_proportionality import DOSE_PROPORTIONALITY
from csr.endpoints.kinetics.kinetics_summary import NAMED, parameter_names
from csr.params import Params
from csr.results import Adam
from csr.rounding import fmt_count, fmt_number

COLUMNS = (
    Column("Parameter", "left", 2.2),
    Column("n", width=0.6),
    Column("Exponent"),
    Column("90% CI", width=1.4),
    Column("Highest over\nlowest dose", width=1.2),
    Column("Proportional within", width=1.5),
    Column("Shown", width=1.1),
)
SAID = {1.0: "Yes", 0.0: "No", None: "NE"}


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A line per parameter."""
    found = Lookup.of(results, DOSE_PROPORTIONALITY.name)
    names = parameter_names(adam)
    lines = []
    for code in found.levels_at(0):
        slope, low, high, ratio, least, most = (
            fmt_number(found.value(stat, code), 2)
            for stat in ("slope", "slope_lcl", "slope_ucl", "dose_ratio", "limit_low", "limit_high")
        )
        said = SAID.get(found.value("proportional", code), "NE")
        n = fmt_count(found.value("n", code))
        span = (f"({low}, {high})", ratio, f"{least} to {most}", said)
        lines.append(Line((names.get(code, code), n, slope, *span)))
    return Table(COLUMNS, tuple(lines))


DISPLAY = Display(
    name="dose-proportionality",
    kind="table",
    section="14.4",
    order=75,
    title="Dose proportionality of exposure after the first infusion",
    population="kinetics",
    audience=frozenset({"closed"}),
    analyses=(DOSE_PROPORTIONALITY,),
    needs=NAMED,
    draw=draw,
    footnotes=(
        "Power model ln(parameter) = a + b·ln(cells given), all groups, values above 0; 1 is "
        "proportional. Shown where the interval of b lies within 1 + ln(0.8)/ln(r) to "
        "1 + ln(1.25)/ln(r), r the highest over the lowest dose (Smith 2000). NE: not estimable.",
    ),
    source="ADPP, ADSL",
)
