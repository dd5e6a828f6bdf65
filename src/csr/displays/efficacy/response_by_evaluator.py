"""Table: confirmed best overall response by two evaluators, and where they differ."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import (
    PORTRAIT_COLUMNS,
    Lookup,
    count_cells,
    group_columns,
    group_levels,
    heading_line,
)
from csr.displays.tables.response_table import LABELS
from csr.endpoints.efficacy.response import CATEGORIES
from csr.endpoints.efficacy.response_evaluators import (
    DIFFERENT,
    NAME,
    RESPONSE_BY_EVALUATOR,
    RESPONSES,
    SAME,
    both_evaluators,
    needs,
)
from csr.params import Params
from csr.results import Adam


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """Each evaluator's best responses, their agreement, and the subjects they differ on."""
    found = Lookup.of(results, NAME)
    first, second = _names(params)
    some = next(iter(found.levels_at(1)), None)
    columns = group_columns(params, found, some, None, None, None)
    lines = [heading_line(f"Confirmed best overall response, {first}", columns)]
    lines += [_line(params, found, LABELS.get(c, c), c, None, None, None) for c in CATEGORIES]
    lines.append(heading_line(f"Confirmed best overall response, {second}", columns))
    lines += [_line(params, found, LABELS.get(c, c), None, c, None, None) for c in CATEGORIES]
    lines.append(heading_line("Agreement", columns))
    lines += [_line(params, found, a, None, None, a, None) for a in (SAME, DIFFERENT)]
    lines.append(heading_line("Response (CR or PR) seen by", columns))
    said = dict(zip(RESPONSES, ("Both", f"{first} only", f"{second} only", "Neither"), strict=True))
    lines += [_line(params, found, said[r], None, None, None, r) for r in RESPONSES]
    lines += _discordant(adam, params, columns)
    return Table(columns, tuple(lines), landscape=len(columns) > PORTRAIT_COLUMNS)


def _names(params: Params) -> tuple[str, str]:
    main, other = params.endpoints.bor, params.endpoints.bor_other
    return tuple(e.evaluator.lower() if e else "" for e in (main, other))  # type: ignore[return-value]


def _line(params: Params, found: Lookup, label: str, *levels: str | None) -> Line:
    if found.value("n", None, *levels) is None:
        return Line((label, *["0" for _ in group_levels(params)]), indent=1)
    return Line((label, *count_cells(params, found, *levels)), indent=1)


def _discordant(adam: Adam, params: Params, columns: tuple[Column, ...]) -> list[Line]:
    """A line per subject with different best responses: theirs in the column of the group."""
    both = both_evaluators(adam, params)
    differ = both[both["AGREEMENT"] == DIFFERENT]
    lines = [heading_line("Subjects with different best responses", columns)]
    for subject in differ.to_dict("records"):
        said = f"{subject['MAIN']} / {subject['OTHER']}"
        cells = [said if group == subject["TRTA"] else "" for group in group_levels(params)]
        lines.append(Line((subject["USUBJID"], *cells), indent=1))
    return lines if len(lines) > 1 else []


DISPLAY = Display(
    name="response-by-evaluator",
    kind="table",
    section="14.2",
    order=14,
    title="Confirmed best overall response by evaluator, and their agreement",
    population="safety",
    audience=frozenset({"closed"}),
    analyses=(RESPONSE_BY_EVALUATOR,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Of the efficacy-evaluable set where the study has one, else of all treated subjects.",
        "Subjects with different best responses: first evaluator / second evaluator.",
    ),
    source="Listing 16.2.6",
)
