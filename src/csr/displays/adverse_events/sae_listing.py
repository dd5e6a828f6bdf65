"""Listing of serious adverse events by subject."""

from __future__ import annotations

import pandas as pd

from csr.displays.appendix.ae_listing import list_events
from csr.displays.appendix.ae_listing import needs as event_needs
from csr.displays.model import Display, Listing
from csr.params import Params
from csr.results import Adam, Needs, reads


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Listing:
    """Every serious adverse event of the safety subjects, treatment-emergent or not."""
    events = adam["adae"]
    return list_events(events[events["AESER"] == "Y"], adam, params)


def needs(params: Params) -> Needs:
    """The events, and which are serious."""
    return event_needs(params) + reads("adae", "AESER")


DISPLAY = Display(
    name="sae-listing",
    kind="listing",
    section="14.3.2",
    order=70,
    title="Serious adverse events by subject",
    population="safety",
    audience=frozenset({"closed"}),
    needs=needs,
    draw=draw,
    footnotes=(
        "Day 1 is the day of the first dose; there is no day 0. [D], [M]: day, or day and month, "
        "of the "
        "date imputed. No end: ongoing or not known.",
    ),
    source="ADAE",
)
