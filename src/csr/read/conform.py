"""The columns of a dataset, turned into the kinds its specification declares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from csr.errors import Finding, Severity
from csr.read.dates import is_iso8601, parse_dates
from csr.read.marking import Place, mark, value_text
from csr.read.spec import Column, DatasetSpec, Standard

MESSAGES = {
    "not-a-number": "{records} not a number",
    "not-whole": "{records} not a whole number",
    "not-a-date": "{records} not a date; allowed are YYYY-MM-DD and SAS dates of 1677 to 2262",
    "not-exact": "{records} above 2^53 that this format does not hold exactly; deliver text",
    "missing-word": "{records} '.' or NA in a column of numbers or dates, taken as missing",
    "not-iso8601": "{records} no ISO 8601 date, such as 2014-03-01, 2014-03 or 2014---12",
}
Mask = np.ndarray[Any, Any]
MISSING_WORDS = frozenset({".", "NA"})
# Whole numbers up to it are exact as float64.
EXACT = 2**53


@dataclass(frozen=True)
class Misfit:
    """Rows of a column that could not be turned into its kind."""

    column: str
    check: str
    severity: Severity
    rows: Mask
    values: pd.Series


def conform(
    frame: pd.DataFrame, standard: Standard, spec: DatasetSpec
) -> tuple[pd.DataFrame, list[Finding]]:
    """The dataset with every declared column in its kind, and what could not be turned.

    Text is str with "" where missing (numbers lose a trailing .0), numbers float64, dates
    datetime64[ns] at midnight; --DTC stays text. A declared date that is not there is taken from
    its datetime (TRTSDT from TRTSDTM, ADT from ADTM). Columns nothing declares keep their values. A
    value that does not fit becomes missing and is an error; in a column declared by its name's
    pattern only, the column stays as it is and it is a warning. Row order and labels are kept.
    """
    columns: dict[str, pd.Series] = {}
    misfits: list[Misfit] = []
    plain = frame.reset_index(drop=True)
    for name in plain.columns:
        declared = standard.column(spec, name)
        if declared is None:
            sdtm = standard.name == "sdtm"
            columns[name] = _undeclared(plain[name], dates_as_text=sdtm)
            continue
        columns[name], misfit = _typed(plain[name], name, declared)
        misfits += misfit
    done = pd.DataFrame(_with_dates(columns, standard, spec), index=plain.index)
    done.attrs = dict(frame.attrs)
    at = Place(done, spec.name, spec.key)
    findings: list[Finding] = []
    for m in misfits:
        says = MESSAGES[m.check]
        findings += mark(at, m.rows, m.severity, m.column, m.check, says, values=m.values)
    return done, findings


def _with_dates(
    columns: dict[str, pd.Series], standard: Standard, spec: DatasetSpec
) -> dict[str, pd.Series]:
    declared = {**standard.common, **spec.columns}
    dates = [c.name for c in declared.values() if c.kind == "date"]
    from_times = {
        date: columns[f"{date}M"].dt.normalize()
        for date in dates
        if date not in columns and f"{date}M" in columns
    }
    return columns | from_times


def _typed(values: pd.Series, name: str, declared: Column) -> tuple[pd.Series, list[Misfit]]:
    given = values
    values, words = _without_words(values, declared)
    typed, check, rows = _as_kind(values, declared)
    noted = [Misfit(name, "missing-word", "note", words, given)] if words.any() else []
    if not rows.any():
        return typed, noted
    misfit = Misfit(name, check, declared.severity, rows, values)
    return (_undeclared(values) if declared.lenient else typed), [*noted, misfit]


def _without_words(values: pd.Series, declared: Column) -> tuple[pd.Series, Mask]:
    """The values without what programs write for a missing number or date, and where that was."""
    nowhere = np.zeros(len(values), dtype=bool)
    if values.dtype != object or declared.kind not in ("number", "integer", "date", "datetime"):
        return values, nowhere
    words = values.isin([v for v in values.unique() if str(v).strip() in MISSING_WORDS]).to_numpy()
    return (values.where(~words, ""), words) if words.any() else (values, nowhere)


def _as_kind(values: pd.Series, declared: Column) -> tuple[pd.Series, str, Mask]:
    nothing = np.zeros(len(values), dtype=bool)
    if declared.kind in ("date", "datetime"):
        dates, bad = parse_dates(values, time=declared.kind == "datetime")
        return dates, "not-a-date", bad
    if declared.kind in ("number", "integer"):
        numbers, bad = _numbers(values)
        if declared.kind == "integer" and not bad.any():
            return numbers, "not-whole", ((numbers % 1) > 0).to_numpy()
        return numbers, "not-a-number", bad
    text = as_text(values)
    if pd.api.types.is_float_dtype(values):
        return text, "not-exact", (values.abs() > EXACT).to_numpy()
    if declared.kind == "iso8601":
        wrong = {v for v in text.unique() if v and not is_iso8601(v)}
        return text, "not-iso8601", text.isin(wrong).to_numpy()
    return text, "", nothing


def _numbers(values: pd.Series) -> tuple[pd.Series, Mask]:
    """Numbers, also those given as text ("12.5", "-3", "1e-4"); infinities are none."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return pd.Series(np.nan, index=values.index), values.notna().to_numpy()
    if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
        numbers = values.astype(float)
        given = numbers.notna()
    else:
        text = as_text(values)
        given = text != ""
        plain = text.str.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
        numbers = pd.to_numeric(text.where(plain, "nan"), errors="coerce").astype(float)
    numbers = numbers.where(np.isfinite(numbers))
    return numbers, (given & numbers.isna()).to_numpy()


def as_text(values: pd.Series) -> pd.Series:
    """Text as written, "" where missing or nothing but blanks; numbers and dates in ISO form."""
    codes, distinct = pd.factorize(values)
    texts = np.array([_one_text(v) for v in distinct] + [""], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype=object)


def _one_text(value: Any) -> str:
    if isinstance(value, str):
        return value if value.strip() else ""
    if isinstance(value, bool | np.bool_):
        return str(value).lower()
    if isinstance(value, int | float | np.number):
        number = float(value)
        whole = number.is_integer() and abs(number) <= EXACT
        return f"{number:.0f}" if whole else f"{number:.15g}"
    return value_text(pd.Timestamp(value)) if hasattr(value, "isoformat") else str(value)


def _undeclared(values: pd.Series, *, dates_as_text: bool = False) -> pd.Series:
    """Text, float64 or datetime64[ns], whatever the frame came from.

    `dates_as_text`: dates as ISO text, as SDTM has them all, so that the data cut sees them.
    """
    kind = pd.api.types.infer_dtype(values, skipna=True)
    if kind in ("date", "datetime", "datetime64") and not dates_as_text:
        dates, bad = parse_dates(values, time=True)
        return as_text(values) if bad.any() else dates
    if kind in ("floating", "integer", "mixed-integer-float", "decimal"):
        return values.astype(float)
    return as_text(values)
