"""The common adverse events: preferred terms by frequency, at any grade and severe."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    SEVERITY,
    emergent_events,
    event_needs,
    is_grade_at_least_3,
    severity_needs,
    why_untold,
)
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Needs,
    Output,
    ResultList,
    count_subjects,
    counted_rows,
    make_rows,
    population_rows,
)

NAME = "ae-common"
ITEMS = ("AEDECOD", "SEVERITY")
ANY_GRADE, SEVERE = "Any grade", "Severe or grade ≥ 3"


def answer(adam: Adam, params: Params) -> Output:
    """Subjects with each preferred term, whatever its class: at any grade, and severe.

    Severe ones only where ADAE tells. Every term is in the results; the display shows those that
    reach the share of params (`conventions.common_percent`) in any group or in total.
    """
    subjects, events = emergent_events(adam, params)
    parts = {ANY_GRADE: events}
    if not why_untold(events, [SEVERITY], params):
        parts[SEVERE] = events[is_grade_at_least_3(events, params)]
    both = pd.concat([own.assign(SEVERITY=name) for name, own in parts.items()])
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(both, "ADAE", ["TRTA", *ITEMS], "AESEQ"),
    )
    out = ResultList(NAME, "safety")
    terms = sorted(events["AEDECOD"].unique())
    asked = [(term, severity) for term in terms for severity in parts]
    if asked:
        count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The events with their terms; where severity can't be told, severe ones are not counted."""
    severe = severity_needs(params, "the counts of severe events are not estimable")
    return event_needs(params, "AEDECOD") + severe


AE_COMMON = Analysis(NAME, answer, source="METHODS §5", needs=needs)
