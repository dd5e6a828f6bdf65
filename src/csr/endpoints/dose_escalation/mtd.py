"""The maximum tolerated dose: by the rule of the escalation, and by isotonic regression."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from csr.endpoints.dose_escalation.dlt import (
    DLT,
    EVALUABLE,
    NO_DLT,
    counts_by_dose,
    judged_needs,
    judged_subjects,
    rules_of,
)
from csr.endpoints.dose_escalation.escalation import Step, escalation_steps
from csr.params import Params
from csr.params.dose_escalation import Closed, DoseEscalation
from csr.results import Adam, Analysis, Groups, Output, ResultList, counted_rows, make_rows
from csr.stats.dose_finding import (
    FULL,
    MOST_DLTS,
    boin_isotonic,
    eliminated_from,
    select_isotonic,
    shrunken_rates,
    three_plus_three_mtd,
)

NAME = "mtd"


@dataclass(frozen=True)
class Verdict:
    """What can be said of the MTD: its dose (None: none), and that in words."""

    level: int | None
    words: str


def mtd_verdict(
    n: NDArray[np.int64], dlt: NDArray[np.int64], last: Step | None, rules: DoseEscalation
) -> Verdict:
    """The MTD by the rule of the escalation, or why there is none.

    3+3: the highest dose with at the most one DLT among six or more evaluable. Where the rule would
    escalate beyond the highest planned dose the MTD is not reached. BOIN: by isotonic regression,
    once the trial has ended. While the escalation goes on there is none; where params say that it
    was closed, what can be said is said for good.
    """
    if last is None:
        return Verdict(None, "not determined: nobody was treated in the escalation")
    goes_on = last.settled is None or last.settled.continues
    if last.closed is not None and goes_on:
        return _when_closed(n, dlt, last, last.closed, rules)
    if last.settled is None:
        return Verdict(None, f"not yet determined: {last.pending} subject(s) pending")
    if last.settled.continues:
        return Verdict(None, "not yet determined: the escalation is in progress")
    if last.settled.dose is None:
        return Verdict(None, "below the lowest dose: no dose is tolerated")
    if rules.rule == "boin":
        return _by_isotonic(n, dlt, rules)
    return _by_three_plus_three(n, dlt, rules)


def _when_closed(
    n: NDArray[np.int64], dlt: NDArray[np.int64], last: Step, closed: Closed, rules: DoseEscalation
) -> Verdict:
    """The last word of an escalation that people closed while the rule would have gone on."""
    on = f"the escalation was closed on {closed.day.isoformat()}"
    if last.settled is None:
        return Verdict(None, f"not determined: {on} with {last.pending} subject(s) pending")
    if rules.rule == "boin":
        return _by_isotonic(n, dlt, rules)
    if (dlt <= MOST_DLTS).all():
        highest = rules.label(int(np.flatnonzero(n)[-1]) if n.any() else last.level)
        return Verdict(None, f"not reached; {on}; highest dose evaluated {highest}")
    return _by_three_plus_three(n, dlt, rules)


def _by_isotonic(n: NDArray[np.int64], dlt: NDArray[np.int64], rules: DoseEscalation) -> Verdict:
    first_out = eliminated_from(n, dlt, rules.target, rules.eliminate_above)
    level = select_isotonic(n, dlt, rules.target, first_out)
    words = "none: every dose is eliminated" if level is None else rules.label(level)
    return Verdict(level, words)


def _by_three_plus_three(
    n: NDArray[np.int64], dlt: NDArray[np.int64], rules: DoseEscalation
) -> Verdict:
    top = len(n) - 1
    if n[top] and (dlt <= MOST_DLTS).all():
        return Verdict(None, f"not reached; maximum administered dose {rules.label(top)}")
    level = three_plus_three_mtd(n, dlt)
    if level is not None:
        return Verdict(level, rules.label(level))
    lower = min(i for i, x in enumerate(dlt) if x > MOST_DLTS) - 1
    if lower < 0:
        return Verdict(None, "below the lowest dose: no dose is tolerated")
    return Verdict(
        None,
        f"not established: {rules.label(lower)} has {n[lower]} evaluable subject(s), {FULL} needed",
    )


def answer(adam: Adam, params: Params) -> Output:
    """Per dose the DLT rate shrunken and isotonic (percent, BOIN's weights); then the MTD.

    `mtd` by the rule, `mtd_isotonic` and `maximum_administered` are places of doses, 1 the lowest;
    a missing one has its reason.
    """
    subjects, rules = judged_subjects(adam, params), rules_of(params)
    n, dlt = counts_by_dose(subjects, rules)
    out = ResultList(NAME, "dlt" if "dlt" in params.populations else "safety")
    shrunken, isotonic = shrunken_rates(n, dlt), boin_isotonic(n, dlt)
    for level, dose in enumerate(rules.values):
        where: Groups = (("TRTA", dose),)
        why = "" if n[level] else "no DLT-evaluable subject"
        empty = None if why else 100 * float(shrunken[level])
        out.add((*where, ("ITEM", EVALUABLE)), "n", int(n[level]), method="subjects")
        out.add((*where, ("ITEM", DLT)), "n", int(dlt[level]), method="subjects")
        out.add(where, "shrunken", empty, unit="%", method="(x + 0.05)/(n + 0.1)", reason=why)
        value = 100 * float(isotonic[level])
        out.add(where, "isotonic", value, unit="%", method="isotonic, BOIN weights", reason=why)
    _select(out, subjects, n, dlt, rules, escalation_steps(adam, params))
    evaluable = subjects[subjects["STATUS"].isin([DLT, NO_DLT])]
    items = pd.concat(
        [
            subjects.assign(ITEM="TREATED"),
            evaluable.assign(ITEM=EVALUABLE),
            evaluable[evaluable["STATUS"] == DLT].assign(ITEM=DLT),
        ]
    )
    return Output(make_rows(counted_rows(items, "ADSL", ["TRTA", "ITEM"])), out.frame())


def _select(
    out: ResultList,
    subjects: pd.DataFrame,
    n: NDArray[np.int64],
    dlt: NDArray[np.int64],
    rules: DoseEscalation,
    steps: list[Step],
) -> None:
    verdict = mtd_verdict(n, dlt, steps[-1] if steps else None, rules)
    first_out = eliminated_from(n, dlt, rules.target, rules.eliminate_above)
    nearest = select_isotonic(n, dlt, rules.target, first_out)
    highest = None if subjects.empty else int(subjects["LEVEL"].max())
    none = "every dose is eliminated" if first_out == 0 else "no DLT-evaluable subject"
    for stat, level, why in (
        ("mtd", verdict.level, verdict.words),
        ("mtd_isotonic", nearest, none),
        ("maximum_administered", highest, "nobody was treated in the escalation"),
    ):
        place = None if level is None else level + 1
        reason = why if level is None else ""
        method = rules.rule if stat == "mtd" else ""
        out.add((("TRTA", None),), stat, place, unit="dose", method=method, reason=reason)


MTD = Analysis(NAME, answer, "METHODS §2", ("dlt",), needs=judged_needs)
