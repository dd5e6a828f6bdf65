"""Prolonged cytopenia: severe, and not recovered by the days the protocol names (METHODS §5)."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.laboratory.laboratory import rules_of, unasked
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
)

TERMS = {
    "Neutrophil count decreased": "Neutropenia",
    "Platelet count decreased": "Thrombocytopenia",
    "Anemia": "Anaemia",
}
ANY = "Any of them"
SEVERE = ("3", "4")
ITEMS = ("TERM", "CATEGORY")
AT_ALL = "Grade ≥ 3 after the first infusion"


def categories(params: Params) -> tuple[str, ...]:
    """The lines of a block: at all, then not recovered and not assessed by each day."""
    days = rules_of(params).cytopenia_days
    by_day = [(prolonged(d), unseen(d)) for d in days]
    return (AT_ALL, *(name for pair in by_day for name in pair))


def prolonged(day: int) -> str:
    """Grade 3 or more at the last result up to a day."""
    return f"Not recovered to grade ≤ 2 by day {day}"


def unseen(day: int) -> str:
    """Severe before, and without a result that tells."""
    return f"Grade ≥ 3 before, not assessed by day {day}"


def answer(adam: Adam, params: Params) -> Output:
    """Safety subjects with neutropenia, thrombocytopenia or anaemia of grade ≥ 3 by laboratory.

    Days count from the first infusion; results after a second one are not in. Not recovered by a
    day: the last result up to it, no more than params' days before it, is of grade ≥ 3. A subject
    with a severe result but none so near the day is not assessed.
    """
    subjects = subjects_in(adam, params, "safety")
    records = with_group(adam["adlb"], subjects)
    own = records[(records["AINFN"] == 1) & records["ATOXDSCL"].isin(TERMS)]
    own = own.assign(TERM=own["ATOXDSCL"].map(TERMS))[own["ATOXGRL"] != ""]
    own = own.sort_values(["USUBJID", "TERM", "AINFDY"], kind="stable")
    parts = [own[own["ATOXGRL"].isin(SEVERE)].assign(CATEGORY=AT_ALL)]
    for day in rules_of(params).cytopenia_days:
        parts += _by_day(own, day, rules_of(params).cytopenia_seen_days)
    every = [*parts, *(part.assign(TERM=ANY) for part in parts)]
    key = "LBSEQ" if "LBSEQ" in own else ""
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADLB", ["TRTA", *ITEMS], key) for part in every),
    )
    out = ResultList("cytopenia", "safety")
    asked = [(t, c) for t in (ANY, *TERMS.values()) for c in categories(params)]
    count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def _by_day(own: pd.DataFrame, day: int, seen_days: int) -> list[pd.DataFrame]:
    """The last result up to the day where it is severe; and the severe before without one near."""
    until = own[own["AINFDY"] <= day]
    last = until.drop_duplicates(["USUBJID", "TERM"], keep="last")
    near = last["AINFDY"] > day - seen_days
    severe = last["ATOXGRL"].isin(SEVERE)
    keys = until[until["ATOXGRL"].isin(SEVERE)].set_index(["USUBJID", "TERM"]).index.unique()
    ever = pd.MultiIndex.from_frame(last[["USUBJID", "TERM"]]).isin(keys)
    return [
        last[near & severe].assign(CATEGORY=prolonged(day)),
        last[~near & ever].assign(CATEGORY=unseen(day)),
    ]


def needs(params: Params) -> Needs:
    """The grades downwards and the days after the first infusion."""
    own = reads("adlb", "USUBJID", "AINFN", "AINFDY", "ATOXDSCL", "ATOXGRL", LBSEQ=UNTRACED)
    return subject_needs(params, "safety") + own


CYTOPENIA = Analysis("cytopenia", answer, "METHODS §5", unasked=unasked, needs=needs)
