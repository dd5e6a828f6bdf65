"""The table of values by visit: a block per test, a line per visit, value and change."""

from __future__ import annotations

from csr.displays.model import Line, Table
from csr.displays.tables.layout import Lookup, group_columns, group_levels, heading_line
from csr.endpoints.laboratory.by_visit import BOUND, CHANGE, VALUE
from csr.params import Params
from csr.rounding import decimals_of, fmt_count, fmt_number

FOOTNOTE = (
    "Mean (SD) [n] of the value, below it of the change from baseline. Visits with results of at "
    "least the percent of subjects that params say; the last result of a visit."
)


def draw_by_visit(found: Lookup, params: Params) -> Table:
    """Means with one decimal more than the data."""
    columns = group_columns(params, found, None, None, None)
    visits: dict[str, list[str]] = {}
    for key in found.values:
        if key[1] is not None and key[2] is not None:
            seen = visits.setdefault(key[1], [])
            if key[2] not in seen:
                seen.append(key[2])
    lines: list[Line] = []
    for param, own in visits.items():
        digits = _decimals(found, param, own)
        lines.append(heading_line(param, columns))
        for visit in own:
            lines.append(_line(found, params, visit, (param, visit, VALUE), digits, 1))
            if any(found.value("n", g, param, visit, CHANGE) for g in group_levels(params)):
                lines.append(_line(found, params, "Change", (param, visit, CHANGE), digits, 2))
    return Table(columns, tuple(lines), landscape=True, notes=_bounds(found, visits))


def _bounds(found: Lookup, visits: dict[str, list[str]]) -> tuple[str, ...]:
    """How many values of each test are known to be below or above a number only."""
    counts = {
        p: sum(found.value("n", None, p, v, BOUND) or 0 for v in own) for p, own in visits.items()
    }
    said = [f"{param} {fmt_count(n)}" for param, n in counts.items() if n]
    if not said:
        return ()
    return (
        f"Values that are known as < or > a number only count as that number: {'; '.join(said)}.",
    )


def _decimals(found: Lookup, param: str, visits: list[str]) -> int:
    extremes = [found.value(s, None, param, v, VALUE) for v in visits for s in ("min", "max")]
    return min(decimals_of([x for x in extremes if x is not None]), 2) + 1


def _line(
    found: Lookup,
    params: Params,
    label: str,
    items: tuple[str, str, str],
    digits: int,
    indent: int,
) -> Line:
    cells = []
    for group in group_levels(params):
        n = found.value("n", group, *items)
        if not n:
            cells.append("–")
            continue
        mean, sd = (found.value(stat, group, *items) for stat in ("mean", "sd"))
        cells.append(f"{fmt_number(mean, digits)} ({fmt_number(sd, digits)}) [{fmt_count(n)}]")
    return Line((label, *cells), indent=indent)
