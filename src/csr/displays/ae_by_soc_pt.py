"""Table: treatment-emergent adverse events by system organ class and preferred term."""

from __future__ import annotations

import pandas as pd

from csr.displays.layout import Lookup, count_line, group_columns
from csr.displays.model import Display, Line, Table
from csr.endpoints.adverse_events import AE_BY_SOC_PT
from csr.params import Params
from csr.results import Adam


def term_order(found: Lookup, params: Params) -> list[tuple[str, list[str]]]:
    """Classes with their terms in the order of the convention; ties alphabetical."""
    terms: dict[str, list[str]] = {}
    for _, soc, pt, stat in found.values:
        if soc is not None and pt is not None and stat == "n":
            terms.setdefault(soc, [])
            if pt not in terms[soc]:
                terms[soc].append(pt)
    if params.conventions.soc_order == "alphabetical":
        return [(soc, sorted(terms[soc])) for soc in sorted(terms)]
    frequent = sorted(terms, key=lambda s: (-(found.value("n", None, s, None) or 0), s))
    return [
        (soc, sorted(terms[soc], key=lambda t: (-(found.value("n", None, soc, t) or 0), t)))
        for soc in frequent
    ]


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Any event, then each class with its terms: subjects (%)."""
    found = Lookup.of(results, AE_BY_SOC_PT.name)
    columns = group_columns(params, found, None, None, first="System organ class\n  Preferred term")
    ordered = term_order(found, params)
    if not ordered:
        return Table(columns, ())
    lines: list[Line] = [count_line(params, found, "Any TEAE", None, None)]
    for soc, terms in ordered:
        counts = count_line(params, found, soc, soc, None)
        lines.append(Line(counts.cells, heading=True))
        lines += [count_line(params, found, pt, soc, pt, indent=1) for pt in terms]
    return Table(columns, tuple(lines))


DISPLAY = Display(
    name="ae-by-soc-pt",
    kind="table",
    section="14.3.1",
    order=20,
    title="Treatment-emergent adverse events by system organ class and preferred term",
    population="safety",
    audience=frozenset({"open", "closed"}),
    analyses=(AE_BY_SOC_PT,),
    datasets=("adsl", "adae"),
    draw=draw,
    footnotes=("A subject counts once in each class and once in each term.",),
    source="Listing 16.2.7",
)
