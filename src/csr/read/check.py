"""All datasets of a transfer against what they must hold: every finding at once."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence

import pandas as pd

from csr.errors import Finding, Severity, sort_findings
from csr.read.conform import conform
from csr.read.marking import Place, mark
from csr.read.rules import (
    check_between_columns,
    check_columns,
    check_key,
    check_missing_columns,
)
from csr.read.spec import Codelist, DatasetSpec, Standard, StandardName, read_standard

RELATIONSHIP = ("adae", "AEREL")
# Datasets whose records are of several domains.
RELATIONS = frozenset({"relrec", "relspec", "relsub", "co"})


def check_datasets(
    frames: Mapping[str, pd.DataFrame],
    *,
    standard: StandardName = "adam",
    cutoff: dt.date | None = None,
    relationships: Sequence[str] = (),
    needed: Mapping[str, Sequence[str]] | None = None,
) -> tuple[dict[str, pd.DataFrame], list[Finding]]:
    """The datasets with every declared column in its kind, and everything that is wrong with them.

    `frames` by lower-case dataset name; one that csr declares nothing for is checked for its
    subjects and its text. `relationships` are the values AEREL may hold (any, where empty);
    another is a warning, for it counts as related.
    `needed` names, by dataset, further columns a report can't do without (the treatment columns and
    population flags of the params). `cutoff` is the last day of the data cut; later dates are a
    warning in ADaM and a note in SDTM, which is cut afterwards. Nothing raises: errors are findings
    with severity "error", sorted first, with 1-based rows of the source and natural keys.
    """
    rules = read_standard(standard)
    asked = needed or {}
    done: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = []
    for name, frame in frames.items():
        spec = _with_relationships(rules.spec(name), relationships)
        spec = dataclasses.replace(spec, name=name)
        done[name], found = conform(frame, rules, spec)
        findings += found
        findings += check_missing_columns(done[name], rules, spec, tuple(asked.get(name, ())))
        findings += _check_dataset(done[name], rules, spec, cutoff)
    findings += _check_subjects(done, rules) + _check_studies(done, rules)
    findings += _check_domains(done, rules)
    return done, sort_findings(findings)


def _with_relationships(spec: DatasetSpec, relationships: Sequence[str]) -> DatasetSpec:
    dataset, column = RELATIONSHIP
    if spec.name != dataset or not relationships:
        return spec
    codelist = Codelist("relationship of params", tuple(relationships), strict=False)
    narrowed = dataclasses.replace(spec.columns[column], codelist=codelist)
    return dataclasses.replace(spec, columns={**spec.columns, column: narrowed})


def _check_dataset(
    frame: pd.DataFrame, rules: Standard, spec: DatasetSpec, cutoff: dt.date | None
) -> list[Finding]:
    late: Severity = "warning" if rules.name == "adam" else "note"
    return [
        *check_columns(frame, rules, spec),
        *check_key(frame, spec),
        *check_between_columns(frame, spec, cutoff, late),
    ]


def _check_subjects(frames: Mapping[str, pd.DataFrame], rules: Standard) -> list[Finding]:
    """Subjects that the dataset of subjects does not have (error)."""
    everyone = frames.get(rules.subjects)
    if everyone is None:
        name, action = rules.subjects.upper(), "Add it under data.datasets in params."
        return [Finding("error", name, "", "missing-dataset", "the dataset is missing", action)]
    if "USUBJID" not in everyone:
        return []
    known = set(everyone["USUBJID"])
    findings: list[Finding] = []
    for name, frame in frames.items():
        if "USUBJID" not in frame:
            continue
        stranger = (frame["USUBJID"] != "") & ~frame["USUBJID"].isin(known)
        message = f"{{records}} of subjects that are not in {rules.subjects.upper()}"
        at = Place(frame, name, rules.spec(name).key)
        findings += mark(at, stranger, "error", "USUBJID", "unknown-subject", message)
    return findings


def _check_domains(frames: Mapping[str, pd.DataFrame], rules: Standard) -> list[Finding]:
    """Files that hold another domain than the params say (error): DOMAIN, or RDOMAIN of SUPP--."""
    findings: list[Finding] = []
    for name, frame in frames.items():
        supplemental = name.startswith(("supp", "sq"))
        column = "RDOMAIN" if supplemental else "DOMAIN"
        if rules.name != "sdtm" or name in RELATIONS or column not in frame:
            continue
        # A domain may come in parts (qsph, suppqsph): its first two letters say which it is.
        meant = (name.removeprefix("supp").removeprefix("sq") if supplemental else name)[:2].upper()
        other = ~frame[column].str.upper().isin(["", meant])
        message = f"{{records}} of another domain than {meant}"
        action = "Name the file under its own domain in data.datasets of params."
        at = Place(frame, name, rules.spec(name).key)
        findings += mark(at, other, "error", column, "other-domain", message, action)
    return findings


def _check_studies(frames: Mapping[str, pd.DataFrame], rules: Standard) -> list[Finding]:
    """Records of another study than most subjects are of (warning)."""
    source = frames.get(rules.subjects)
    with_study = [f for f in (source, *frames.values()) if f is not None and "STUDYID" in f]
    given = [f.loc[f["STUDYID"] != "", "STUDYID"] for f in with_study]
    study = next((ids.mode().iloc[0] for ids in given if len(ids)), "")
    message = f"{{records}} of another study than '{study}'"
    action = "Check that the transfer is of one study."
    findings: list[Finding] = []
    for name, frame in frames.items():
        if "STUDYID" in frame:
            other = ~frame["STUDYID"].isin(["", study])
            at = Place(frame, name, rules.spec(name).key)
            findings += mark(at, other, "warning", "STUDYID", "other-study", message, action)
    return findings
