"""Reads the decisions file: what people adjudicated, one line a decision.

A CSV beside the params file with the columns subject, item, value, reason, who, date. Every line
must say why, who and when; a line that does not stops the run.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from csr.errors import ParamsError

COLUMNS = ("subject", "item", "value", "reason", "who", "date")


@dataclass(frozen=True)
class Decision:
    """One adjudicated value: of which subject, which item, why, by whom, on which day."""

    subject: str
    item: str
    value: str
    reason: str
    who: str
    date: dt.date


def read_decisions(path: Path) -> tuple[Decision, ...]:
    """The decisions in the order of the file; a subject and item may be decided once.

    Raises ParamsError naming every line that is not complete, not dated or said twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as sheet:
            lines = list(csv.DictReader(sheet))
    except (OSError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: the decisions file can't be read: {error}") from None
    missing = [c for c in COLUMNS if lines and c not in lines[0]]
    if missing:
        raise ParamsError(
            f"{path}: column(s) {', '.join(missing)} missing; needed are {', '.join(COLUMNS)}"
        )
    problems = [p for number, line in enumerate(lines, 2) for p in _problems(number, line)]
    seen = [(line["subject"], line["item"]) for line in lines]
    problems += [
        f"line {i + 2}: subject {s}, item {item} is decided twice"
        for i, (s, item) in enumerate(seen)
        if (s, item) in seen[:i]
    ]
    if problems:
        raise ParamsError("\n".join(f"{path}, {problem}" for problem in problems))
    return tuple(_decision(line) for line in lines)


def _problems(number: int, line: dict[str, str]) -> list[str]:
    found = [f"line {number}: '{c}' is blank" for c in COLUMNS if not (line.get(c) or "").strip()]
    if None in line:
        found.append(f"line {number}: more cells than columns; quote cells that hold commas")
    try:
        dt.date.fromisoformat((line.get("date") or "").strip())
    except ValueError:
        found.append(f"line {number}: '{line.get('date')}' is no date (YYYY-MM-DD)")
    return found


def _decision(line: dict[str, str]) -> Decision:
    cells = {c: line[c].strip() for c in COLUMNS}
    return Decision(
        cells["subject"],
        cells["item"],
        cells["value"],
        cells["reason"],
        cells["who"],
        dt.date.fromisoformat(cells["date"]),
    )
