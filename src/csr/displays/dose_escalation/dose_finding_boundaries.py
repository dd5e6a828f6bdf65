"""Table of the rules: with how many DLTs 3+3 and BOIN go up, stay, or go down."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.dose_escalation.dlt import DLT, DLT_SUMMARY, EVALUABLE, rules_of
from csr.params import Params
from csr.results import Adam, Needs
from csr.rounding import fmt_count
from csr.stats.dose_finding import boin_boundaries

COLUMNS = (
    Column("DLT-evaluable\nat the dose", "center", 1.2),
    Column("escalate\nif ≤", "center", 0.8, "3+3"),
    Column("three more\nif", "center", 0.9, "3+3"),
    Column("go down\nif ≥", "center", 0.8, "3+3"),
    Column("escalate\nif ≤", "center", 0.8, "BOIN"),
    Column("go down\nif ≥", "center", 0.8, "BOIN"),
    Column("eliminate\nif ≥", "center", 0.9, "BOIN"),
    Column("Doses there now (DLTs)", "left", 2.4),
)
THREE_PLUS_THREE = {3: ("0", "1", "2"), 6: ("1", "–", "2")}
SHOWN = 12


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per number of evaluable subjects at a dose, up to 12 or as many as there are."""
    found, rules = Lookup.of(results, DLT_SUMMARY.name), rules_of(params)
    now: dict[int, list[str]] = {}
    for dose in rules.doses:
        n = int(found.value("n", dose.value, None, EVALUABLE) or 0)
        toxic = fmt_count(found.value("n", dose.value, None, DLT))
        now.setdefault(n, []).append(f"{dose.label} ({toxic})")
    largest = max(SHOWN, *now)
    table = boin_boundaries(
        rules.target, largest, rules.eliminate_above, rules.boin.low, rules.boin.high
    )
    lines = []
    for i, n in enumerate(table.n):
        out = "–" if pd.isna(table.eliminate[i]) else fmt_count(table.eliminate[i])
        boin = (fmt_count(table.escalate[i]), fmt_count(table.deescalate[i]), out)
        own = THREE_PLUS_THREE.get(int(n), ("", "", ""))
        here = "; ".join(now.get(int(n), []))
        lines.append(Line((str(n), *own, *boin, here), heading=bool(here)))
    return Table(COLUMNS, tuple(lines))


DISPLAY = Display(
    name="dose-finding-boundaries",
    kind="table",
    section="14.3.0",
    order=50,
    title="Dose-finding boundaries of 3+3 and BOIN",
    population="",
    audience=frozenset({"open", "closed"}),
    analyses=(DLT_SUMMARY,),
    needs=Needs(),
    draw=draw,
    footnotes=(
        "BOIN: Liu and Yuan 2015, at the target DLT rate of the params; a dose is eliminated, with "
        "all above, when P(rate > target) exceeds the cut-off of the params. –: no count does. "
        "Doses where nobody is evaluable yet are not shown.",
    ),
    source="params",
)
