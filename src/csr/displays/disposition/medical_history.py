"""Table: medical history."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.background_table import draw_classes
from csr.endpoints.disposition.background import MEDICAL_HISTORY
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Subjects with any, by class, and by term within it, the commonest first."""
    first = "System organ class\n  Preferred term"
    return draw_classes(results, params, MEDICAL_HISTORY.name, first, "Any medical history")


DISPLAY = Display(
    name="medical-history",
    kind="table",
    section="14.1",
    order=70,
    title="Medical history",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(MEDICAL_HISTORY,),
    needs=Needs(),
    draw=draw,
    footnotes=("A subject counts once in each class and once in each term.",),
    source="ADMH",
)
