"""Records about another record go with it: SUPP--, CO, RELREC, and FA or CE linked by RELREC."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from csr.cut.dates import Mask
from csr.cut.domains import Domain, text

Keys = np.ndarray


def _keys(*columns: np.ndarray) -> pd.Series:
    """One text a row of several key columns."""
    key = pd.Series(columns[0], dtype=object)
    for column in columns[1:]:
        key = key + "\x1f" + pd.Series(column, dtype=object)
    return key


@dataclass
class Targets:
    """Whether what a row points at was `found` in the source, and is `alive` in the cut."""

    found: Mask
    alive: Mask

    @staticmethod
    def none(rows: int) -> Targets:
        return Targets(np.zeros(rows, dtype=bool), np.zeros(rows, dtype=bool))

    def mark(self, rows: np.ndarray, keys: pd.Series, targets: pd.Series, kept: Mask) -> None:
        """Rows `rows`, with keys `keys`, point at `targets`."""
        self.found[rows] |= keys.isin(targets).to_numpy()
        self.alive[rows] |= keys.isin(targets[kept]).to_numpy()

    @property
    def gone(self) -> Mask:
        return self.found & ~self.alive


def _parents_of(name: str, code: str, domains: Mapping[str, Domain]) -> list[Domain]:
    """The datasets a row's RDOMAIN means: the one of the same name ("suppqsph" is of "qsph"), else
    all of the domain."""
    namesake = domains.get(name.removeprefix("supp")) if name.startswith("supp") else None
    if namesake is not None:
        return [namesake]
    return [d for d in domains.values() if code in (d.code, d.name.upper())]


def _pointed_at(name: str, frame: pd.DataFrame, domains: Mapping[str, Domain]) -> Targets:
    """What RDOMAIN, USUBJID, IDVAR and IDVARVAL of each row point at."""
    targets = Targets.none(len(frame))
    where = pd.DataFrame({c: text(frame, c) for c in ("RDOMAIN", "IDVAR")})
    subjects, values = text(frame, "USUBJID"), text(frame, "IDVARVAL")
    for (code, variable), rows in where.groupby(["RDOMAIN", "IDVAR"]).indices.items():
        if not code:
            continue
        for parent in _parents_of(name, str(code), domains):
            if variable and variable not in parent.frame.columns:
                continue
            keys = _keys(subjects[rows], values[rows]) if variable else _keys(subjects[rows])
            columns = [parent.subjects, *([parent.text(str(variable))] if variable else [])]
            targets.mark(rows, keys, _keys(*columns), parent.kept)
    return targets


def drop_supplements(domains: Mapping[str, Domain]) -> None:
    """SUPP-- and CO: a row goes when the record it points at has gone. One whose record is not in
    the source stays, and counts as undatable."""
    for domain in domains.values():
        if domain.rule.kind == "parent" and "RELID" not in domain.frame.columns:
            targets = _pointed_at(domain.name, domain.frame, domains)
            domain.kept &= ~targets.gone
            domain.undatable = ~targets.found & _without_date(domain)


def _without_date(domain: Domain) -> Mask:
    dated = [domain.days(v) > 0 for step in domain.rule.steps() for v in step]
    return ~np.logical_or.reduce([np.zeros(len(domain.frame), dtype=bool), *dated])


def drop_orphaned_relations(domains: Mapping[str, Domain]) -> None:
    """RELREC: a row goes with its record, and what is left of a relation when fewer than two rows
    of it remain. Rows that relate whole datasets (no USUBJID) stay."""
    for domain in domains.values():
        if domain.rule.kind != "parent" or "RELID" not in domain.frame.columns:
            continue
        frame = domain.frame
        targets = _pointed_at(domain.name, frame, domains)
        of_records = (domain.subjects != "") & (text(frame, "IDVARVAL") != "")
        domain.kept &= ~(targets.gone & of_records)
        domain.undatable = of_records & ~targets.found
        domain.kept &= ~_left_alone(domain, of_records)


def _left_alone(domain: Domain, of_records: Mask) -> Mask:
    relation = _keys(domain.subjects, domain.text("RELID"))
    remaining = pd.Series(domain.kept).groupby(relation.to_numpy()).transform("sum").to_numpy()
    size = pd.Series(1, index=relation.index).groupby(relation.to_numpy()).transform("sum")
    return of_records & (remaining < 2) & (remaining < size.to_numpy())


def drop_linked(domains: Mapping[str, Domain]) -> None:
    """CE and FA: a record goes when RELREC relates it to records of its parents' domains and none
    of them remains. Repeated until nothing goes, since a CE may be the parent of an FA."""
    relations = [d.frame for d in domains.values() if "RELID" in d.frame.columns]
    linked = [d for d in domains.values() if d.rule.parents]
    if not relations or not linked:
        return
    going = True
    while going:
        before = sum(int(d.kept.sum()) for d in linked)
        for domain in linked:
            for relrec in relations:
                domain.kept &= ~_linked_gone(domain, relrec, domains)
        going = sum(int(d.kept.sum()) for d in linked) < before


def _linked_gone(domain: Domain, relrec: pd.DataFrame, domains: Mapping[str, Domain]) -> Mask:
    """The records of a domain of whose related parents none remains, by one RELREC."""
    table = pd.DataFrame({c: text(relrec, c) for c in _RELREC})
    parents = {parent.upper() for parent in domain.rule.parents}
    children = table[table["RDOMAIN"].isin({domain.code, domain.prefix})]
    pairs = children.merge(
        table[table["RDOMAIN"].isin(parents)], on=["USUBJID", "RELID"], suffixes=("", "_P")
    )
    targets = Targets.none(len(domain.frame))
    by_dataset = (pairs["IDVARVAL"] == "") & (pairs["IDVARVAL_P"] == "")
    _mark_datasets(domain, pairs[by_dataset], domains, targets)
    _mark_records(domain, pairs[~by_dataset].reset_index(drop=True), domains, targets)
    return targets.gone


_RELREC = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELID")


def _mark_datasets(
    domain: Domain, pairs: pd.DataFrame, domains: Mapping[str, Domain], targets: Targets
) -> None:
    """Datasets related as a whole: the values of two variables are the same (AELNKID, FALNKGRP)."""
    columns = ["IDVAR", "RDOMAIN_P", "IDVAR_P"]
    for own, code, theirs in pairs[columns].drop_duplicates().itertuples(index=False):
        if own not in domain.frame.columns:
            continue
        values = domain.text(own)
        rows = np.flatnonzero(values != "")
        keys = _keys(domain.subjects[rows], values[rows])
        for parent in _with_column(_parents_of("", code, domains), theirs):
            targets.mark(rows, keys, _keys(parent.subjects, parent.text(theirs)), parent.kept)


def _mark_records(
    domain: Domain, pairs: pd.DataFrame, domains: Mapping[str, Domain], targets: Targets
) -> None:
    """Records related one by one."""
    parents = pairs[["USUBJID", "RDOMAIN_P", "IDVAR_P", "IDVARVAL_P"]]
    of_pair = _pointed_at("", parents.rename(columns=lambda c: c.removesuffix("_P")), domains)
    for own, rows in pairs.groupby("IDVAR").indices.items():
        if own not in domain.frame.columns:
            continue
        keys = _keys(domain.subjects, domain.text(str(own)))
        related = _keys(*(pairs[c].to_numpy()[rows] for c in ("USUBJID", "IDVARVAL")))
        targets.found |= keys.isin(related[of_pair.found[rows]]).to_numpy()
        targets.alive |= keys.isin(related[of_pair.alive[rows]]).to_numpy()


def _with_column(domains: Iterable[Domain], column: str) -> list[Domain]:
    return [domain for domain in domains if column in domain.frame.columns]
