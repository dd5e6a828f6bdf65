"""Hy's law: who had raised aminotransferases and bilirubin without cholestasis."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.laboratory.laboratory import (
    SIGNS,
    TESTS,
    result_needs,
    results_of,
    text_of,
    unasked,
    with_test,
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

AMINO, BILIRUBIN, PHOSPHATASE = ("ALT", "AST"), "BILI", "ALP"
AMINO_TIMES, BILIRUBIN_TIMES, PHOSPHATASE_TIMES = 3.0, 2.0, 2.0
ABOVE = {
    "ALT or AST > 3 × ULN": lambda p: p["amino"] > AMINO_TIMES,
    "ALT or AST > 5 × ULN": lambda p: p["amino"] > 5,
    "ALT or AST > 10 × ULN": lambda p: p["amino"] > 10,
    "Bilirubin > 2 × ULN": lambda p: p["bilirubin"] > BILIRUBIN_TIMES,
    "ALT or AST > 3 × ULN and bilirubin > 2 × ULN": lambda p: (
        (p["amino"] > AMINO_TIMES) & (p["bilirubin"] > BILIRUBIN_TIMES)
    ),
}
CANDIDATE = "Potential Hy's law: and alkaline phosphatase < 2 × ULN"


def peak_needs(params: Params) -> Needs:
    """What `liver_peaks` reads: without upper limits there are no multiples of them."""
    return result_needs(params) + reads(
        "adlb", "PARAMCD", "AVAL", "ANRHI", "ONTRTFL", **TESTS, **SIGNS
    )


def liver_peaks(adam: Adam, params: Params) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The safety subjects, and per subject the highest multiple of the ULN after baseline.

    Columns amino (ALT or AST), bilirubin, phosphatase; missing where there is no result with a
    limit; TRTA. A result below a number only may be nothing; one above a number only is at least
    that, and of alkaline phosphatase not known to be below anything.
    """
    subjects, records = results_of(adam, params)
    after = records[(records["ONTRTFL"] == "Y") & (records["ANRHI"] > 0)]
    after = with_test(after, params)
    after = after.assign(times=_least_times(after))
    peaks = after.pivot_table(index="USUBJID", columns="TESTCD", values="times", aggfunc="max")
    for code in (*AMINO, BILIRUBIN, PHOSPHATASE):
        if code not in peaks:
            peaks[code] = float("nan")
    table = pd.DataFrame(
        {
            "amino": peaks[list(AMINO)].max(axis=1),
            "bilirubin": peaks[BILIRUBIN],
            "phosphatase": peaks[PHOSPHATASE],
        }
    )
    known = table.dropna(subset=["amino", "bilirubin"], how="all").reset_index()
    return subjects, known.merge(subjects[["USUBJID", "TRTA"]], on="USUBJID")


def _least_times(after: pd.DataFrame) -> pd.Series:
    """The multiple of the ULN that a result is for certain, or, of ALP, at most."""
    sign = text_of(after, "AQUAL").str[:1]
    phosphatase = after["TESTCD"] == PHOSPHATASE
    times = after["AVAL"] / after["ANRHI"]
    times = times.mask((sign == "<") & ~phosphatase, 0.0)
    return times.mask((sign == ">") & phosphatase, float("inf"))


def is_candidate(peaks: pd.DataFrame) -> pd.Series:
    """Raised aminotransferase and bilirubin, and alkaline phosphatase that is known and below 2."""
    raised = (peaks["amino"] > AMINO_TIMES) & (peaks["bilirubin"] > BILIRUBIN_TIMES)
    return raised & (peaks["phosphatase"] < PHOSPHATASE_TIMES)


def answer(adam: Adam, params: Params) -> Output:
    """Safety subjects by the peaks after baseline, whenever each was."""
    subjects, peaks = liver_peaks(adam, params)
    parts = [peaks[which(peaks)].assign(CATEGORY=name) for name, which in ABOVE.items()]
    parts.append(peaks[is_candidate(peaks)].assign(CATEGORY=CANDIDATE))
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        *(counted_rows(part, "ADLB", ["TRTA", "CATEGORY"]) for part in parts),
    )
    out = ResultList("hys-law", "safety")
    asked = [(name,) for name in (*ABOVE, CANDIDATE)]
    groups = params.treatment.values
    count_subjects(out, rows, "TRTA", groups, [("CATEGORY",)], ("CATEGORY",), asked)
    return Output(rows, out.frame())


SOURCE = "METHODS §5; FDA DILI guidance 2009"
HYS_LAW = Analysis("hys-law", answer, SOURCE, unasked=unasked, needs=peak_needs)
