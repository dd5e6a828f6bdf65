"""Table: concomitant medication."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.background_table import draw_classes
from csr.endpoints.disposition.background import CONCOMITANT_MEDICATION
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Subjects with any, by class, and by term within it, the commonest first."""
    first = "Class\n  Medication"
    return draw_classes(
        results, params, CONCOMITANT_MEDICATION.name, first, "Any concomitant medication"
    )


DISPLAY = Display(
    name="concomitant-medication",
    kind="table",
    section="14.1",
    order=80,
    title="Concomitant medication",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(CONCOMITANT_MEDICATION,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Taken on or after the day of the first infusion; new anticancer therapy is left out.",
    ),
    source="ADCM",
)
