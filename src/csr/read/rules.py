"""What must hold in one dataset, beyond the kind of each column. Each rule gives findings."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from csr.errors import Finding, Severity
from csr.read.marking import CONTROL, Place, mark
from csr.read.spec import Column, DatasetSpec, Standard

LONGEST_TEXT = 1000


def check_missing_columns(
    frame: pd.DataFrame, standard: Standard, spec: DatasetSpec, needed: tuple[str, ...]
) -> list[Finding]:
    """Columns the dataset can't be used without (error)."""
    action = f"Add it, or name it under data.datasets.{spec.name}.columns in params."
    names = dict.fromkeys([*standard.required(spec), *needed])
    return [
        Finding("error", spec.name.upper(), name, "missing-column", "the column is missing", action)
        for name in names
        if name not in frame
    ]


def check_columns(frame: pd.DataFrame, standard: Standard, spec: DatasetSpec) -> list[Finding]:
    """Missing values, codes, blanks around text, and least possible numbers of every column."""
    at = Place(frame, spec.name, spec.key)
    findings: list[Finding] = []
    for name in frame.columns:
        declared = standard.column(spec, name)
        if declared is not None:
            findings += _check_missing(at, declared)
            findings += _check_codes(at, declared)
            findings += _check_blanks(at, declared)
            findings += _check_minimum(at, declared)
        findings += _check_text(at, name)
    return findings


def _blank(values: pd.Series) -> pd.Series:
    return values == "" if values.dtype == object else values.isna()


def _check_missing(at: Place, declared: Column) -> list[Finding]:
    if declared.missing == "allowed":
        return []
    blank, name = _blank(at.frame[declared.name]), declared.name
    return mark(at, blank, declared.missing, name, "missing-value", "{records} without a value")


def _check_codes(at: Place, declared: Column) -> list[Finding]:
    """Other codes, and codes written in another case or with blanks around them."""
    codelist, name = declared.codelist, declared.name
    values = at.frame[name]
    if codelist is None or values.dtype != object:
        return []
    near = {code.casefold(): code for code in codelist.values}
    wrong = (values != "") & ~values.isin(codelist.values)
    if declared.by in at.frame:
        wrong &= _coded_levels(at.frame, declared, near)
    alike = values.str.strip().str.casefold().isin(near)
    severity: Severity = "warning" if declared.lenient else codelist.severity
    meant = {v: near[v.strip().casefold()] for v in values[wrong & alike].unique()}
    pairs = ", ".join(f"'{v[:40]}' for '{code}'" for v, code in sorted(meant.items())[:5])
    action = (
        f"Correct the source, or map them under data.datasets.{at.dataset}.codelists in params."
    )
    outside = f"{{records}} outside {', '.join(codelist.values)}"
    form = f"{{records}} with a code in other case or with blanks ({pairs})"
    return [
        *mark(at, wrong & ~alike, severity, name, "code", outside, action),
        *mark(at, wrong & alike, severity, name, "code-form", form, action),
    ]


def _coded_levels(frame: pd.DataFrame, declared: Column, near: dict[str, str]) -> pd.Series:
    """Rows of the levels (PARAMCD) in which any value is of the codelist."""
    of_codelist = frame[declared.name].str.strip().str.casefold().isin(near)
    return frame[declared.by].isin(frame.loc[of_codelist, declared.by].unique())


def _check_blanks(at: Place, declared: Column) -> list[Finding]:
    values = at.frame[declared.name]
    if values.dtype != object or declared.codelist is not None or declared.padded:
        return []
    around = values.isin([v for v in values.unique() if v != v.strip()])
    # There they would split a subject or a line of a table in two.
    splits = declared.required or declared.lines or declared.name in at.key
    severity: Severity = "error" if splits else "warning"
    message = "{records} with blanks around the text"
    return mark(at, around, severity, declared.name, "blanks", message)


def _check_minimum(at: Place, declared: Column) -> list[Finding]:
    if declared.minimum is None:
        return []
    below, message = at.frame[declared.name] < declared.minimum, f"{declared.minimum:g}"
    return mark(at, below, "error", declared.name, "below-minimum", f"{{records}} below {message}")


