"""How severe: subjects at the maximum grade of each class and term; related events by window."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    ANY,
    MISSING_GRADE,
    SEVERITY_LEVELS,
    emergent_events,
    event_needs,
    grade_of,
    is_related,
    say_missing,
    severity_needs,
    why_unusable,
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
    reads,
)

ITEMS = ("AEBODSYS", "AEDECOD", "MAXGRADE")
WINDOW_ITEMS = ("WINDOW", *ITEMS)
ALL = "All"
LOST_WINDOWS = "the windows of days after the first treatment are left out"


def answer_by_grade(adam: Adam, params: Params) -> Output:
    """Subjects by maximum grade: over all events, within each class, and within each term."""
    subjects, events = emergent_events(adam, params)
    worst = worst_grades(events.assign(GRADE=grade_of(events, params)), params)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(worst, "ADAE", ["TRTA", *ITEMS], "AESEQ"),
    )
    out = ResultList("ae-by-soc-pt-grade", "safety")
    asked = [(*term, grade) for term in _terms(worst) for grade in _grades(params)]
    if asked:
        count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def answer_related(adam: Adam, params: Params) -> Output:
    """Subjects with a related event by maximum grade, for events that began within each window.

    WINDOW: `182` (days after the first infusion or dose, that day included), … or `All`. AEBODSYS
    and AEDECOD `(any)` for the upper levels; MAXGRADE pooled counts subjects with any grade.
    An event without a start date counts in every window.
    """
    subjects, events = emergent_events(adam, params)
    out = ResultList("trae-by-soc-pt-grade", "safety")
    population = population_rows(subjects, ["TRTA"])
    if why := why_unusable(events, ["AEREL"]):
        rows = make_rows(
            population, counted_rows(_windowed([], events), "ADAE", ["TRTA", *WINDOW_ITEMS])
        )
        say_missing(out, subjects, params, WINDOW_ITEMS, why)
        return Output(rows, out.frame())
    related = events[is_related(events, params)]
    related = related.assign(GRADE=grade_of(related, params))
    told = windows_told(events, subjects, params)
    worst = _windowed(
        [
            worst_grades(related[within(related, subjects, window)], params).assign(WINDOW=window)
            for window in told
        ],
        related,
    )
    rows = make_rows(population, counted_rows(worst, "ADAE", ["TRTA", *WINDOW_ITEMS], "AESEQ"))
    terms = [(ANY, ANY), *(term for term in _terms(worst) if term != (ANY, ANY))]
    any_grade = [(window, *term) for window in told for term in terms]
    by_grade = [(*where, grade) for where in any_grade for grade in _grades(params)]
    groups = params.treatment.values
    count_subjects(out, rows, "TRTA", groups, [WINDOW_ITEMS[:3]], WINDOW_ITEMS, any_grade)
    count_subjects(out, rows, "TRTA", groups, [WINDOW_ITEMS], WINDOW_ITEMS, by_grade)
    return Output(rows, out.frame())


def windows(params: Params) -> tuple[str, ...]:
    """The windows of related events, in days after the first infusion, and all."""
    return (*(str(days) for days in params.conventions.related_windows), ALL)


def windows_told(events: pd.DataFrame, subjects: pd.DataFrame, params: Params) -> tuple[str, ...]:
    """The windows the data can tell: those of days only where event and treatment are dated."""
    return windows(params) if "ASTDT" in events and "TRTSDT" in subjects else (ALL,)


def within(events: pd.DataFrame, subjects: pd.DataFrame, window: str) -> pd.Series:
    """Which events began on or before day T0 + window; without a start date: all."""
    if window == ALL:
        return pd.Series(True, index=events.index)
    t0 = events["USUBJID"].map(subjects.set_index("USUBJID")["TRTSDT"])
    return ~((events["ASTDT"] - t0).dt.days > int(window))


def worst_grades(events: pd.DataFrame, params: Params) -> pd.DataFrame:
    """One record per subject and term, per subject and class, and per subject: the worst one.

    `events` with GRADE, a level of SEVERITY_LEVELS. AEDECOD is "(any)" on the class level,
    AEBODSYS and AEDECOD on the subject's. A missing grade ranks below every grade; among equals
    the earliest record (lowest AESEQ) stands.
    """
    rank = {grade: i for i, grade in enumerate(_grades(params), 1)} | {MISSING_GRADE: 0}
    subject = pd.factorize(events["USUBJID"], sort=True)[0]
    severity = events["GRADE"].map(rank).to_numpy()
    order = np.lexsort((events["AESEQ"].to_numpy(), -severity, subject))
    columns = ["USUBJID", "TRTA", "AEBODSYS", "AEDECOD", "GRADE", "AESEQ"]
    ordered = events[columns].iloc[order]
    codes = [subject[order], *(pd.factorize(ordered[c])[0] for c in ("AEBODSYS", "AEDECOD"))]
    parts = [ordered[_first(codes[:depth])] for depth in (1, 2, 3)]
    worst = pd.concat(
        [
            parts[0].assign(AEBODSYS=ANY, AEDECOD=ANY),
            parts[1].assign(AEDECOD=ANY),
            parts[2],
        ],
        ignore_index=True,
    )
    return worst.rename(columns={"GRADE": "MAXGRADE"})


def _first(codes: Sequence[np.ndarray]) -> np.ndarray:
    """True at the first row of each combination of codes."""
    key = np.zeros(codes[0].size, dtype=np.int64)
    for code in codes:
        key = key * (int(code.max(initial=0)) + 1) + code
    return ~pd.Series(key).duplicated().to_numpy()


def _windowed(parts: list[pd.DataFrame], events: pd.DataFrame) -> pd.DataFrame:
    if parts:
        return pd.concat(parts, ignore_index=True)
    return events.iloc[:0].assign(WINDOW="", MAXGRADE="")


def _terms(worst: pd.DataFrame) -> list[tuple[str, str]]:
    terms = worst[["AEBODSYS", "AEDECOD"]].drop_duplicates().sort_values(["AEBODSYS", "AEDECOD"])
    return list(terms.itertuples(index=False, name=None))


def _grades(params: Params) -> tuple[str, ...]:
    return SEVERITY_LEVELS[params.conventions.severity]


def needs_by_grade(params: Params) -> Needs:
    """The events with class, term and grade."""
    return event_needs(params, "AEBODSYS", "AEDECOD") + severity_needs(params)


def window_needs() -> Needs:
    """What `within` reads."""
    return reads("adae", ASTDT=LOST_WINDOWS) + reads("adsl", TRTSDT=LOST_WINDOWS)


def needs_related(params: Params) -> Needs:
    """The related events with class, term and grade, and when they began."""
    return needs_by_grade(params) + reads("adae", "AEREL") + window_needs()


AE_BY_SOC_PT_GRADE = Analysis(
    "ae-by-soc-pt-grade",
    answer_by_grade,
    source="METHODS §5",
    needs=needs_by_grade,
)
TRAE_BY_SOC_PT_GRADE = Analysis(
    "trae-by-soc-pt-grade",
    answer_related,
    source="METHODS §5",
    needs=needs_related,
)
