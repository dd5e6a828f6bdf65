"""Params that name what the data do not hold: an error with the nearest that is there.

A word of params that selects nothing would give a table of zeros and no sign of a mistake. What may
simply not have happened yet (a dose not opened, nobody in long-term follow-up) is a warning.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import replace

import pandas as pd
from pydantic import BaseModel

from csr.errors import Finding, Severity
from csr.params import Params
from csr.params.groups import Population
from csr.params.parts import Records
from csr.params.time_to_event import AmongName

ACTION = "Correct the params, or map the values under data.datasets in them."
MOST_NAMED = 5
# Endpoints of some subjects only: there may be none of them yet.
OF_SOME: frozenset[AmongName] = frozenset({"responders", "disease-control"})


def find_absent_groups(adam: dict[str, pd.DataFrame], params: Params) -> list[Finding]:
    """Treated subjects in no declared level (error), and levels nobody is in (warning)."""
    adsl = adam.get("adsl")
    actual, safety = params.treatment.actual, params.population("safety").flag
    if adsl is None or actual not in adsl or (safety != "ALL" and safety not in adsl):
        return []
    treated = adsl if safety == "ALL" else adsl[adsl[safety] == "Y"]
    levels = list(params.treatment.values)
    strangers = treated.loc[~treated[actual].isin(levels), actual]
    findings = []
    if len(strangers):
        said = _listed(_with_nearest(value, levels) for value in sorted(strangers.unique()))
        message = f"{actual} of {len(strangers)} treated subject(s) is no level of params: {said}"
        rows = tuple(int(i) + 1 for i in strangers.index)
        keys = tuple(f"USUBJID={u}" for u in treated.loc[strangers.index, "USUBJID"])
        findings.append(
            Finding(
                "error", "ADSL", actual, "no-level", message, ACTION, rows, keys, tuple(strangers)
            )
        )
    if len(treated):
        empty = [level for level in levels if level not in set(treated[actual])]
        findings += [
            replace(
                _absent(
                    "warning", "ADSL", actual, "level-empty", f"nobody treated is in '{level}'"
                ),
                action="Correct the params, if it is not a level that is yet to be opened.",
            )
            for level in empty
        ]
    return findings


def find_absent_parameters(adam: dict[str, pd.DataFrame], params: Params) -> list[Finding]:
    """Endpoints whose PARAMCD no record has, and evaluators whose none is.

    For ADaM as delivered; what csr derives has the names it gives.
    """
    if params.protocol is not None:
        return []
    asked: list[tuple[str, str, str, Severity]] = []
    for name in ("bor", "bor_unconfirmed", "bor_other"):
        if (response := getattr(params.endpoints, name)) is not None:
            asked.append((name, "adrs", response.paramcd, "error"))
    for endpoint in params.endpoints.declared:
        if (named := params.endpoints.of(endpoint.name)) is not None:
            severity: Severity = "warning" if endpoint.who in OF_SOME else "error"
            asked.append((endpoint.name, "adtte", named.paramcd, severity))
    findings: list[Finding] = []
    for name, dataset, code, severity in asked:
        frame = adam.get(dataset)
        if frame is None or "PARAMCD" not in frame or not len(frame):
            continue
        there = sorted(set(frame["PARAMCD"]))
        if code in there:
            continue
        near = _nearest(code, there)
        says = f"endpoints.{name} names PARAMCD {code}, which no record has"
        hint = f"; the nearest is '{near}'" if near else f"; there are {_listed(there)}"
        level: Severity = "error" if near and near.casefold() == code.casefold() else severity
        findings.append(_absent(level, dataset.upper(), "PARAMCD", "parameter-absent", says + hint))
    return findings + _absent_evaluators(adam, params)


def _absent_evaluators(adam: dict[str, pd.DataFrame], params: Params) -> list[Finding]:
    adrs = adam.get("adrs")
    if adrs is None or "RSEVAL" not in adrs or not (adrs["RSEVAL"] != "").any():
        return []
    there = sorted({str(v).strip() for v in adrs["RSEVAL"]} - {""})
    known = {v.upper() for v in there} | (
        {"INVESTIGATOR"} if (adrs["RSEVAL"] == "").any() else set()
    )
    findings = []
    for name in ("bor", "bor_unconfirmed", "bor_other"):
        response = getattr(params.endpoints, name)
        if response is None or response.evaluator.strip().upper() in known:
            continue
        says = f"endpoints.{name} names the evaluator {_with_nearest(response.evaluator, there)}"
        message = f"{says}, whose responses are not there; there are {_listed(there)}"
        findings.append(_absent("error", "ADRS", "RSEVAL", "evaluator-absent", message))
    return findings


def find_blank_flags(adam: dict[str, pd.DataFrame], params: Params) -> list[Finding]:
    """Population flags and TRTEMFL that are blank in every record of delivered ADaM (error)."""
    if params.protocol is not None:
        return []
    asked: list[tuple[str, str, str]] = [
        ("adsl", population.flag, f"populations.{name}")
        for name, population in params.populations.items()
        if isinstance(population, Population) and population.flag != "ALL"
    ]
    asked.append(("adae", "TRTEMFL", "treatment emergence"))
    findings = []
    for dataset, column, what in asked:
        frame = adam.get(dataset)
        if frame is None or column not in frame or not len(frame):
            continue
        if (frame[column].astype(str).str.strip() == "").all():
            message = f"blank in every record, so that nobody is in {what}"
            findings.append(_absent("error", dataset.upper(), column, "flag-blank", message))
    return findings


def find_absent_records(sdtm: dict[str, pd.DataFrame], params: Params) -> list[Finding]:
    """What a protocol selects of SDTM that is not there: domains, columns, values.

    The study treatment must be there (error); a column that is not there, or a value that is
    there in another spelling, is an error; a value nobody has yet is a warning.
    """
    if params.protocol is None:
        return []
    findings: list[Finding] = []
    for where, records in _selections(params.protocol, "protocol"):
        study_treatment = where == "protocol.exposure.study_treatment"
        domain = records.domain.upper()
        frame = sdtm.get(records.domain)
        if frame is None:
            severity: Severity = "error" if study_treatment else "warning"
            near = _nearest(records.domain, list(sdtm))
            hint = f"; the nearest is '{near}'" if near else ""
            message = f"{where} selects records of {domain}, which was not delivered{hint}"
            findings.append(_absent(severity, domain, "", "domain-absent", message))
            continue
        for column, values in records.where.items():
            findings += _absent_values(frame, domain, where, column, values, study_treatment)
    return findings


def _absent_values(
    frame: pd.DataFrame,
    domain: str,
    where: str,
    column: str,
    values: tuple[str, ...],
    must: bool,
) -> list[Finding]:
    if column not in frame:
        near = _nearest(column, list(frame.columns))
        hint = f"; the nearest is '{near}'" if near else ""
        message = f"{where} selects by {column}, which {domain} does not have{hint}"
        return [_absent("error", domain, column, "column-absent", message)]
    there = {str(v).strip().upper(): str(v) for v in frame[column].unique()}
    findings = []
    anyone = any(value.upper() in there for value in values)
    for value in values:
        if value.upper() in there:
            continue
        near = _nearest(value.upper(), list(there))
        # Beside values that are there, another one is a word that may come yet.
        severity: Severity = "error" if (must or near) and not anyone else "warning"
        hint = f"; the nearest is '{there[near]}'" if near else ""
        message = f"{where} selects {column} = '{value}', which no record of {domain} has{hint}"
        findings.append(_absent(severity, domain, column, "value-absent", message))
    return findings


def _selections(model: BaseModel, path: str) -> Iterator[tuple[str, Records]]:
    """Every selection of records that was written in the params, with its key."""
    for name in sorted(model.model_fields_set):
        yield from _within(getattr(model, name), f"{path}.{name}")


def _within(value: object, path: str) -> Iterator[tuple[str, Records]]:
    if isinstance(value, Records):
        yield path, value
    elif isinstance(value, BaseModel):
        yield from _selections(value, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _within(inner, f"{path}.{key}")
    elif isinstance(value, tuple):
        for inner in value:
            yield from _within(inner, path)


def _nearest(word: str, there: list[str]) -> str:
    """The word that is there and may have been meant; "" for none."""
    plain = {" ".join(w.split()).casefold(): w for w in there if w}
    near = difflib.get_close_matches(" ".join(word.split()).casefold(), plain, n=1, cutoff=0.8)
    return plain[near[0]] if near else ""


def _with_nearest(value: str, known: list[str]) -> str:
    near = _nearest(value, known)
    return f"'{value}'" + (f" (for '{near}'?)" if near else "")


def _listed(words: Iterable[str]) -> str:
    all_words = list(words)
    return ", ".join(all_words[:MOST_NAMED]) + (" …" if len(all_words) > MOST_NAMED else "")


def _absent(severity: Severity, dataset: str, column: str, check: str, message: str) -> Finding:
    return Finding(severity, dataset, column, check, message, ACTION)
