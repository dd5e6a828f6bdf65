"""Which records stay: of the subjects in the cut, dated on or before it, with their parents."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from csr.cut.deaths import event_days, tells_of_death
from csr.cut.domains import Domain
from csr.cut.parents import drop_linked, drop_orphaned_relations, drop_supplements


def decide(
    domains: Mapping[str, Domain], deaths: pd.Series, later: frozenset[str], resets: frozenset[str]
) -> None:
    """Marks, in every dataset, the records that stay and those that could not be dated.

    `deaths` is USUBJID → day of death, `later` who died after the cut-off.
    """
    for domain in domains.values():
        if domain.rule.dates:
            _keep_dated(domain, deaths)
        if "death-records" in resets:
            domain.kept &= ~(tells_of_death(domain) & domain.of_subjects(later))
    absent = _not_in_the_cut(domains)
    for domain in domains.values():
        domain.kept &= ~domain.of_subjects(absent)
    drop_linked(domains)
    drop_supplements(domains)
    drop_orphaned_relations(domains)


def _keep_dated(domain: Domain, deaths: pd.Series) -> None:
    domain.event = event_days(domain, deaths)
    domain.kept &= domain.event <= domain.limit
    domain.undatable = (domain.event == 0) & (domain.rule.kind != "parent")


def _not_in_the_cut(domains: Mapping[str, Domain]) -> frozenset[str]:
    """Subjects of DM first seen after the cut-off."""
    gone: set[str] = set()
    stay: set[str] = set()
    for domain in domains.values():
        if domain.rule.kind == "subject":
            subjects = domain.subjects
            stay.update(subjects[domain.kept])
            gone.update(subjects[~domain.kept])
    return frozenset(gone - stay)


def count_undatable(domain: Domain) -> int:
    """Records that stay because no date says otherwise."""
    return int(np.count_nonzero(domain.undatable & domain.kept))
