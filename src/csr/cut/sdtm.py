"""The data cut of SDTM."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csr.cut.deaths import days_of_death, later_deaths
from csr.cut.demographics import started_later, take_back_demographics, treated_later
from csr.cut.domains import Cutoff, Domain, Kept, open_domains
from csr.cut.events import take_back_events
from csr.cut.findings import note_undated
from csr.cut.records import count_undatable, decide
from csr.cut.rules import Rules, declared_rules
from csr.cut.values import (
    blank_baseline_flags,
    blank_late_dates,
    blank_study_days,
    drop_supplements,
    first_days,
)
from csr.errors import Finding, sort_findings


@dataclass(frozen=True)
class Cut:
    """SDTM as it was known on the cut-off, and the account of how it came about.

    `sdtm`: the datasets by name, new frames in the order and with the columns of the source;
    derived and dropped datasets are not among them. `counts`: a row a dataset of the source
    (domain, rule, rows_before, rows_after, removed, modified, undatable; rows_before = rows_after +
    removed). `resets`: a row a rule and variable that took something back (domain, reset, column,
    cells; column "" where records went, cells then counts them). `findings`: warnings and notes for
    people, without any value from after the cut-off.
    """

    sdtm: dict[str, pd.DataFrame]
    counts: pd.DataFrame
    resets: pd.DataFrame
    findings: list[Finding]


def cut_sdtm(
    sdtm: Mapping[str, pd.DataFrame],
    *,
    cutoff: dt.date | Mapping[str, dt.date],
    rules: Rules | None = None,
) -> Cut:
    """What was known of the trial at the end of the cut-off day, and nothing else (METHODS §0a).

    `sdtm` holds SDTM datasets by lower-case name (SUPP-- separate); dates are ISO 8601 text. It is
    never modified. `cutoff` is one day for all, or USUBJID → day. `rules` are `declared_rules(...)`
    with the study's own. A record is in if the earliest possible day of its event is on or before
    the cut-off; undated ones stay and are counted; what became known later is taken back. Cutting
    twice gives the same as cutting once, and no value of a cut bears a date after its cut-off.

    Raises DataError naming every dataset without a rule, or the subjects without a cut-off date.
    Tests: tests/spec/test_cut_spec.py, tests/property/test_cut_*.py.
    """
    rules = declared_rules() if rules is None else rules
    limits = Cutoff.of(cutoff)
    domains = open_domains(sdtm, limits, rules)
    deaths = days_of_death(domains)
    later = later_deaths(deaths, limits)
    decide(domains, deaths, later, rules.resets)
    kept = {name: Kept.of(domain, rules.resets) for name, domain in domains.items()}
    findings = _take_back(domains, kept, later, rules)
    findings += note_undated(domains, kept, deaths)
    return Cut(
        sdtm={name: kept[name].frame for name in sdtm if not _is_left_out(domains[name])},
        counts=_counts(domains, kept),
        resets=_resets(kept),
        findings=sort_findings(findings),
    )


def _is_left_out(domain: Domain) -> bool:
    return domain.rule.kind in ("derived", "drop")


def _take_back(
    domains: Mapping[str, Domain], kept: Mapping[str, Kept], later: frozenset[str], rules: Rules
) -> list[Finding]:
    """Events first, then DM, which looks at what is left of them; any other date last but for the
    study days, which follow the dates."""
    findings: list[Finding] = []
    untreated, not_started = treated_later(domains), started_later(domains)
    for part in kept.values():
        findings += take_back_events(part, later, rules)
        blank_baseline_flags(part, untreated)
        if part.domain.code == "SUPP":
            drop_supplements(part, later)
    for part in kept.values():
        if part.domain.rule.kind == "subject":
            take_back_demographics(part, kept, domains, later, rules)
    day_one = first_days(domains)
    for part in kept.values():
        findings += blank_late_dates(part, rules)
        blank_study_days(part, day_one, not_started)
    return findings


_COUNTS = ["domain", "rule", "rows_before", "rows_after", "removed", "modified", "undatable"]


def _counts(domains: Mapping[str, Domain], kept: Mapping[str, Kept]) -> pd.DataFrame:
    rows = [
        {
            "domain": name,
            "rule": domain.rule.label(),
            "rows_before": len(domain.frame),
            "rows_after": len(kept[name].frame),
            "removed": len(domain.frame) - len(kept[name].frame),
            "modified": int(np.count_nonzero(kept[name].touched)),
            "undatable": count_undatable(domain),
        }
        for name, domain in domains.items()
    ]
    return pd.DataFrame(rows, columns=_COUNTS)


def _resets(kept: Mapping[str, Kept]) -> pd.DataFrame:
    rows = [
        (name, reset, column, cells)
        for name, part in kept.items()
        for reset, column, cells in part.log
    ]
    table = pd.DataFrame(rows, columns=["domain", "reset", "column", "cells"])
    return table.groupby(["domain", "reset", "column"], as_index=False)["cells"].sum()
