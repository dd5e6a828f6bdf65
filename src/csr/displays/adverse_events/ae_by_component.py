"""Table: adverse events related to each component of the treatment."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.ae_strata_table import plain_columns, stratum_lines
from csr.displays.tables.analysis_grade import noted, noted_needs
from csr.displays.tables.layout import Lookup, as_words
from csr.endpoints.adverse_events.ae_strata import AE_BY_COMPONENT
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per component: those who received it, and their events related to it."""
    found = Lookup.of(results, AE_BY_COMPONENT.name)
    lines: list[Line] = []
    for component in found.levels_at(1):
        lines += stratum_lines(found, params, component, f"Related to: {as_words(component)}")
    return noted(Table(plain_columns(params), tuple(lines)), adam, params)


DISPLAY = Display(
    name="ae-by-component",
    kind="table",
    section="14.3.1",
    order=45,
    title="Treatment-emergent adverse events related to each component of the treatment",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_BY_COMPONENT,),
    needs=noted_needs,
    draw=draw,
    footnotes=(
        "N: subjects of the safety analysis set who received the component. An event may be "
        "related "
        "to several components.",
    ),
    source="Listing 16.2.7",
)
