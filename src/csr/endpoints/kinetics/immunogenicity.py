"""Immunogenicity: anti-drug antibodies before and after the first infusion (METHODS §6)."""

from __future__ import annotations

from csr.endpoints.kinetics.kinetics_summary import unasked
from csr.endpoints.populations import subject_needs, subjects_in, with_group
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

BASELINE, AFTER = "With a result before the first infusion", "With a result after it"
BEFORE_POSITIVE = "Positive before the first infusion"
INDUCED = "Treatment-induced: positive after it, not before"
PERSISTENT = "Positive before and after it"
NEGATIVE = "Negative after it, and not positive before"
CATEGORIES = (BASELINE, BEFORE_POSITIVE, AFTER, INDUCED, PERSISTENT, NEGATIVE)
POSITIVE = frozenset({"POSITIVE", "POS", "DETECTED", "Y"})
ITEMS = ("PARAM", "CATEGORY")


def answer(adam: Adam, params: Params) -> Output:
    """Safety subjects by antibody test: positive before, induced, positive throughout, negative.

    A subject without a result before the first infusion counts as not positive before.
    """
    subjects = subjects_in(adam, params, "safety")
    own = with_group(adam["adis"], subjects)
    own = own[(own["ANL01FL"] == "Y") & (own["AVALC"] != "")]
    positive = own["AVALC"].str.upper().isin(POSITIVE)
    after = own["ONTRTFL"] == "Y"
    baseline = own["ABLFL"] == "Y"
    keys = ["USUBJID", "PARAM"]
    flags = own.assign(b=baseline, bp=baseline & positive, a=after, ap=after & positive)
    each = flags.groupby(keys, sort=False)[["b", "bp", "a", "ap"]].any().reset_index()
    each = each.merge(subjects[["USUBJID", "TRTA"]], on="USUBJID")
    which = {
        BASELINE: each["b"],
        BEFORE_POSITIVE: each["bp"],
        AFTER: each["a"],
        INDUCED: each["ap"] & ~each["bp"],
        PERSISTENT: each["ap"] & each["bp"],
        NEGATIVE: each["a"] & ~each["ap"] & ~each["bp"],
    }
    parts = [each[keep].assign(CATEGORY=name) for name, keep in which.items()]
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADIS", ["TRTA", *ITEMS]) for part in parts),
    )
    out = ResultList("immunogenicity", "safety")
    asked = [(str(test), c) for test in sorted(own["PARAM"].unique()) for c in CATEGORIES]
    if asked:
        count_subjects(out, rows, "TRTA", params.treatment.values, [ITEMS], ITEMS, asked)
    return Output(rows, out.frame())


def needs(params: Params) -> Needs:
    """The results, and on which side of the first infusion they are."""
    own = ("USUBJID", "PARAM", "AVALC", "ANL01FL", "ABLFL", "ONTRTFL")
    return subject_needs(params, "safety") + reads("adis", *own)


IMMUNOGENICITY = Analysis("immunogenicity", answer, "METHODS §6", unasked=unasked, needs=needs)
