"""Table: best overall response where no confirmation is required."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.response_table import draw_response_table
from csr.endpoints.efficacy.response import RESPONSE_UNCONFIRMED
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Each best response, confirmed or not, ORR and DCR, in each analysis set."""
    return draw_response_table(
        results, params, RESPONSE_UNCONFIRMED.name, "Best overall response, confirmed or not"
    )


DISPLAY = Display(
    name="response-unconfirmed",
    kind="table",
    section="14.2",
    order=12,
    title="Best overall response and objective response rate without confirmation",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(RESPONSE_UNCONFIRMED,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Response by RECIST 1.1, confirmation not required. Every subject of the set is in the "
        "denominator; no assessment and not evaluable count as non-response.",
    ),
    source="Listing 16.2.6",
)
