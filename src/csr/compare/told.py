"""A diff as text for the terminal (counts only, never a subject) and as JSON (with subjects)."""

from __future__ import annotations

import json
import math
from typing import Any

import pandas as pd

from csr.compare.causes import CAUSES
from csr.compare.difference import Diff
from csr.params import Params
from csr.rounding import fmt_number

ABSENT = "–"


def fmt_value(value: float, present: bool) -> str:
    """A value as a reader compares it: whole numbers whole, others with up to four decimals."""
    if not present:
        return ABSENT
    if math.isnan(value) or value == int(value):
        return fmt_number(value, 0)
    for decimals in (2, 3, 4):
        if abs(value) >= 10.0 ** (2 - decimals):
            return fmt_number(value, decimals)
    return fmt_number(value, 6)


def fmt_causes(causes: tuple[str, ...]) -> str:
    """`new data and corrected data`."""
    return " and ".join(causes)


def name_of(params: Params) -> str:
    """`SIM-CLDN18/interim, cut-off 2022-03-13`."""
    return f"{params.study.id}/{params.cut.id}, cut-off {params.cut.cutoff}"


def count_causes(diff: Diff) -> pd.DataFrame:
    """Per analysis how many numbers changed, and by which causes; points of curves count too."""
    causes = diff.numbers["causes"].map(fmt_causes)
    table = pd.crosstab(diff.numbers["analysis"], causes)
    order = sorted(
        table.columns, key=lambda c: (c.count(" and "), CAUSES.index(c.split(" and ")[0]))
    )
    table = table[order]
    table.insert(0, "changed", table.sum(axis=1))
    return table.rename_axis(columns=None).reset_index()


def write_text(diff: Diff) -> str:
    """The summary: what differs in params, records and numbers, and why."""
    lines = [f"old  {name_of(diff.old)}", f"new  {name_of(diff.new)}"]
    for key, (old, new) in diff.params.items():
        lines.append(f"params  {key}: {old} → {new}")
    lines += [f"note  {note}" for note in diff.notes]
    moved = diff.records.drop(columns=["dataset", "before", "now"]).sum(axis=1) > 0
    if moved.any():
        lines += ["", diff.records[moved].to_string(index=False)]
    if diff.numbers.empty:
        return "\n".join([*lines, "", f"None of {diff.compared} numbers differs."])
    curves = int(diff.numbers["curve"].sum())
    of_curves = f" ({curves} are points of curves)" if curves else ""
    lines += ["", f"{len(diff.numbers)} of {diff.compared} numbers differ{of_curves}:"]
    return "\n".join([*lines, count_causes(diff).to_string(index=False)])


def write_json(diff: Diff) -> str:
    """Everything, with the subjects of each changed number; values unrounded, null where NE."""
    content = {
        "old": _build(diff.old),
        "new": _build(diff.new),
        "params": {key: list(values) for key, values in diff.params.items()},
        "notes": list(diff.notes),
        "compared": diff.compared,
        "records": diff.records.to_dict("records"),
        "corrections": diff.corrections.to_dict("records"),
        "numbers": [_number(line) for line in diff.numbers.to_dict("records")],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _build(params: Params) -> dict[str, str]:
    cut = params.cut
    return {"study": params.study.id, "cut": cut.id, "cutoff": str(cut.cutoff)}


def _number(line: dict[Any, Any]) -> dict[str, Any]:
    kept = ("result", "analysis", "unit", "in_old", "in_new")
    values = {side: None if math.isnan(line[side]) else line[side] for side in ("old", "new")}
    lists = {name: list(line[name]) for name in ("causes", "subjects")}
    return {**{name: line[name] for name in kept}, **values, **lists}
