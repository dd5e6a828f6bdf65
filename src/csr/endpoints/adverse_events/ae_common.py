"""The common adverse events: preferred terms by frequency, at any grade and severe."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    emergent_events,
    is_grade_at_least_3,
    severity_of,
    why_unusable,
)
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
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

    Every term is in the results; the display shows those that reach the share of params
    (`conventions.common_percent`) in any group or in total.
    """
    subjects, events = emergent_events(adam, params)
    severe = events.iloc[:0]
    if not why_unusable(events, [severity_of(events, params)]):
        severe = events[is_grade_at_least_3(events, params)]
    both = pd.concat([events.assign(SEVERITY=ANY_GRADE), severe.assign(SEVERITY=SEVERE)])
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(both, "ADAE", ["TRTA", *ITEMS], "AESEQ"),
    )
    out = ResultList(NAME, "safety")
    terms = sorted(events["AEDECOD"].unique())
    asked = [(term, severity) for term in terms for severity in (ANY_GRADE, SEVERE)]
    if asked:
        count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


AE_COMMON = Analysis(NAME, ("adsl", "adae"), answer, source="METHODS §5")
