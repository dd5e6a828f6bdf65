"""The data of a cut as analysed: read, checked, cut and derived where they are SDTM, decided."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from csr.derive.account import accounts_frame, find_unexplained, keep_accounts
from csr.derive.contradictions import find_contradictions
from csr.derive.decisions import COLUMNS as DECISION_COLUMNS
from csr.derive.decisions import apply_decisions
from csr.derive.kinetics import KINETICS_FLAG
from csr.derive.last_seen import complete_last_seen, find_undated_events, find_unseen
from csr.derive.params_against_data import (
    find_absent_groups,
    find_absent_parameters,
    find_absent_records,
    find_blank_flags,
)
from csr.derive.reconciliation import find_disagreements
from csr.displays.catalogue import Plan
from csr.errors import Finding, sort_findings
from csr.params import Params
from csr.pipeline.delivered import complete_delivered, delivers_kinetics
from csr.pipeline.from_sdtm import adam_from_sdtm, with_qualifiers
from csr.pipeline.plan import find_lacking, plan_build
from csr.read.check import check_datasets
from csr.read.decisions import read_decisions
from csr.read.source import Source, SourceFile, read_source
from csr.results import Adam

CUT_COUNTS = (
    "domain",
    "rule",
    "rows_before",
    "rows_after",
    "removed",
    "modified",
    "undatable",
)
NOTHING_PLANNED = Plan((), {})
CUT_RESETS = ("domain", "reset", "column", "cells")


@dataclass(frozen=True)
class Checked:
    """The data of a cut as analysed, what was found on the way, and the accounts of it.

    `accounts`: by name the frames that say what the cut and the derivations did with their rows.
    `restricted`: the same, and findings, where they tell of deaths after the cut-off; the report
    and everything made for it hold nothing of them. `plan`: what the report will hold; nothing
    where an error stops the build.
    """

    adam: Adam
    findings: tuple[Finding, ...]
    decisions: pd.DataFrame
    sources: tuple[SourceFile, ...]
    accounts: dict[str, pd.DataFrame] = field(default_factory=dict)
    plan: Plan = NOTHING_PLANNED
    restricted: dict[str, pd.DataFrame] = field(default_factory=dict)
    restricted_findings: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a build."""
        return tuple(f for f in self.findings if f.severity == "error")


def check_data(params: Params, base: Path) -> Checked:
    """Reads and checks the data of a cut and applies the decisions; raises nothing on findings.

    SDTM is cut and derived only where nothing in it is an error. `base` is the folder of the params
    file, to which paths in it are relative.
    """
    with keep_accounts() as book:
        checked = _check_data(params, base)
    accounts = {**checked.accounts, "accounts": accounts_frame(book)}
    plan = checked.plan if checked.errors else plan_build(params, checked.adam, accounts)
    every = sort_findings(
        [
            *checked.findings,
            *find_unexplained(book),
            *find_lacking(plan, delivered=params.protocol is None),
        ]
    )
    return replace(
        checked,
        findings=tuple(f for f in every if not f.restricted),
        restricted_findings=tuple(f for f in every if f.restricted),
        accounts=accounts,
        plan=plan,
    )


def _check_data(params: Params, base: Path) -> Checked:
    source = read_source(params.data, base)
    if params.data.standard == "adam":
        return _decided(_check_adam(source.frames, params), source, params, base, {})
    sdtm, found = check_datasets(source.frames, standard="sdtm", cutoff=params.cut.cutoff)
    if not any(f.severity == "error" for f in found):
        found = [*found, *find_absent_records(with_qualifiers(sdtm), params)]
    if any(f.severity == "error" for f in (*source.findings, *found)):
        nothing = pd.DataFrame(columns=list(DECISION_COLUMNS), dtype=object)
        every = sort_findings([*source.findings, *found])
        return Checked({}, tuple(every), nothing, source.files)
    derived = adam_from_sdtm(sdtm, params, base)
    adam, more = _check_adam(derived.adam, params)
    printed, restricted = (
        {name: frame.assign(domain=frame["domain"].str.upper()) for name, frame in account.items()}
        for account in (derived.printed, derived.restricted)
    )
    checked = _decided((adam, [*derived.findings, *more]), source, params, base, printed)
    return replace(checked, restricted=restricted)


def _check_adam(frames: Adam, params: Params) -> tuple[Adam, list[Finding]]:
    relationship = params.relationship
    adam, findings = check_datasets(
        frames,
        standard="adam",
        cutoff=params.cut.cutoff,
        relationships=() if params.protocol else (*relationship.related, *relationship.not_related),
        needed={"adsl": _needed_of_adsl(frames, params)},
    )
    findings = [
        *findings,
        *find_absent_groups(adam, params),
        *find_absent_parameters(adam, params),
        *find_blank_flags(adam, params),
    ]
    wrong = any(f.severity == "error" for f in findings)
    if not wrong:
        adam, found = complete_delivered(adam, params)
        findings = [*findings, *found]
        wrong = any(f.severity == "error" for f in found)
    if not wrong:
        adam = complete_last_seen(adam, params)
        findings = [*findings, *find_unseen(adam, params), *find_undated_events(adam, params)]
        findings = [*findings, *find_contradictions(adam, params.endpoints, params.conventions)]
        findings = [*findings, *find_disagreements(adam, params)]
    return adam, findings


def _needed_of_adsl(frames: Adam, params: Params) -> list[str]:
    derived = [KINETICS_FLAG] if delivers_kinetics(frames, params) else []
    flags = [p.flag for p in params.populations.values() if p.flag not in ("ALL", *derived)]
    return [params.treatment.actual, params.treatment.planned, *flags]


def _decided(
    checked: tuple[Adam, list[Finding]],
    source: Source,
    params: Params,
    base: Path,
    account: dict[str, pd.DataFrame],
) -> Checked:
    """With the decisions applied, which are the last thing that changes ADaM."""
    adam, findings = checked[0], [*source.findings, *checked[1]]
    decided = pd.DataFrame(columns=list(DECISION_COLUMNS), dtype=object)
    if params.decisions is not None and "adsl" in adam:
        decisions = read_decisions(base / params.decisions)
        adam, decided, wrong = apply_decisions(adam, decisions, params)
        findings += wrong
    return Checked(adam, tuple(sort_findings(findings)), decided, source.files, account)
