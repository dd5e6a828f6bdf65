"""Laboratory: shifts of CTCAE grade, severe results, values by visit, Hy's law (METHODS §5)."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.laboratory.by_visit import (
    CHANGES,
    VISIT_COLUMNS,
    one_a_visit,
    summarise_by_visit,
)
from csr.endpoints.laboratory.shift import count_shifts, shift_rows
from csr.endpoints.populations import subject_needs, subjects_in, with_group
from csr.params import Params
from csr.params.laboratory import Laboratory
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

GRADES = ("0", "1", "2", "3", "4")
SEVERE, LIFE_THREATENING = "Grade ≥ 3", "Grade 4"
NOT_GRADABLE = "A result that can't be graded"
DIRECTIONS = ("L", "H")
# A grade is as good as the limits and the baseline it was made from.
GRADED = reads(
    "adlb",
    *("USUBJID", "ATOXDSCL", "ATOXDSCH", "ATOXGRL", "ATOXGRH", "ATOXREAL", "ATOXREAH"),
    *("ANRLO", "ANRHI", "ONTRTFL"),
) + reads_either("adlb", ["BASE"], ["ABLFL"])


# What tells a test by the codes of CDISC, and a result that is known as a bound only.
TESTS = {"ATESTCD": "tests are known by PARAMCD, as params map it"}
SIGNS = {"AQUAL": "a result known as < or > a number only is not told from the number"}


def unasked(params: Params) -> str:
    """Laboratory is analysed where params say how."""
    return "" if params.laboratory is not None else "params declare no laboratory"


def rules_of(params: Params) -> Laboratory:
    """The rules of params, which must be there."""
    if params.laboratory is None:
        raise ValueError("params declare no laboratory")
    return params.laboratory


def result_needs(params: Params) -> Needs:
    """What `results_of` reads, and by what a record is found again."""
    return subject_needs(params, "safety") + reads("adlb", "USUBJID", "ANL01FL", LBSEQ=UNTRACED)


def results_of(adam: Adam, params: Params) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The safety subjects, and their results that count (ANL01FL = Y)."""
    subjects = subjects_in(adam, params, "safety")
    own = with_group(adam["adlb"], subjects)
    return subjects, own[own["ANL01FL"] == "Y"].reset_index(drop=True)


def with_test(records: pd.DataFrame, params: Params) -> pd.DataFrame:
    """The records with TESTCD, the test by the codes of CDISC as params map them.

    ATESTCD where the derivation gave it; a test of another specimen than blood is its PARAMCD.
    """
    names = rules_of(params).tests
    mapped = records["PARAMCD"].map(lambda code: names.get(code, code))
    own = text_of(records, "ATESTCD")
    return records.assign(TESTCD=own.where(own != "", mapped))


def text_of(records: pd.DataFrame, column: str) -> pd.Series:
    """A text column, blank throughout where the data do not have it."""
    if column in records:
        return records[column].fillna("").astype(object)
    return pd.Series("", index=records.index, dtype=object)


def graded(records: pd.DataFrame) -> pd.DataFrame:
    """One row per result and direction that CTCAE grades: TERM, LEVEL (the grade), WHY none."""
    parts = [
        records[records[f"ATOXDSC{d}"] != ""].assign(
            TERM=lambda f, d=d: f[f"ATOXDSC{d}"],
            LEVEL=lambda f, d=d: f[f"ATOXGR{d}"],
            WHY=lambda f, d=d: text_of(f, f"ATOXREA{d}"),
        )
        for d in DIRECTIONS
    ]
    return pd.concat(parts, ignore_index=True)


def answer_shift(adam: Adam, params: Params) -> Output:
    """Per CTCAE term, baseline grade × worst grade after it; ungradable results are missing."""
    subjects = subjects_in(adam, params, "safety")
    records = with_group(adam["adlb"], subjects)
    out = ResultList("lab-shift-grade", "safety")
    shifts = shift_rows(graded(records), subjects, GRADES)
    return Output(count_shifts(out, shifts, subjects, params, "ADLB"), out.frame())


def answer_severe(adam: Adam, params: Params) -> Output:
    """Subjects with a result of grade 3 or 4 after baseline, by CTCAE term and for any of them.

    Beside them those with a result after baseline that can't be graded, for the reason it has.
    """
    subjects = subjects_in(adam, params, "safety")
    records = with_group(adam["adlb"], subjects)
    after = graded(records[records["ONTRTFL"] == "Y"])
    severe = after[after["LEVEL"].isin(["3", "4"])]
    open_ = after[(after["LEVEL"] == "") & (after["WHY"] != "")]
    parts = [
        severe.assign(CATEGORY=SEVERE),
        severe[severe["LEVEL"] == "4"].assign(CATEGORY=LIFE_THREATENING),
        open_.assign(CATEGORY=NOT_GRADABLE),
    ]
    items = ("TERM", "CATEGORY")
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADLB", ["TRTA", *items], _key(part)) for part in parts),
    )
    out = ResultList("lab-grade3plus", "safety")
    groups = params.treatment.values
    categories = [(SEVERE,), (LIFE_THREATENING,), (NOT_GRADABLE,)]
    count_subjects(out, rows, "TRTA", groups, [("CATEGORY",)], items, categories)
    terms = sorted({*severe["TERM"], *open_["TERM"]})
    asked = [(t, c) for t in terms for (c,) in categories]
    if asked:
        count_subjects(out, rows, "TRTA", groups, [items], items, asked)
    return Output(rows, out.frame())


def _key(frame: pd.DataFrame) -> str:
    return "LBSEQ" if "LBSEQ" in frame else ""


def answer_by_visit(adam: Adam, params: Params) -> Output:
    """Values and changes of the tests params name, by visit, the last result of a visit."""
    subjects, records = results_of(adam, params)
    rules = rules_of(params)
    asked = [rules.tests.get(code, code) for code in rules.by_visit]
    every = with_test(records, params)
    own = one_a_visit(every[every["TESTCD"].isin(asked)])
    place = {code: i for i, code in enumerate(asked)}
    own = own.assign(order=own["TESTCD"].map(place)).sort_values("order", kind="stable")
    out = ResultList("lab-by-visit", "safety")
    rows = summarise_by_visit(out, own, subjects, params, rules.visit_percent, "ADLB", _key(own))
    return Output(rows, out.frame())


def shift_needs(params: Params) -> Needs:
    """Subjects, grades, and which result is the baseline."""
    return subject_needs(params, "safety") + GRADED + reads("adlb", "ABLFL")


def severe_needs(params: Params) -> Needs:
    """Results and their grades."""
    return subject_needs(params, "safety") + GRADED + reads("adlb", "USUBJID", LBSEQ=UNTRACED)


def by_visit_needs(params: Params) -> Needs:
    """Results that count, and their visits."""
    return result_needs(params) + reads(
        "adlb", "PARAMCD", *VISIT_COLUMNS, **CHANGES, **TESTS, **SIGNS
    )


SOURCE = "METHODS §5"
LAB_SHIFT = Analysis("lab-shift-grade", answer_shift, SOURCE, unasked=unasked, needs=shift_needs)
LAB_SEVERE = Analysis("lab-grade3plus", answer_severe, SOURCE, unasked=unasked, needs=severe_needs)
LAB_BY_VISIT = Analysis(
    "lab-by-visit", answer_by_visit, SOURCE, unasked=unasked, needs=by_visit_needs
)
