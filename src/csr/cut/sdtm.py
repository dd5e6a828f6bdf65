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
    cells; column "" where records went, cells then counts them). Both tell of deaths after the
    cut-off to whoever reads them; `printed_counts` and `printed_resets` are the same without that:
    counts of what went from, or was taken back in, DM, the death records and records about records
    are NOT_PRINTED, and nothing taken back for a death counts. `findings`: warnings and notes for
    people, without any value from after the cut-off; those that name a death after it are
    `restricted`.
    """

    sdtm: dict[str, pd.DataFrame]
    counts: pd.DataFrame
    resets: pd.DataFrame
    findings: list[Finding]
    printed_counts: pd.DataFrame
    printed_resets: pd.DataFrame


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
        printed_counts=_counts(domains, kept, printed=True),
        printed_resets=_resets(kept, printed=True),
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


NOT_PRINTED = "not shown"
_COUNTS = ["domain", "rule", "rows_before", "rows_after", "removed", "modified", "undatable"]


def _counts(
    domains: Mapping[str, Domain], kept: Mapping[str, Kept], *, printed: bool = False
) -> pd.DataFrame:
    rows = [_counted(name, domain, kept[name], printed) for name, domain in domains.items()]
    return pd.DataFrame(rows, columns=_COUNTS)


def _counted(name: str, domain: Domain, part: Kept, printed: bool) -> dict[str, object]:
    taken_back = part.touched & ~part.deadly if printed else part.touched
    what_went: dict[str, object] = {
        "rows_before": len(domain.frame),
        "removed": len(domain.frame) - len(part.frame),
        "modified": int(np.count_nonzero(taken_back)),
    }
    if printed and domain.tells_deaths:
        what_went = dict.fromkeys(what_went, NOT_PRINTED)
    return {
        "domain": name,
        "rule": domain.rule.label(),
        "rows_after": len(part.frame),
        "undatable": count_undatable(domain),
        **what_went,
    }


def _resets(kept: Mapping[str, Kept], *, printed: bool = False) -> pd.DataFrame:
    rows = [
        (name, reset, column, shown if printed else cells)
        for name, part in kept.items()
        for reset, column, cells, shown in part.log
        if not printed or (shown and not part.domain.tells_deaths)
    ]
    table = pd.DataFrame(rows, columns=["domain", "reset", "column", "cells"])
    return table.groupby(["domain", "reset", "column"], as_index=False)["cells"].sum()
