"""Table: protocol deviations."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.background_table import draw_classes
from csr.endpoints.disposition.background import PROTOCOL_DEVIATIONS
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Subjects with any, by class, and by term within it, the commonest first."""
    first = "Importance\n  Category"
    return draw_classes(results, params, PROTOCOL_DEVIATIONS.name, first, "Any deviation")


DISPLAY = Display(
    name="protocol-deviations",
    kind="table",
    section="14.1",
    order=40,
    title="Protocol deviations",
    population="enrolled",
    audience=frozenset({"open", "closed"}),
    analyses=(PROTOCOL_DEVIATIONS,),
    needs=Needs(),
    draw=draw,
    footnotes=("A subject counts once in each line.",),
    source="Listing 16.2.2",
)
