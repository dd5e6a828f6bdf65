"""The table of adverse events within strata: a block each for component, infusion or period."""

from __future__ import annotations

from csr.displays.model import Column, Line
from csr.displays.tables.ae_term_table import FIRST, term_order
from csr.displays.tables.layout import Lookup, count_line, group_levels
from csr.endpoints.adverse_events.adverse_events import ANY
from csr.endpoints.adverse_events.ae_strata import ANY_EVENT, SERIOUS, SEVERE
from csr.params import Params
from csr.rounding import fmt_count


def plain_columns(params: Params, first: str = FIRST) -> tuple[Column, ...]:
    """The label column and the groups without their N, which differs between the blocks."""
    labels = [level.label for level in params.treatment.levels] + [params.treatment.total]
    return (Column(first, align="left", width=2.6), *(Column(label) for label in labels))


def stratum_lines(found: Lookup, params: Params, stratum: str, label: str) -> list[Line]:
    """The stratum with its N; any event, the severe, the serious; then classes and terms."""
    top = (stratum, ANY_EVENT, ANY, ANY)
    sizes = [f"N={fmt_count(found.value('N', g, *top))}" for g in group_levels(params)]
    lines = [Line((label, *sizes), heading=True)]
    lines += [
        count_line(params, found, category, stratum, category, ANY, ANY)
        for category in (ANY_EVENT, SEVERE, SERIOUS)
        if found.value("n", None, stratum, category, ANY, ANY) is not None
    ]
    for soc, terms in term_order(found, params, stratum, ANY_EVENT):
        counts = count_line(params, found, soc, stratum, ANY_EVENT, soc, ANY)
        lines.append(Line(counts.cells, heading=True, indent=1))
        lines += [
            count_line(params, found, pt, stratum, ANY_EVENT, soc, pt, indent=2) for pt in terms
        ]
    return lines
