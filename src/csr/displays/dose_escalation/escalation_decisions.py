"""Table of the escalation as it went: what the rule prescribed for each cohort, what was done."""

from __future__ import annotations

import pandas as pd

from csr.displays.model import Column, Display, Line, Table
from csr.displays.tables.layout import Lookup
from csr.endpoints.dose_escalation.dlt import (
    DLT,
    EVALUABLE,
    NOT_EVALUABLE,
    PENDING,
    judged_needs,
    judged_subjects,
    rules_of,
)
from csr.endpoints.dose_escalation.escalation import ESCALATION, Step, escalation_steps
from csr.params import Params
from csr.params.dose_escalation import Closed, DoseEscalation
from csr.results import Adam, Needs, reads
from csr.rounding import fmt_count
from csr.stats.dose_finding import Decision

COLUMNS = (
    Column("Cohort", "center", 0.6),
    Column("Dose", "left", 0.9),
    Column("First\ninfusion", "left", 0.95),
    Column("Known on", "left", 0.95),
    Column("Evalu-\nable", "center", 0.6),
    Column("DLT", "center", 0.5),
    Column("Pen-\nding", "center", 0.5),
    Column("Not\nevaluable", "center", 0.75),
    Column("The rule prescribes", "left", 2.6),
    Column("Done", "left", 1.5),
    Column("Departure", "left", 1.5),
)
ITEMS = (EVALUABLE, DLT, PENDING, NOT_EVALUABLE)


def draw(results: pd.DataFrame, adam: Adam, params: Params) -> Table:
    """One line per cohort in the order of time; counts are those of its dose on that day."""
    found, rules = Lookup.of(results, ESCALATION.name), rules_of(params)
    lines = []
    for step in escalation_steps(adam, params):
        place = (rules.values[step.level], step.cohort)
        cells = (
            step.cohort,
            rules.label(step.level),
            step.first.isoformat(),
            step.decided.isoformat(),
            *(fmt_count(found.value("n", *place, item)) for item in ITEMS),
            prescribed(step, rules),
            _done(step, rules),
            step.departure or ("" if step.followed is None else "none"),
        )
        lines.append(Line(cells))
    notes = () if rules.closed is None else (last_word(rules.closed),)
    return Table(COLUMNS, tuple(lines), landscape=True, notes=(*notes, *_to_decide(adam, params)))


def last_word(closed: Closed) -> str:
    """`Escalation closed on 2026-05-04: no dose-limiting toxicity; 5 × 10⁸ is recommended.`"""
    return f"Escalation closed on {closed.day.isoformat()}: {closed.statement.rstrip('.')}."


def _to_decide(adam: Adam, params: Params) -> tuple[str, ...]:
    """The events people have to decide on; their subjects are pending until then."""
    subjects = judged_subjects(adam, params)
    if "DLTASK" not in subjects:
        return ()
    asked = subjects[(subjects["DLTASK"] != "") & (subjects["STATUS"] == PENDING)]
    return tuple(
        f"To be decided, pending until then: {who}, {what}."
        for who, what in zip(asked["USUBJID"], asked["DLTASK"], strict=True)
    )


def prescribed(step: Step, rules: DoseEscalation) -> str:
    """What the rule says, or what it will say for each outcome of the pending subjects; nothing
    more once the escalation is closed."""
    stopped = step.settled is not None and not step.settled.continues
    if step.closed is not None and not stopped:
        return "nothing more: the escalation is closed"
    if step.settled is not None:
        return in_words(step.settled, rules)
    each = [
        f"{case}: {in_words(decision, rules)}"
        for case, decision in zip(step.cases, step.outcomes, strict=True)
    ]
    return f"Wait for {step.pending} pending. " + ". ".join(each)


def in_words(decision: Decision, rules: DoseEscalation) -> str:
    """`escalate to 5.0 × 10⁸ (0 of 3 with a DLT)`."""
    label = "" if decision.dose is None else rules.label(decision.dose)
    what = {
        "escalate": f"escalate to {label}",
        "stay": f"stay at {label}",
        "de-escalate": f"de-escalate to {label}",
        "stop": "stop",
    }[decision.action]
    return f"{what} ({decision.why})"


def _done(step: Step, rules: DoseEscalation) -> str:
    if step.closed is not None:
        return f"closed on {step.closed.day.isoformat()}"
    if step.followed is None:
        return "no later cohort"
    if step.followed == step.level:
        return f"stayed at {rules.label(step.followed)}"
    return f"{'escalated' if step.followed > step.level else 'de-escalated'} to " + rules.label(
        step.followed
    )


def needs(params: Params) -> Needs:
    """The judged subjects, and what is to be decided on."""
    return judged_needs(params) + reads(
        "adsl", DLTASK="events that people have to decide on are not said"
    )


DISPLAY = Display(
    name="escalation-decisions",
    kind="table",
    section="14.3.0",
    order=40,
    title="Escalation decisions: what the rule prescribed and what was done",
    population="",
    audience=frozenset({"open", "closed"}),
    analyses=(ESCALATION,),
    needs=needs,
    draw=draw,
    footnotes=(
        "Reconstructed from the data. Known on: the day the next cohort's first subject was "
        "infused, for the last cohort the data cut-off. Counts are of all cohorts at the dose. A "
        "subject whose DLT window was open on that day is pending.",
    ),
    source="ADSL",
)
