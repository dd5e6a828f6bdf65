"""Table: confirmed best overall response, objective response and disease control."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.response_table import draw_response_table
from csr.endpoints.efficacy.response import RESPONSE_SUMMARY
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Each confirmed best response, ORR and DCR, in each analysis set."""
    return draw_response_table(
        results, params, RESPONSE_SUMMARY.name, "Confirmed best overall response"
    )


DISPLAY = Display(
    name="response-summary",
    kind="table",
    section="14.2",
    order=10,
    title="Confirmed best overall response, objective response rate and disease control rate",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(RESPONSE_SUMMARY,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "Response by RECIST 1.1. Every subject of the set is in the denominator; "
        "no assessment and not evaluable count as non-response.",
    ),
    source="Listing 16.2.6",
)
