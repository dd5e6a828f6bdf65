"""Listing of serious adverse events by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.appendix.ae_listing import COLUMNS, event_lines
from csr.displays.model import Display, Listing
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every serious adverse event of the safety subjects, treatment-emergent or not."""
    events = adam["adae"]
    serious = events[events["AESER"] == "Y"] if "AESER" in events else events.iloc[:0]
    return Listing(COLUMNS, event_lines(serious, adam, params))


DISPLAY = Display(
    name="sae-listing",
    kind="listing",
    section="14.3.2",
    order=70,
    title="Serious adverse events by subject",
    population="safety",
    audience=frozenset({"closed"}),
    datasets=(
        "adsl",
        "adae",
    ),
    draw=draw,
    footnotes=(
        "Day 1 is the day of the first dose; there is no day 0. [D], [M]: day, or day and month, "
        "of the "
        "date imputed. No end: ongoing or not known.",
    ),
    source="ADAE",
)
