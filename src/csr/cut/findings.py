"""What a cut tells people: counts and keys, never a value from after the cut-off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from csr.cut.dates import Mask, latest
from csr.cut.domains import Domain, Kept
from csr.errors import Finding, Severity


def finding(
    kept: Kept, variable: str, check: str, where: Mask, severity: Severity, what: str
) -> Finding:
    """One finding about some kept records, with their keys and rows.

    Rows are those of the source; of a dataset whose records tell of deaths those of the cut, since
    the numbers would show where a record went.
    """
    rows = np.arange(len(kept.rows)) if kept.domain.tells_deaths else kept.rows
    column = kept.domain.column(variable) if variable else ""
    count = int(np.count_nonzero(where))
    return Finding(
        severity,
        kept.domain.name.upper(),
        column,
        f"cut-{check}",
        f"{count} record{'s' if count != 1 else ''}: {what}.",
        rows=tuple((rows[where] + 1).tolist()),
        keys=_keys(kept, where),
    )


def restricted(kept: Kept, variable: str, check: str, where: Mask, what: str) -> Finding:
    """A warning about records that tell of a death after the cut-off: restricted."""
    return replace(finding(kept, variable, check, where, "warning", what), restricted=True)


def _keys(kept: Kept, where: Mask) -> tuple[str, ...]:
    names = [c for c in ("USUBJID", kept.domain.column("--SEQ")) if c in kept.frame.columns]
    columns = [kept.text(name)[where] for name in names]
    return tuple(
        ", ".join(f"{name}={value}" for name, value in zip(names, row, strict=True))
        for row in zip(*columns, strict=True)
    )


def note_undated(
    domains: Mapping[str, Domain], kept: Mapping[str, Kept], deaths: pd.Series
) -> list[Finding]:
    """What could not be judged by its date: whole datasets, records, ends, deaths and values.

    `deaths` is USUBJID → day of death.
    """
    notes: list[Finding] = []
    for name, part in kept.items():
        notes += _undatable(domains[name], part)
        notes += _spread_dates(part)
        notes += _values_without_a_date(part)
        if part.domain.rule.kind == "subject":
            notes += _undated_deaths(part, deaths)
    return notes


def _undated_deaths(dm: Kept, deaths: pd.Series) -> list[Finding]:
    known = dm.of_subjects(frozenset(deaths.index))
    undated = (dm.text("DTHFL") == "Y") & ~known
    if not undated.any():
        return []
    what = (
        "a death without a date in DM, DS, SS, DD or AE, which may be after the cut-off; it stays"
    )
    return [finding(dm, "DTHFL", "undated-death", undated, "warning", what)]


def _undatable(domain: Domain, kept: Kept) -> list[Finding]:
    variables = [domain.column(v) for step in domain.rule.steps() for v in step if v != "death"]
    if domain.rule.kind == "dated" and not any(v in domain.frame.columns for v in variables):
        what = f"the dataset has none of {', '.join(variables)}, so that all its records stay"
        return [finding(kept, "", "no-date-variable", kept.frame.index >= 0, "warning", what)]
    undatable = domain.undatable[kept.rows]
    if not undatable.any():
        return []
    what = "without a date (or a record to go with), so that no cut-off takes them out; they stay"
    return [finding(kept, "", "undatable", undatable, "note", what)]


def _spread_dates(kept: Kept) -> list[Finding]:
    """Partial ends and deaths whose latest possible day is after the cut-off."""
    notes = []
    for variable in ("--ENDTC", "DTHDTC"):
        column = kept.domain.column(variable)
        if column not in kept.frame.columns:
            continue
        spread = latest(kept.frame[column]) > kept.limit
        if spread.any():
            what = (
                "a partial date that may lie after the cut-off; its earliest day counts, it stays"
            )
            notes.append(finding(kept, column, "partial-end", spread, "note", what))
    return notes


def _values_without_a_date(kept: Kept) -> list[Finding]:
    """Values of records not yet over that may have been another on the cut-off."""
    notes = []
    ended = kept.days("--ENDTC") > 0
    for column in kept.domain.rule.undated:
        there = (kept.text(column) != "") & ~ended
        if there.any():
            what = "a value without a date of its own, which may have changed since; left as it is"
            notes.append(finding(kept, column, "undated-value", there, "note", what))
    if kept.domain.code == "SUPP":
        derived = np.char.upper(kept.text("QORIG").astype(str)) == "DERIVED"
        if derived.any():
            what = "a derived supplemental value, which may rest on later data; left as it is"
            notes.append(finding(kept, "QVAL", "undated-value", derived, "note", what))
    return notes
