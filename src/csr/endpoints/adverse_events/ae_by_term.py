"""Who had which adverse events: subjects by system organ class and preferred term.

One declaration per table: all treatment-emergent events, the severe ones, the serious, the fatal.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    DEATH,
    SEVERITY,
    emergent_events,
    event_needs,
    is_discontinuation,
    is_fatal,
    is_grade_at_least_3,
    is_related,
    say_missing,
    variable_needs,
    why_untold,
)
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

ITEMS = ("AEBODSYS", "AEDECOD")
SETS: tuple[tuple[str, ...], ...] = ((), ("AEBODSYS",), ITEMS)


@dataclass(frozen=True)
class Selection:
    """Which treatment-emergent events a table counts, and the variables it needs to tell them."""

    name: str
    needs: tuple[str, ...]
    which: Callable[[pd.DataFrame, Params], pd.Series]

    def reads(self, params: Params) -> Needs:
        """The events with class and term, and the variables that tell which of them count."""
        found = event_needs(params, *ITEMS)
        for need in self.needs:
            found += variable_needs(need, params)
        return found


def answer(selection: Selection, adam: Adam, params: Params) -> Output:
    """Subjects with any such event, by system organ class, and by preferred term within it."""
    subjects, events = emergent_events(adam, params)
    out = ResultList(selection.name, "safety")
    why = why_untold(events, selection.needs, params)
    chosen = events.iloc[:0] if why else events[selection.which(events, params)]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(chosen, "ADAE", ["TRTA", *ITEMS], "AESEQ"),
    )
    if why:
        say_missing(out, subjects, params, ITEMS, why)
    else:
        groups = params.treatment.values
        count_subjects(out, rows, "TRTA", groups, SETS[:1], ITEMS, [()])
        count_subjects(out, rows, "TRTA", groups, SETS[1:], ITEMS)
        _count_records(out, chosen, groups)
    return Output(rows, out.frame())


def _count_records(out: ResultList, chosen: pd.DataFrame, levels: Sequence[str]) -> None:
    """The number of events beside the number of subjects: over all, by class, by term."""
    for held in SETS:
        pooled = _sizes(chosen, list(held))
        by_group = {level: _sizes(chosen[chosen["TRTA"] == level], list(held)) for level in levels}
        for combination, n in (pooled or {(): 0}).items():
            full = dict(zip(held, combination, strict=True))
            where: Groups = tuple((item, full.get(item)) for item in ITEMS)
            for level in (*levels, None):
                count = n if level is None else by_group[level].get(combination, 0)
                out.add((("TRTA", level), *where), "events", count, method="records")
        if not pooled:
            return


def _sizes(events: pd.DataFrame, held: list[str]) -> dict[tuple[str, ...], int]:
    if not held:
        return {(): len(events)} if len(events) else {}
    sizes = events.groupby(held, sort=True).size()
    return {k if isinstance(k, tuple) else (k,): int(n) for k, n in sizes.items()}


SELECTIONS = (
    Selection("ae-by-soc-pt", (), lambda e, p: e["USUBJID"] != ""),
    Selection("ae-grade3plus", (SEVERITY,), is_grade_at_least_3),
    Selection("sae", ("AESER",), lambda e, p: e["AESER"] == "Y"),
    Selection(
        "sae-related",
        ("AESER", "AEREL"),
        lambda e, p: (e["AESER"] == "Y") & is_related(e, p),
    ),
    Selection("ae-fatal", (DEATH,), lambda e, p: is_fatal(e)),
    Selection("ae-discontinuation", ("AEACN",), lambda e, p: is_discontinuation(e)),
)


def _analysis(selection: Selection) -> Analysis:
    return Analysis(
        selection.name,
        partial(answer, selection),
        source="METHODS §5",
        needs=selection.reads,
    )


AE_BY_SOC_PT, AE_GRADE3PLUS, SAE, SAE_RELATED, AE_FATAL, AE_DISCONTINUATION = (
    _analysis(selection) for selection in SELECTIONS
)