def _check_text(at: Place, name: str) -> list[Finding]:
    values = at.frame[name]
    if values.dtype != object:
        return []
    distinct = values.unique()
    odd = values.isin([v for v in distinct if not v.isprintable() and CONTROL.search(v)])
    long = values.isin([v for v in distinct if len(v) > LONGEST_TEXT])
    odd_message = "{records} with control characters or line breaks"
    long_message = f"{{records}} with text of more than {LONGEST_TEXT:,} characters"
    return [
        *mark(at, odd, "warning", name, "control-characters", odd_message),
        *mark(at, long, "warning", name, "long-text", long_message),
    ]


def check_key(frame: pd.DataFrame, spec: DatasetSpec) -> list[Finding]:
    """Records that share their natural key with another (error)."""
    key = tuple(c for c in spec.key if c in frame)
    absent = [c for c in spec.key if c not in frame]
    if not key or any(c == "USUBJID" or spec.columns.get(c, Column(c)).required for c in absent):
        return []
    shared = frame.duplicated(list(key), keep=False) & ~_blank(frame[key[0]])
    message = f"{{records}} share their key ({', '.join(key)}) with another"
    return mark(Place(frame, spec.name, key), shared, "error", "", "duplicate-key", message)


def check_between_columns(
    frame: pd.DataFrame, spec: DatasetSpec, cutoff: dt.date | None, severity: Severity
) -> list[Finding]:
    """End before start, dates after the cut-off, values another value asks for, mixed units."""
    at = Place(frame, spec.name, spec.key)
    findings: list[Finding] = []
    for start, end in spec.order:
        if start in frame and end in frame:
            findings += _check_order(at, start, end)
    for column in spec.cutoff:
        if cutoff is not None and column in frame:
            findings += _check_cutoff(at, column, cutoff, severity)
    return findings + _check_needs(at, spec) + _check_units(at, spec)


def _check_order(at: Place, start: str, end: str) -> list[Finding]:
    first, last = at.frame[start], at.frame[end]
    if first.dtype == object:
        before = np.array([_is_after(a, b) for a, b in zip(first, last, strict=True)], dtype=bool)
    else:
        before = (last < first).to_numpy()
    return mark(at, before, "warning", end, "end-before-start", f"{{records}} before {start}")


def _is_after(first: str, last: str) -> bool:
    """Whether one --DTC is after another, as far as both are known."""
    known = min(len(first), len(last), len("2014-03-01"))
    years = first[:4].isdigit() and last[:4].isdigit()
    return known >= 4 and years and "--" not in first + last and first[:known] > last[:known]


def _check_cutoff(at: Place, column: str, cutoff: dt.date, severity: Severity) -> list[Finding]:
    values, last = at.frame[column], cutoff.isoformat()
    if values.dtype == object:
        late = values.isin([v for v in values.unique() if _is_after(v, last)])
    else:
        late = values.dt.normalize() > pd.Timestamp(cutoff)
    message, action = f"{{records}} after the data cut-off {last}", "Cut the data at the cut-off."
    return mark(at, late, severity, column, "after-cutoff", message, action)


def _check_needs(at: Place, spec: DatasetSpec) -> list[Finding]:
    findings: list[Finding] = []
    for need in spec.needs:
        if need.when not in at.frame or not set(need.columns) & set(at.frame):
            continue
        lacking = at.frame[need.when] == need.value
        for column in need.columns:
            lacking &= _blank(at.frame[column]) if column in at.frame else True
        message = f"{{records}} with {need.when} = {need.value} and no {' or '.join(need.columns)}"
        findings += mark(at, lacking, "warning", need.columns[0], "needed-value", message)
    return findings


def _check_units(at: Place, spec: DatasetSpec) -> list[Finding]:
    findings: list[Finding] = []
    for unit, by in spec.units:
        if unit not in at.frame or by not in at.frame:
            continue
        given = at.frame[unit] != ""
        kinds = at.frame[given].groupby(by)[unit].nunique()
        mixed = given & at.frame[by].isin(kinds[kinds > 1].index)
        message = f"{{records}} of a {by} that has more than one unit"
        findings += mark(at, mixed, "warning", unit, "mixed-units", message)
    return findings
