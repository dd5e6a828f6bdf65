"""Table: second malignancies, with the result of transgene testing."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.ae_of_interest_table import draw_group
from csr.endpoints.adverse_events.ae_of_interest import SECOND_MALIGNANCIES
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Kinds of events, then each preferred term: subjects (%)."""
    return draw_group(results, params, SECOND_MALIGNANCIES.name)


DISPLAY = Display(
    name="second-malignancies",
    kind="table",
    section="14.3.1",
    order=94,
    title="Second malignancies",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(SECOND_MALIGNANCIES,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "A subject counts once in each line. Malignancies other than the disease under study that "
        "began after the first infusion, whether within the window of collection or later.",
    ),
    source="Listing 16.2.7",
)
