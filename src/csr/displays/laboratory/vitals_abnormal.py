"""Table: vital signs beyond the limits after baseline."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Display, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    count_line,
    group_columns,
    heading_line,
)
from csr.endpoints.laboratory.measurements import (
    ABNORMAL,
    ANY,
    CATEGORIES,
    HIGH,
    LOW,
    limits_are_ours,
    rules_of,
)
from csr.params import Params
from csr.results import Adam, reads


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """A block per vital sign with limits: below, above, any."""
    found = Lookup.of(results, ABNORMAL.name)
    signs = found.levels_at(1)
    columns = group_columns(params, found, *((signs[0], ANY) if signs else (None, None)))
    limits = _limits(adam, params)
    lines: list[Line] = []
    for sign in signs:
        lines.append(heading_line(sign, columns))
        for category in CATEGORIES:
            if found.value("n", None, sign, category) is None:
                continue
            edge = limits.get((sign, category), "")
            label = f"{category} ({edge})" if edge else category
            lines.append(count_line(params, found, label, sign, category, indent=1))
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _limits(adam: Adam, params: Params) -> dict[tuple[str, str], str]:
    if not limits_are_ours(params):
        return {}
    own = adam["advs"]
    test = own["ATESTCD"] if "ATESTCD" in own else own["PARAMCD"]
    edges = {}
    for code, name in sorted(set(zip(test, own["PARAM"], strict=True))):
        limit = rules_of(params).limits.get(code)
        if limit is None:
            continue
        edges[(name, LOW)] = "" if limit.low is None else f"< {limit.low:g}"
        edges[(name, HIGH)] = "" if limit.high is None else f"> {limit.high:g}"
    return edges


DISPLAY = Display(
    name="vitals-abnormal",
    kind="table",
    section="14.3.5",
    order=20,
    title="Vital signs beyond the limits after baseline",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(ABNORMAL,),
    needs=reads("advs", "PARAMCD", "PARAM", ATESTCD="tests are known by PARAMCD"),
    draw=draw,
    footnotes=(
        "Limits are those of params (measurements.limits); of a delivered ADVS those of the data "
        "(ANRIND).",
    ),
    source="ADVS",
)
