"""Table: infections."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.ae_of_interest_table import draw_group
from csr.endpoints.adverse_events.ae_of_interest import INFECTIONS
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Kinds of events, then each preferred term: subjects (%)."""
    return draw_group(results, params, INFECTIONS.name)


DISPLAY = Display(
    name="infections",
    kind="table",
    section="14.3.1",
    order=92,
    title="Treatment-emergent infections",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(INFECTIONS,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "A subject counts once in each line. Which events are infections, the params declare. The "
        "period is that in which an event began, of those observed to its first day or with an "
        "infection in it.",
    ),
    source="Listing 16.2.7",
)
