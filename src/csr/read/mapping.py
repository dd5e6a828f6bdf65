"""Sponsor's names and codes → CDISC's, as the params declare them, before anything is checked."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

import pandas as pd

from csr.errors import DataError, Finding
from csr.read.conform import as_text
from csr.read.problem import repeated


def map_source(
    frame: pd.DataFrame,
    columns: Mapping[str, str],
    codelists: Mapping[str, Mapping[str, str]],
) -> pd.DataFrame:
    """The dataset with column names in upper case and the declared names and codes put in.

    `columns` is {CDISC name: name in the file}, names in the file in any case; `codelists` is
    {CDISC column: {value in the file: value of the codelist}}, values exactly as written (numbers
    without a trailing .0). A mapped column becomes text; values not named there stay. Labels in
    `attrs` follow the names.

    Raises DataError, with one finding (dataset "") each, for names that differ only by case, a
    declared column that is not in the file, one that would overwrite another, and a codelist for a
    column that is not there.
    """
    upper = {c: str(c).upper() for c in frame.columns}
    problems = _same_names(upper) + _wrong_columns(columns, list(upper.values()))
    if problems:
        raise _problem(problems)
    names = {source.upper(): cdisc for cdisc, source in columns.items()}
    renamed = {c: names.get(u, u) for c, u in upper.items()}
    absent = [c for c in codelists if c not in renamed.values()]
    if absent:
        raise _problem([_absent(c, list(renamed.values())) for c in absent])
    mapped = frame.rename(columns=renamed)
    for column, codes in codelists.items():
        mapped[column] = as_text(mapped[column]).map(lambda v, codes=codes: codes.get(v, v))
    labels = frame.attrs.get("labels", {})
    mapped.attrs = frame.attrs | {"labels": {renamed[c]: labels.get(c, "") for c in renamed}}
    return mapped


def add_constants(frame: pd.DataFrame, constants: Mapping[str, str | float]) -> pd.DataFrame:
    """The dataset with the declared columns that hold one value throughout.

    Raises DataError for a column the dataset has: nothing of the source is overwritten.
    """
    action = "Correct constants of the dataset in params."
    twice = [
        Finding("error", "", column, "column-twice", f"the file has {column} already", action)
        for column in constants
        if column in frame
    ]
    if twice:
        raise _problem(twice)
    full = frame.assign(**dict(constants))
    full.attrs = dict(frame.attrs)
    return full


def _problem(findings: list[Finding]) -> DataError:
    text = "; ".join(f"{f.column}: {f.message}" for f in findings)
    return DataError(text, tuple(findings))


def _same_names(upper: Mapping[str, str]) -> list[Finding]:
    return [
        Finding("error", "", name, "column-twice", "two columns differ only in case", "Rename one.")
        for name in repeated(upper.values())
    ]


def _wrong_columns(columns: Mapping[str, str], there: list[str]) -> list[Finding]:
    sources = {source.upper() for source in columns.values()}
    problems = []
    for cdisc, source in columns.items():
        if source.upper() not in there:
            problems.append(_absent(source.upper(), there))
        elif cdisc in there and cdisc not in sources:
            message = f"the file has {cdisc} already, so {source} can't take its name"
            action = "Correct columns of the dataset in params."
            problems.append(Finding("error", "", cdisc, "column-twice", message, action))
    return problems


def _absent(name: str, there: list[str]) -> Finding:
    near = difflib.get_close_matches(name, there, n=1)
    hint = f"; the nearest there is {near[0]}" if near else ""
    message = f"params name this column, but the file does not have it{hint}"
    action = "Correct columns or codelists of the dataset in params."
    return Finding("error", "", name, "column-absent", message, action)
