"""What tables have in common: the columns of the treatment groups, and looking results up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from csr.displays.model import Column, Line, Table
from csr.params import Params
from csr.results import GROUPS, LEVELS
from csr.rounding import fmt_count, fmt_n_percent

Level = str | None
LABEL_WIDTH = 2.6
# Tables whose cells hold an interval or a count of events go landscape beyond this many columns.
PORTRAIT_COLUMNS = 5


@dataclass(frozen=True)
class Lookup:
    """The results of one analysis, found by their levels (in the order of their groups) and stat.

    A level of None is the pooled one, as in the results.
    """

    values: dict[tuple[Level, ...], float]
    reasons: dict[tuple[Level, ...], str]

    @classmethod
    def of(cls, results: pd.DataFrame, analysis: str) -> Lookup:
        """Indexes the results of one analysis."""
        own = results[results["analysis"] == analysis]
        depth = int(own[list(GROUPS)].notna().any().sum())
        columns = [*LEVELS[:depth], "stat", "value", "reason"]
        values: dict[tuple[Level, ...], float] = {}
        reasons: dict[tuple[Level, ...], str] = {}
        for line in own[columns].itertuples(index=False, name=None):
            key = (*(None if pd.isna(v) else v for v in line[:-2]),)
            values[key], reasons[key] = line[-2], line[-1]
        return cls(values, reasons)

    def value(self, stat: str, *levels: Level) -> float | None:
        """The statistic at the given levels; None where the analysis has no such result."""
        return self.values.get(self._key(stat, levels))

    def reason(self, stat: str, *levels: Level) -> str:
        """Why the statistic can't be estimated, "" where it can."""
        return self.reasons.get(self._key(stat, levels), "")

    def _key(self, stat: str, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        """The key of a statistic. Groups that no result of the analysis has (no landmark where
        nobody was at risk) are pooled over in all of them."""
        depth = len(next(iter(self.values), (*levels, stat))) - 1
        pooled = all(level is None for level in levels[depth:])
        return (*(levels[:depth] if pooled else levels), stat)

    def levels_at(self, place: int) -> list[str]:
        """The levels seen in one group column (0 = the first), in the order of the results."""
        seen = dict.fromkeys(level for key in self.values for level in key[:-1][place : place + 1])
        return [level for level in seen if level is not None]


def group_levels(params: Params) -> tuple[Level, ...]:
    """The treatment groups in the order of the columns, then the pooled one."""
    return (*params.treatment.values, None)


def group_columns(
    params: Params, sizes: Lookup, *where: Level, first: str = "", label_width: float = LABEL_WIDTH
) -> tuple[Column, ...]:
    """The label column and one column per group with its N, and the total.

    Where the analysis had nothing to count there is no N to show.
    """
    labels = [level.label for level in params.treatment.levels] + [params.treatment.total]
    columns = [Column(first, align="left", width=label_width)]
    for level, label in zip(group_levels(params), labels, strict=True):
        n = sizes.value("N", level, *where)
        columns.append(Column(label if n is None else f"{label}\n(N={fmt_count(n)})"))
    return tuple(columns)


def count_cells(params: Params, found: Lookup, *levels: Level) -> Iterable[str]:
    """`n (%)` of each group at the given levels."""
    for group in group_levels(params):
        yield fmt_n_percent(
            found.value("n", group, *levels),
            found.value("pct", group, *levels),
            params.conventions.percent_decimals,
        )


def count_line(params: Params, found: Lookup, label: str, *levels: Level, indent: int = 0) -> Line:
    """One line of counts and percentages."""
    return Line((label, *count_cells(params, found, *levels)), indent=indent)


def heading_line(label: str, columns: tuple[Column, ...], indent: int = 0) -> Line:
    """A line that only names what the lines below it are."""
    return Line((label, *[""] * (len(columns) - 1)), indent=indent, heading=True)


def table_of(columns: tuple[Column, ...], frame: pd.DataFrame) -> Table:
    """A frame about the build as a table: a line per row, its values as they stand."""
    rows = frame.itertuples(index=False)
    return Table(columns, tuple(Line(tuple(str(value) for value in row)) for row in rows))


def as_words(code: str) -> str:
    """`BLACK OR AFRICAN AMERICAN` → `Black or African American`: a code as a reader's words."""
    if code != code.upper() or not any(c.isalpha() for c in code):
        return code
    text = code.capitalize()
    for word in ("african american", "american indian", "alaska native", "native hawaiian"):
        text = text.replace(word, word.title()).replace(word.capitalize(), word.title())
    text = text.replace("pacific islander", "Pacific Islander")
    return text.replace("ispanic or latino", "ispanic or Latino").replace("t hisp", "t Hisp")
