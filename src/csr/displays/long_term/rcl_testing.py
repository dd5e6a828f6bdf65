"""Table: testing for replication-competent virus against its schedule."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.testing_table import draw_testing
from csr.endpoints.long_term.ltfu_testing import RCL_TESTING
from csr.params import Params
from csr.results import Adam, Needs


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Due, kept and found by month."""
    return draw_testing(results, params, RCL_TESTING.name)


DISPLAY = Display(
    name="rcl-testing",
    kind="table",
    section="14.5",
    order=70,
    title="Testing for replication-competent virus against its schedule",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(RCL_TESTING,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "All treated. Month 0: the last test up to the first infusion. Kept: a test within the "
        "window around the month; late: after it, before the next window opens; overdue: none "
        "since the window opened; missed: none, but a later one, or the subject has ended since. "
        "Ended: death or end of study before the window had passed. Yearly samples after a "
        "negative first year are archived.",
    ),
    source="ADLTF",
)
