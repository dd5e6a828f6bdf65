"""What subjects had before, what else they took, and how the protocol was not kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import pandas as pd

from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.results import (
    UNTRACED,
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
    reads,
    reads_either,
)
from csr.terms import NOT_CODED, spelled


@dataclass(frozen=True)
class Classified:
    """A table of subjects by class and term within it: the dataset, its records, its columns."""

    name: str
    dataset: str
    population: str
    upper: tuple[str, ...]  # the first of these columns the data have
    lower: tuple[str, ...]
    key: str
    which: Callable[[pd.DataFrame], pd.Series] = lambda records: records["USUBJID"] != ""
    which_reads: tuple[str, ...] = ()

    def needs(self, params: Params) -> Needs:
        """A column of classes and one of terms; without the first choice the next is used."""
        instead = {
            first: f"{what} are those of {' or '.join(others)}"
            for what, (first, *others) in (("classes", self.upper), ("terms", self.lower))
            if others
        }
        return (
            subject_needs(params, self.population)
            + reads(self.dataset, "USUBJID", *self.which_reads, **instead, **{self.key: UNTRACED})
            + reads_either(self.dataset, *([name] for name in self.upper))
            + reads_either(self.dataset, *([name] for name in self.lower))
        )


def answer(table: Classified, adam: Adam, params: Params) -> Output:
    """Subjects with any such record, by class, and by term within it; a blank is "Not coded"."""
    subjects = subjects_in(adam, params, table.population)
    records = with_group(adam[table.dataset], subjects)
    records = records[table.which(records)]
    upper, lower = (_column(records, names) for names in (table.upper, table.lower))
    records = records.assign(CLASS=upper, TERM=lower)
    items = ("CLASS", "TERM")
    key = table.key if table.key in records else ""
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(records, table.dataset.upper(), ["TRTA", *items], key),
    )
    out = ResultList(table.name, table.population)
    groups = params.treatment.values
    count_subjects(out, rows, "TRTA", groups, [()], items, [()])
    count_subjects(out, rows, "TRTA", groups, [items[:1], items], items)
    return Output(rows, out.frame())


def _column(records: pd.DataFrame, names: tuple[str, ...]) -> pd.Series:
    for name in names:
        if name in records and (records[name] != "").any():
            return spelled(records[name])
    return pd.Series(NOT_CODED, index=records.index, dtype=object)


TABLES = (
    Classified(
        "medical-history", "admh", "safety", ("MHBODSYS", "MHCAT"), ("MHDECOD", "MHTERM"), "MHSEQ"
    ),
    Classified(
        "concomitant-medication",
        "adcm",
        "safety",
        ("CMCLAS", "CMCAT"),
        ("CMDECOD", "CMTRT"),
        "CMSEQ",
        lambda records: records["ONTRTFL"] == "Y",
        ("ONTRTFL",),
    ),
    Classified(
        "protocol-deviations", "addv", "enrolled", ("DVSCAT",), ("DVCAT", "DVDECOD"), "DVSEQ"
    ),
)


def _analysis(table: Classified) -> Analysis:
    return Analysis(
        table.name,
        partial(answer, table),
        source="METHODS §7",
        needs=table.needs,
    )


MEDICAL_HISTORY, CONCOMITANT_MEDICATION, PROTOCOL_DEVIATIONS = (_analysis(t) for t in TABLES)
