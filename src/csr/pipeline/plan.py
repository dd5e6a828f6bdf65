"""What a build will hold: planned once from params and columns, written, read by every chapter."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from csr.compare.since import COLUMNS as CHANGED_COLUMNS
from csr.derive.decisions import COLUMNS as DECISION_COLUMNS
from csr.displays.catalogue import Plan, Planned, all_displays, columns_of, plan_report
from csr.errors import Finding, Severity
from csr.params import Params
from csr.pipeline.provenance import findings_frame, sources_frame, versions_frame
from csr.results import Adam

PLAN = "plan.json"
LEFT_OUT_COLUMNS = ("display", "why")
MAP_IT = "Map it under data.datasets in params, or do without."


def plan_build(params: Params, adam: Adam, accounts: Adam) -> Plan:
    """The plan of the report of a cut: from ADaM, and the frames a build has about itself.

    Raises ParamsError where params name a display that does not exist.
    """
    own: dict[str, Iterable[str]] = {
        **columns_of(accounts),
        "findings": findings_frame(()).columns,
        "decisions": DECISION_COLUMNS,
        "sources": sources_frame(()).columns,
        "versions": versions_frame("", "").columns,
        "left_out": LEFT_OUT_COLUMNS,
    }
    if params.cut.since is not None:
        own["changed_since"] = CHANGED_COLUMNS
    return plan_report(
        params, {**columns_of(adam), **{name: frozenset(c) for name, c in own.items()}}
    )


def find_lacking(plan: Plan, *, delivered: bool) -> list[Finding]:
    """A finding for each column for want of which displays are left out, or say less.

    Of ADaM that csr derives only the former: what it can do without is in the plan.
    """
    left_out: dict[str, list[str]] = {}
    for name, columns in plan.lacking.items():
        for column in columns:
            left_out.setdefault(column, []).append(name)
    reduced: dict[tuple[str, str], list[str]] = {}
    for planned in plan.displays:
        for column, consequence in planned.without:
            reduced.setdefault((column, consequence), []).append(planned.display.name)
    action = MAP_IT if delivered else "The source lacks what it is derived from."
    needed = [
        _lacking("warning", c, f"without it these displays are left out: {_named(names)}", action)
        for c, names in sorted(left_out.items())
    ]
    if not delivered:
        return needed
    return needed + [
        _lacking("note", column, f"without it, {consequence} ({_named(names)})", action)
        for (column, consequence), names in sorted(reduced.items())
    ]


def _named(names: list[str]) -> str:
    return ", ".join(dict.fromkeys(names))


def _lacking(severity: Severity, where: str, message: str, action: str) -> Finding:
    dataset, _, column = where.partition(".")
    return Finding(severity, dataset, column, "missing-for-displays", message, action)


def left_out_frame(plan: Plan) -> pd.DataFrame:
    """The displays that are not in the report, and why."""
    return pd.DataFrame(sorted(plan.left_out.items()), columns=list(LEFT_OUT_COLUMNS))


def write_plan(build: Path, plan: Plan) -> None:
    """Writes `meta/plan.json`: each display with number, analyses and what it does without."""
    displays = [
        {
            "display": p.display.name,
            "number": p.number,
            "kind": p.display.kind,
            "section": p.display.section,
            "analyses": [a.name for a in p.display.analyses],
            "without": [{"column": c, "consequence": text} for c, text in p.without],
        }
        for p in plan.displays
    ]
    text = json.dumps(
        {"displays": displays, "left_out": dict(sorted(plan.left_out.items()))},
        indent=1,
        ensure_ascii=False,
    )
    (build / "meta" / PLAN).write_text(text + "\n", encoding="utf-8")


def read_plan(build: Path, params: Params) -> Plan:
    """The plan of a build under way, as its first stage made it."""
    tree = json.loads((build / "meta" / PLAN).read_text(encoding="utf-8"))
    displays = {d.name: d for d in all_displays(params)}
    planned = (
        Planned(
            displays[p["display"]],
            p["number"],
            tuple((w["column"], w["consequence"]) for w in p["without"]),
        )
        for p in tree["displays"]
    )
    return Plan(tuple(planned), tree["left_out"])
