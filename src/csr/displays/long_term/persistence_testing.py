"""Table: testing for the transgene against its schedule."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.testing_table import draw_testing
from csr.endpoints.long_term.ltfu_testing import PERSISTENCE_TESTING
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Due, kept and found by month."""
    return draw_testing(results, params, PERSISTENCE_TESTING.name)


DISPLAY = Display(
    name="persistence-testing",
    kind="table",
    section="14.5",
    order=60,
    title="Testing for the transgene against its schedule",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(PERSISTENCE_TESTING,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "All treated. Kept: a test within the window around the month since the first infusion; "
        "its result is that of the sample nearest to the month (the later of two as near), told "
        "apart where the subject was infused again before. Late: after it, before the next window "
        "opens; overdue: none since the window opened; missed: none, but a later one. Not needed: "
        "the results before the window opened were below the limit, which ends the testing. Ended: "
        "death or end of study before the window had passed.",
    ),
    source="ADLTF",
)
