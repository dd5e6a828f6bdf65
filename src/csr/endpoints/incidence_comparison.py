"""Gray's test of cumulative incidences: all groups, and each arm against the reference."""

from __future__ import annotations

import pandas as pd

from csr.endpoints.strata import said_strata, strata_of, with_strata, without_stratum
from csr.params import Params
from csr.results import Groups, ResultList
from csr.stats.gray import compare_incidence

STAT = "gray_p"
UNKNOWN = "{n} subject(s) whose time is not known"


def add_gray_tests(
    out: ResultList,
    own: pd.DataFrame,
    subjects: pd.DataFrame,
    params: Params,
    *rest: tuple[str, str],
) -> None:
    """`gray_p` of all groups under TRTA pooled, and of each arm but the reference under its own.

    `own` one row per subject: TRTA, value, event (1 the cause, other numbers what competes, 0
    censored); `rest` are the groups of the result after TRTA. Within `treatment.strata`; nothing
    where params name no reference.
    """
    reference = params.treatment.reference
    if reference is None:
        return
    every = with_strata(own[own["TRTA"].isin(params.treatment.values)], subjects, params)
    seen = [level for level in params.treatment.values if (every["TRTA"] == level).any()]
    _test(out, (("TRTA", None), *rest), every, f"all groups{said_strata(params)}")
    for level in seen:
        if level != reference and reference in seen:
            pair = every[every["TRTA"].isin([level, reference])]
            said = f"against {reference}{said_strata(params)}, not adjusted for the number of arms"
            _test(out, (("TRTA", level), *rest), pair, said)


def _test(out: ResultList, where: Groups, own: pd.DataFrame, against: str) -> None:
    unknown = int(own["value"].isna().sum())
    why = UNKNOWN.format(n=unknown) if unknown else without_stratum(own)
    if why:
        out.add(where, STAT, None, method=f"Gray's test, {against}", reason=why)
        return
    found = compare_incidence(
        own["value"], own["event"].astype(int), own["TRTA"], strata=strata_of(own)
    )
    out.add(where, STAT, found.p, method=f"Gray's test, {against}", reason=found.reason)
