"""Exposure and safety: Cmax and AUC after the first infusion by CRS grade and severe events."""

from __future__ import annotations

import numpy as np
import pandas as pd

from csr.endpoints.adverse_events.adverse_events import (
    emergent_events,
    event_needs,
    is_grade_at_least_3,
    severity_needs,
)
from csr.endpoints.kinetics.kinetics_summary import (
    KEY,
    POPULATION,
    found_parameters,
    key_of,
    parameter_needs,
    unasked,
)
from csr.endpoints.populations import subjects_in
from csr.params import Params
from csr.results import (
    Adam,
    Analysis,
    Groups,
    Needs,
    Output,
    ResultList,
    counted_rows,
    make_rows,
    population_rows,
    reads,
    reads_if_there,
)
from csr.stats.association import rank_correlation, rank_sum
from csr.stats.summary import describe_geometric, quantile

NAME = "exposure-safety"
EXPOSURES = ("CMAX", "AUC28")
CRS, SEVERE = "Maximum grade of CRS", "Any TEAE of grade ≥ 3 or severe"
NOT_GRADED = "Not graded"
NONE_ABOVE = "no value above 0"
NONE, YES, NO = "None", "Yes", "No"
LAST_DAY = 28
TOO_FEW = "fewer than two values, or all alike"
ITEMS = ("PARAMCD", "EFFECT", "LEVEL")


def exposures(adam: Adam, params: Params) -> pd.DataFrame:
    """One row per subject, exposure and effect that can be told: value (0 for all BLQ), LEVEL.

    Without ADCE there is no effect on CRS; a subject whose CRS has no grade is "Not graded".
    Without the days of events there is no effect on severe ones.
    """
    own = found_parameters(adam, params)
    own = own[(own["AINFN"] == 1) & own["PARAMCD"].isin(EXPOSURES) & own["value"].notna()]
    parts = [own.iloc[:0].assign(EFFECT="", LEVEL="")]
    if "adce" in adam:
        crs = own["USUBJID"].map(_worst_crs(adam["adce"])).fillna(NONE)
        parts.append(own.assign(EFFECT=CRS, LEVEL=crs))
    severe = _severe(adam, params)
    if severe is not None:
        had = own["USUBJID"].isin(severe).map({True: YES, False: NO})
        parts.append(own.assign(EFFECT=SEVERE, LEVEL=had))
    return pd.concat(parts, ignore_index=True)


def _worst_crs(episodes: pd.DataFrame) -> pd.Series:
    """The maximum grade of CRS after the first infusion; Not graded where no episode has one."""
    own = episodes[(episodes["ACAT1"] == "CRS") & (episodes["AINFN"] == 1)]
    return own.groupby("USUBJID")["AGRADE"].max().replace("", NOT_GRADED)


def _severe(adam: Adam, params: Params) -> set[str] | None:
    """Subjects with a severe event from the first infusion to day 28; None where it is not told."""
    _, events = emergent_events(adam, params)
    if not {"AINFN", "AINFDY", params.conventions.severity} <= set(events):
        return None
    own = events[is_grade_at_least_3(events, params)]
    return set(own.loc[(own["AINFN"] == 1) & (own["AINFDY"] <= LAST_DAY), "USUBJID"])


def answer(adam: Adam, params: Params) -> Output:
    """Geometric mean, median and n of each exposure by effect; Spearman and rank-sum tests.

    CRS: the grade (none is 0, ungraded left out) against the exposure, Spearman's rho. Severe
    events to day 28: with against without, Wilcoxon rank-sum. Source: METHODS §6.
    """
    own = exposures(adam, params)
    subjects = subjects_in(adam, params, POPULATION)
    rows = make_rows(
        population_rows(subjects, ["TRTA"]),
        counted_rows(own, "ADPP", ["TRTA", *ITEMS, "value"], key_of(own, KEY)),
    )
    out = ResultList(NAME, POPULATION)
    for (code, effect), both in own.groupby(["PARAMCD", "EFFECT"], sort=False):
        for level in sorted(both["LEVEL"].unique(), key=lambda x: (x != NONE, x)):
            _describe(out, both[both["LEVEL"] == level], (code, effect, level), params)
        _test(out, both, (code, effect))
    return Output(rows, out.frame())


def _describe(
    out: ResultList, own: pd.DataFrame, levels: tuple[str, str, str], params: Params
) -> None:
    where: Groups = tuple(zip(ITEMS, levels, strict=True))
    values = own["value"].to_numpy()
    unit = str(own["AVALU"].iloc[0])
    out.add(where, "n", own["USUBJID"].nunique(), method="subjects with a value")
    centre = describe_geometric(values, params.conventions.conf_level)
    why = NONE_ABOVE if np.isnan(centre.mean) else ""
    out.add(where, "geomean", centre.mean, unit=unit, method="values above 0", reason=why)
    middle = quantile(values, 0.5, params.conventions.quantile_type)
    out.add(where, "median", middle, unit=unit)


def _test(out: ResultList, both: pd.DataFrame, levels: tuple[str, str]) -> None:
    where: Groups = (*zip(ITEMS, levels, strict=False), (ITEMS[2], None))
    both = both[both["LEVEL"] != NOT_GRADED]
    values = both["value"].to_numpy()
    if levels[1] == CRS:
        order = pd.to_numeric(both["LEVEL"], errors="coerce").fillna(0.0).to_numpy()
        rho, p = rank_correlation(values, order)
        why = TOO_FEW if np.isnan(rho) else ""
        out.add(where, "spearman", rho, method="Spearman's rho, ties averaged", reason=why)
        out.add(where, "spearman_p", p, method="t approximation", reason=why)
        return
    with_event = (both["LEVEL"] == YES).to_numpy()
    p = rank_sum(values[with_event], values[~with_event])
    method = "Wilcoxon rank-sum, normal approximation, ties and continuity corrected"
    out.add(where, "wilcoxon_p", p, method=method, reason=TOO_FEW if np.isnan(p) else "")


def needs(params: Params) -> Needs:
    """Exposures; the grades of CRS, and the severity and days of events, where there are any."""
    severe = "there is nothing on severe events"
    crs = reads_if_there(
        "adce", "there is nothing on CRS", *("USUBJID", "ACAT1", "AINFN", "AGRADE")
    )
    events = event_needs(params) + severity_needs(params, severe)
    return parameter_needs(params) + events + reads("adae", AINFN=severe, AINFDY=severe) + crs


EXPOSURE_SAFETY = Analysis(NAME, answer, "METHODS §6", unasked=unasked, needs=needs)
