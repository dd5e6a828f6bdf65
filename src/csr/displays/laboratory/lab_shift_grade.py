"""Table: shift of the CTCAE grade of laboratory results, from baseline to the worst after it."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Table
from csr.displays.tables.layout import Lookup
from csr.displays.tables.shift_table import draw_shift
from csr.endpoints.laboratory.laboratory import GRADES, LAB_SHIFT
from csr.params import Params
from csr.results import Adam, Needs
from csr.standards.ctcae import not_graded


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per CTCAE term; tests graded in both directions have two."""
    found = Lookup.of(results, LAB_SHIFT.name)
    return draw_shift(found, params, GRADES, "Grade", {g: f"Grade {g}" for g in GRADES})


NOT_GRADED = "; ".join(f"{reason}: {', '.join(names)}" for reason, names in not_graded().items())
DISPLAY = Display(
    name="lab-shift-grade",
    kind="table",
    section="14.3.4",
    order=10,
    title="Laboratory: grade at baseline against the worst grade after it",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(LAB_SHIFT,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "CTCAE v5.0 by value; pooled over the groups (those by group are in the results). Baseline "
        "graded by the reference limits, later results by multiples of an abnormal baseline where "
        "the criteria say so.",
        "Missing: no result, or none that could be graded (no limit, no baseline, unit in doubt).",
        "What the criteria leave to the clinic is taken to be the worse: symptoms (potassium, "
        "sodium, lipase, amylase), physiologic consequences (urate). INR by multiples of baseline "
        "only under anticoagulation, by params.",
        f"Terms of v5.0 that rest on a laboratory result and are not graded here. {NOT_GRADED}.",
    ),
    source="ADLB",
)
