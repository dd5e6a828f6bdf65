"""The escalation as it went, reconstructed from the data: what the rule prescribed, what was done.

A step is a cohort. It is decided on the day the next cohort's first subject is infused (the last
one: on the cut-off), from what was known then: a subject whose window was still open is pending,
and no decision rests on a pending subject unless it is the same whatever that subject shows.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csr.endpoints.dose_escalation.dlt import (
    DLT,
    EVALUABLE,
    NO_DLT,
    NOT_EVALUABLE,
    PENDING,
    counts_by_dose,
    judged_needs,
    judged_subjects,
    rules_of,
)
from csr.params import Params
from csr.params.dose_escalation import Closed, DoseEscalation
from csr.results import Adam, Analysis, Output, ResultList, counted_rows, make_rows
from csr.stats.dose_finding import (
    Decision,
    boin,
    boin_boundaries,
    eliminated_from,
    three_plus_three,
)

NAME = "escalation-decisions"
ITEMS = (EVALUABLE, DLT, PENDING, NOT_EVALUABLE)


@dataclass(frozen=True)
class Step:
    """One cohort: its dose, when it was decided on, what was known then, and what followed.

    `n`, `dlt` are cumulative at every dose; `pending` counts open windows at this dose. `outcomes`
    are the rule's decisions should 0, 1, … of the pending have a DLT; one if nobody is pending.
    Whoever can only have a DLT or not be evaluable (an event after a re-infusion is to be decided)
    is not counted as free of one. `cases` says of each which outcome it is.
    `followed` is the dose of the next cohort, None for the last. `departure` is "" where what was
    done is what the rule prescribed. `closed` is the end of the escalation, of the last step where
    params declare it: nothing follows, whatever the rule would prescribe.
    """

    cohort: str
    level: int
    first: date
    decided: date
    known: pd.DataFrame
    n: NDArray[np.int64]
    dlt: NDArray[np.int64]
    pending: int
    outcomes: tuple[Decision, ...]
    cases: tuple[str, ...]
    followed: int | None
    departure: str = ""
    closed: Closed | None = None

    @property
    def settled(self) -> Decision | None:
        """What the rule prescribes; None where that depends on pending subjects."""
        first = self.outcomes[0]
        same = all((d.action, d.dose) == (first.action, first.dose) for d in self.outcomes)
        return first if same else None


def prescribe(
    n: NDArray[np.int64], dlt: NDArray[np.int64], level: int, rules: DoseEscalation
) -> Decision:
    """What the rule of the params prescribes with these counts, the last cohort at `level`."""
    if rules.rule == "3+3":
        return three_plus_three(
            n,
            dlt,
            level,
            deescalate=rules.deescalate,
            expand_at_top=rules.expand_at_top,
            at_once=rules.two_dlts == "at-once",
        )
    largest = max(int(n.max()), 1)
    table = boin_boundaries(
        rules.target, largest, rules.eliminate_above, rules.boin.low, rules.boin.high
    )
    first_out = eliminated_from(n, dlt, rules.target, rules.eliminate_above)
    return boin(n, dlt, level, table, first_out, rules.boin.max_subjects)


def escalation_steps(adam: Adam, params: Params) -> list[Step]:
    """The cohorts in the order of their first infusion."""
    subjects, rules = judged_subjects(adam, params), rules_of(params)
    cohorts = list(dict.fromkeys(subjects["COHORT"]))
    starts = {c: subjects.loc[subjects["COHORT"] == c, "TRTSDT"].min() for c in cohorts}
    steps = []
    for place, cohort in enumerate(cohorts):
        seen = subjects[subjects["COHORT"].isin(cohorts[: place + 1])]
        later = cohorts[place + 1 :]
        following = None
        if later:
            seen = _as_known_on(seen, starts[later[0]])
            following = int(subjects.loc[subjects["COHORT"] == later[0], "LEVEL"].iloc[0])
        day = starts[later[0]].date() if later else params.cut.cutoff
        steps.append(_step(seen, cohort, starts[cohort].date(), day, following, rules))
    if steps and rules.closed is not None:
        steps[-1] = replace(steps[-1], closed=rules.closed)
    return steps


def _as_known_on(subjects: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """The statuses on the morning of a day: open windows and later DLTs are pending."""
    open_window = (subjects["STATUS"] == NO_DLT) & ~(subjects["DLTWENDT"] < day)
    later = (subjects["STATUS"] == DLT) & (subjects["DLTDT"] >= day)
    return subjects.assign(STATUS=subjects["STATUS"].mask(open_window | later, PENDING))


def _step(
    seen: pd.DataFrame,
    cohort: str,
    first: date,
    decided: date,
    followed: int | None,
    rules: DoseEscalation,
) -> Step:
    level = int(seen.loc[seen["COHORT"] == cohort, "LEVEL"].iloc[0])
    n, dlt = counts_by_dose(seen, rules)
    here = seen[seen["LEVEL"] == level]
    pending = int((here["STATUS"] == PENDING).sum())
    at = np.arange(len(n)) == level
    decisions, cases = [], []
    for had, judged in _possible(here):
        decisions.append(prescribe(n + judged * at, dlt + had * at, level, rules))
        out = pending - judged
        cases.append(f"{had} DLT among the pending" + (f", {out} not evaluable" if out else ""))
    said = (tuple(decisions), tuple(cases))
    step = Step(cohort, level, first, decided, here, n, dlt, pending, *said, followed)
    return replace(step, departure=_departure(step, rules))


def _possible(here: pd.DataFrame) -> list[tuple[int, int]]:
    """What may become of the pending at a dose: DLTs among them, and how many are evaluable."""
    pending = here[here["STATUS"] == PENDING]
    or_out = 0
    if {"DLTOBS", "DLTASK"} <= set(pending):
        asked = (pending["DLTASK"] != "") & (pending["DLTOBS"] == NOT_EVALUABLE)
        or_out = int(asked.sum())
    free = len(pending) - or_out
    return sorted({(had + dlt, free + dlt) for had in range(free + 1) for dlt in range(or_out + 1)})


def _departure(step: Step, rules: DoseEscalation) -> str:
    if rules.closed is not None and step.first > rules.closed.day:
        return f"begun after the escalation was closed on {rules.closed.day.isoformat()}"
    if step.followed is None:
        return ""
    done = rules.label(step.followed)
    if step.settled is None:
        return f"the next cohort was begun at {done} with {step.pending} pending"
    if not step.settled.continues:
        return f"the rule stops the escalation; the next cohort was given {done}"
    if step.settled.dose != step.followed:
        return f"the rule gives {rules.label(step.settled.dose or 0)}; given was {done}"
    return ""


def answer(adam: Adam, params: Params) -> Output:
    """For each cohort: evaluable, DLT, pending and not evaluable at its dose when it was decided.

    Counts are cumulative over the cohorts of the dose. A row is a subject in the counts of a
    cohort's decision.
    """
    out, parts = ResultList(NAME, "safety"), []
    for step in escalation_steps(adam, params):
        known = step.known.assign(COHORT=step.cohort)
        judged = known[known["STATUS"].isin([DLT, NO_DLT])]
        other = known[known["STATUS"] != NO_DLT]
        counted = pd.concat([judged.assign(ITEM=EVALUABLE), other.assign(ITEM=other["STATUS"])])
        parts.append(counted_rows(counted, "ADSL", ["TRTA", "COHORT", "ITEM"]))
        dose = rules_of(params).values[step.level]
        for item in ITEMS:
            n = int((counted["ITEM"] == item).sum())
            where = (("TRTA", dose), ("COHORT", step.cohort), ("ITEM", item))
            out.add(where, "n", n, method="distinct subjects")
    nobody = counted_rows(judged_subjects(adam, params).head(0), "ADSL", ["TRTA", "COHORT"])
    return Output(make_rows(*(parts or [nobody.assign(ITEM="")])), out.frame())


ESCALATION = Analysis(NAME, answer, "METHODS §2", ("dlt",), needs=judged_needs)
