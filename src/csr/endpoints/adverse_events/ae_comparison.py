"""Do arms differ in their adverse events: exact p-values and risk differences by class and term."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.adverse_events.adverse_events import emergent_events, event_needs
from csr.endpoints.adverse_events.ae_by_term import ITEMS, SETS
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
from csr.stats.two_proportions import fisher_p, risk_difference

NAME = "ae-comparison"
NOBODY = "no subject, or every subject, of both groups has the event"


def answer(adam: Adam, params: Params) -> Output:
    """Each arm against the reference: any event, each class, each term.

    Beside the counts, for each level of TRTA but the reference: `p` of Fisher's exact test,
    `difference` of the percentages (arm − reference) with `difference_lcl`, `difference_ucl`.
    p-values are descriptive, without adjustment for their number.
    """
    subjects, events = emergent_events(adam, params)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(events, "ADAE", ["TRTA", *ITEMS], "AESEQ"),
    )
    out = ResultList(NAME, "safety")
    count_subjects(out, rows, "TRTA", params.treatment.values, SETS, ITEMS)
    counts = {
        (line["level1"], line["level2"], line["level3"], line["stat"]): line["value"]
        for line in out.lines
    }
    for (level, soc, pt, stat), n in counts.items():
        if stat != "n" or level in (None, params.treatment.reference):
            continue
        where: Groups = (("TRTA", level), ("AEBODSYS", soc), ("AEDECOD", pt))
        reference = (params.treatment.reference, soc, pt)
        pair = [
            n,
            counts[(level, soc, pt, "N")],
            counts[(*reference, "n")],
            counts[(*reference, "N")],
        ]
        _compare(out, where, [int(v) for v in pair], params.conventions.conf_level)
    return Output(rows, out.frame())


def _compare(out: ResultList, where: Groups, pair: list[int], conf_level: float) -> None:
    p = fisher_p(pair[0], pair[1], pair[2], pair[3])
    out.add(where, "p", p, method="Fisher's exact test", reason=NOBODY if pd.isna(p) else "")
    found = risk_difference(pair[0], pair[1], pair[2], pair[3], conf_level)
    stats = ("difference", "difference_lcl", "difference_ucl")
    for stat, value in zip(stats, found, strict=True):
        why = "no subject in a group" if pd.isna(value) else ""
        out.add(where, stat, 100 * value, unit="%", method="Newcombe 1998", reason=why)


def unasked(params: Params) -> str:
    """Arms are compared only where params name the one they are compared with."""
    return "" if params.treatment.reference else "params declare no treatment.reference"


def needs(params: Params) -> Needs:
    """The events with class and term."""
    return event_needs(params, *ITEMS)


AE_COMPARISON = Analysis(NAME, answer, source="METHODS §5", unasked=unasked, needs=needs)
